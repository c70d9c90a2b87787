/**
 * Who is at the other end: the certificate that signalling announced, and the proof that the peer holds its key.
 * werift 0.24.4 checks neither the CertificateVerify signature nor Finished, and a certificate by itself is public.
 */
import { timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { ByteCursor } from './byte-cursor.js';
import { pemOf, publicKeyOf } from './certificate-key.js';
import { fingerprintAlgorithms, fingerprintValue, type DtlsFingerprint } from './dtls-certificate.js';
import { type DtlsFailure } from './dtls-reasons.js';

export interface ClientIdentity {
  certificatePem: string;
  publicKey: KeyObject;
  /** the SignatureAndHashAlgorithm that its CertificateVerify has to name */
  signatureAlgorithm: number;
}

/** What werift's CertificateRequest offers (RFC 5246 section 7.4.1.4.1). */
const ECDSA_SHA256 = 0x0403;
const RSA_PKCS1_SHA256 = 0x0401;

const MIN_RSA_BITS = 2048;
/** verification time grows with the square of the modulus */
const MAX_RSA_BITS = 8192;

/** Reads a Certificate message; null when it is malformed. The leaf comes first; an empty list has no leaf. */
export function parseCertificateList(body: Uint8Array): { leaf: Uint8Array | null } | null {
  const cursor = new ByteCursor(body);
  const list = new ByteCursor(cursor.take(cursor.u24()));
  if (cursor.failed || !cursor.done) return null;
  let leaf: Uint8Array | null = null;
  while (!list.done) {
    const certificate = list.take(list.u24());
    if (list.failed) return null;
    leaf ??= certificate;
  }
  return { leaf: leaf && leaf.length > 0 ? leaf : null };
}

/** The identity of a leaf certificate, provided that its fingerprint is one of those announced. */
export function identifyClient(
  leaf: Uint8Array,
  announced: readonly DtlsFingerprint[],
): ClientIdentity | DtlsFailure {
  if (!announced.some((fingerprint) => matches(leaf, fingerprint))) return 'fingerprint-mismatch';
  try {
    const publicKey = publicKeyOf(leaf);
    const signatureAlgorithm = requiredSignatureAlgorithm(publicKey);
    if (signatureAlgorithm === 0) return 'bad-certificate';
    return { certificatePem: pemOf(leaf), publicKey, signatureAlgorithm };
  } catch {
    return 'bad-certificate';
  }
}

/** Checks a CertificateVerify body against the transcript up to and including ClientKeyExchange. */
export function verifiesCertificate(
  body: Uint8Array,
  identity: ClientIdentity,
  transcript: Uint8Array,
): boolean {
  const cursor = new ByteCursor(body);
  const algorithm = cursor.u16();
  const signature = cursor.take(cursor.u16());
  if (cursor.failed || !cursor.done || algorithm !== identity.signatureAlgorithm) return false;
  try {
    return verify('sha256', transcript, identity.publicKey, signature);
  } catch {
    return false;
  }
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function matches(leaf: Uint8Array, fingerprint: DtlsFingerprint): boolean {
  if (!fingerprintAlgorithms.includes(fingerprint.algorithm)) return false;
  return fingerprintValue(leaf, fingerprint.algorithm) === fingerprint.value.toUpperCase();
}

function requiredSignatureAlgorithm(key: KeyObject): number {
  if (key.asymmetricKeyType === 'ec') return ECDSA_SHA256;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return key.asymmetricKeyType === 'rsa' && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS
    ? RSA_PKCS1_SHA256
    : 0;
}
