import t from 'tap';
import { makeOidcHarness } from '../../support/eid/oidc/harness.js';
import { conformsToEidProvider } from './conformance.js';

conformsToEidProvider(t, () => makeOidcHarness());
