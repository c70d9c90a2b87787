import t from 'tap';
import { makeFrejaHarness } from '../../support/eid/freja/harness.js';
import { conformsToEidProvider } from './conformance.js';

conformsToEidProvider(t, () => makeFrejaHarness());
