/** The pages for those who work with the service, in Swedish: see test/support/browser/service-look.ts. */
import t from 'tap';
import { lookAtPages } from '../support/browser/service-look.js';
import { staffScenarios } from '../support/browser/service-scenarios.js';

await lookAtPages(t, staffScenarios, 'sv');
