import type { VerifiedPerson } from '../../../shared/api.js';

/** The id that the test e-ID has in every service. */
const TEST_PROVIDER = 'test';

/** Whether it was said with the test e-ID, which proves nothing: said so wherever the person is shown. */
export function isTestProof({ provider }: Pick<VerifiedPerson, 'provider'>): boolean {
  return provider === TEST_PROVIDER;
}
