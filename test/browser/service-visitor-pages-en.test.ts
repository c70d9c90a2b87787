/** What visitors meet, in English: see test/support/browser/service-look.ts. */
import t from 'tap';
import { lookAtPages } from '../support/browser/service-look.js';
import { visitorScenarios } from '../support/browser/service-scenarios.js';

await lookAtPages(t, visitorScenarios, 'en');
