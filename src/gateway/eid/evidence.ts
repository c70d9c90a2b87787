/** What an identity rests upon: the provider's own words, and a hash of them for those who do not keep the words. */
import { createHash } from 'node:crypto';
import type { EidIdentity } from './eid-provider.js';

/** `received`: as it came, text or a JSON value. */
export function makeEvidence(received: unknown): Pick<EidIdentity, 'evidence' | 'evidenceHash'> {
  const evidence = typeof received === 'string' ? received : JSON.stringify(received);
  return { evidence, evidenceHash: hashEvidence(evidence) };
}

/** SHA-256, hex: the same for evidence that was kept, to compare with the hash that was. */
export function hashEvidence(evidence: string): string {
  return createHash('sha256').update(evidence).digest('hex');
}
