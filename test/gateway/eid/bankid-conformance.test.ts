import t from 'tap';
import { makeBankIdHarness } from '../../support/eid/bankid/harness.js';
import { conformsToEidProvider } from './conformance.js';

conformsToEidProvider(t, () => makeBankIdHarness());
