/**
 * Why a BankID proof does not hold. The reason is a word for logs and counters: nothing of the person or of what was received
 * is in it.
 */
export type ProofReason =
  | 'completion-incomplete'
  | 'signature-not-base64'
  | 'signature-too-large'
  | 'xml-doctype'
  | 'xml-malformed'
  | 'xml-profile'
  | 'xml-algorithm'
  | 'xml-digest'
  | 'xml-signature-value'
  | 'certificate-unreadable'
  | 'chain-broken'
  | 'chain-untrusted'
  | 'chain-constraint'
  | 'chain-algorithm'
  | 'chain-expired'
  | 'leaf-usage'
  | 'person-mismatch'
  | 'signed-data-mismatch'
  | 'ocsp-unreadable'
  | 'ocsp-status'
  | 'ocsp-signer'
  | 'ocsp-signature'
  | 'ocsp-other-certificate'
  | 'ocsp-stale'
  | 'ocsp-nonce';

/** Thrown by the steps of the verification; `verifyCompletion` catches it. */
export class ProofError extends Error {
  override readonly name = 'ProofError';
  constructor(readonly reason: ProofReason) {
    super(reason);
  }
}

export function ensure(condition: boolean, reason: ProofReason): asserts condition {
  if (!condition) throw new ProofError(reason);
}
