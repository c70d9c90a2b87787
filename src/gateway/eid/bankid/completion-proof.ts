/**
 * Whether BankID's completion data prove who somebody is: the person's own signature over what we asked them to sign, under a
 * certificate that leads to BankID's root and that was good at that moment. The service's word alone is not enough.
 */
import type { EidIdentity } from '../eid-provider.js';
import { makeEvidence } from '../evidence.js';
import { hasKeyUsage, type ReadCertificate, subjectAttribute } from './certificate.js';
import { verifyChain } from './certificate-chain.js';
import { verifyOcspResponse } from './ocsp-response.js';
import { ensure, ProofError, type ProofReason } from './proof-error.js';
import type { CompletionData } from './rp-answers.js';
import { readSignature, type SignedData, verifySignature } from './xml-signature.js';

export interface CompletionExpectation {
  readonly roots: readonly ReadCertificate[];
  /** What was sent with the order, base64. */
  readonly userVisibleData: string | null;
  readonly userNonVisibleData: string;
  readonly startedAt: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type ProvenPerson = Pick<
  EidIdentity,
  'subject' | 'name' | 'givenName' | 'surname' | 'evidence' | 'evidenceHash'
>;

export type CompletionVerdict =
  | { readonly person: ProvenPerson; readonly reason: null }
  | { readonly person: null; readonly reason: ProofReason };

const ATTRIBUTE = {
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  givenName: '2.5.4.42',
};

/** Never throws. */
export function verifyCompletion(data: CompletionData, expected: CompletionExpectation): CompletionVerdict {
  try {
    return { person: prove(data, expected), reason: null };
  } catch (error) {
    // A fault in a parser is no proof either.
    return { person: null, reason: error instanceof ProofError ? error.reason : 'xml-malformed' };
  }
}

function prove(data: CompletionData, expected: CompletionExpectation): ProvenPerson {
  const { signature, ocspResponse, personalNumber } = data;
  ensure(signature !== null && ocspResponse !== null && personalNumber !== null, 'completion-incomplete');
  const { roots, startedAt, now } = expected;

  const unverified = readSignature(signature);
  const [leaf] = unverified.certificates;
  const issuer = verifyChain(unverified.certificates, roots, now);
  ensure(!leaf.parsed.isCA && !hasKeyUsage(leaf, 'keyCertSign'), 'leaf-usage');
  ensure(hasKeyUsage(leaf, 'digitalSignature', 'nonRepudiation'), 'leaf-usage');
  compareSignedData(verifySignature(unverified), expected);

  const subject = subjectAttribute(leaf, ATTRIBUTE.serialNumber);
  ensure(
    subject !== null && /^(19|20)\d{10}$/.test(subject) && subject === personalNumber,
    'person-mismatch',
  );

  ensure(/^[A-Za-z\d+/]+={0,2}$/.test(ocspResponse), 'ocsp-unreadable');
  verifyOcspResponse(Buffer.from(ocspResponse, 'base64'), {
    certificate: leaf,
    issuer,
    signature,
    startedAt,
    now,
  });

  // Names too from the certificate: the service's own copy of them is not signed.
  const givenName = subjectAttribute(leaf, ATTRIBUTE.givenName);
  const surname = subjectAttribute(leaf, ATTRIBUTE.surname);
  const name = subjectAttribute(leaf, ATTRIBUTE.commonName) ?? [givenName, surname].filter(Boolean).join(' ');
  ensure(name !== '', 'person-mismatch');
  return {
    subject,
    name,
    ...(givenName !== null && { givenName }),
    ...(surname !== null && { surname }),
    ...makeEvidence(data.received),
  };
}

function compareSignedData(signed: SignedData, expected: CompletionExpectation): void {
  ensure(
    signed.userNonVisibleData === expected.userNonVisibleData &&
      (signed.userVisibleData ?? '') === (expected.userVisibleData ?? ''),
    'signed-data-mismatch',
  );
}
