/** Who somebody is, without keeping their number: hashes that only this service's secret can make. */
import { createHmac } from 'node:crypto';
import type { EidIdentity, SubjectType } from 'sluss/gateway';
import type { SessionIdentity } from './store/records.js';

export class Identities {
  /** `secret`: at least 32 bytes. */
  constructor(private readonly secret: Uint8Array) {
    if (secret.length < 32) throw new TypeError('the secret must have at least 32 bytes');
  }

  /** Hex. `subject` in its normal form: 12 digits, HSA-ID in upper case, e-mail in lower case. */
  hash(type: SubjectType, subject: string): string {
    return createHmac('sha256', this.secret)
      .update(`${type}:${normalSubject(type, subject)}`)
      .digest('hex');
  }

  /**
   * For logs: enough to follow somebody through them, too little to look anybody up. Letters only, so that it never looks
   * like a personal number.
   */
  pseudonym(subjectHash: string): string {
    const digest = createHmac('sha256', this.secret).update(`pseudonym:${subjectHash}`).digest('hex');
    return `person:${digest.slice(0, 16).replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)])}`;
  }

  /** What a session keeps of a proven identity. */
  forSession(identity: EidIdentity, keepEvidence: boolean): SessionIdentity {
    return {
      name: identity.name,
      provider: identity.provider,
      assurance: identity.assurance,
      subjectType: identity.subjectType,
      subjectHash: this.hash(identity.subjectType, identity.subject),
      otherHashes: (identity.alsoKnownAs ?? []).map(({ type, subject }) => this.hash(type, subject)),
      authenticatedAt: identity.authenticatedAt,
      evidenceHash: identity.evidenceHash,
      evidence: keepEvidence ? identity.evidence : null,
    };
  }
}

/** True when the identity is the person with this hash, by any of the numbers that it proves. */
export function isPerson(identity: SessionIdentity, subjectHash: string): boolean {
  return identity.subjectHash === subjectHash || identity.otherHashes.includes(subjectHash);
}

function normalSubject(type: SubjectType, subject: string): string {
  if (type === 'email') return subject.trim().toLowerCase();
  if (type === 'hsa-id') return subject.trim().toUpperCase();
  return subject.trim();
}
