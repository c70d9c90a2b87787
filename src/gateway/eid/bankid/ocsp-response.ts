/**
 * The OCSP response (RFC 6960) that comes with a signature: it says that the person's certificate was good at that moment. Its
 * nonce begins with the SHA-1 of the signature, which ties the two together.
 */
import { createHash, verify } from 'node:crypto';
import { hasKeyUsage, isValidAt, type ReadCertificate, readCertificate } from './certificate.js';
import { isIssuedBy, signatureHash } from './certificate-chain.js';
import {
  bitStringOctets,
  children,
  contextTag,
  type Der,
  expectTag,
  readDer,
  readGeneralizedTime,
  readOid,
  Tag,
} from './der.js';
import { ensure, ProofError } from './proof-error.js';

export interface OcspExpectation {
  readonly certificate: ReadCertificate;
  readonly issuer: ReadCertificate;
  /** base64, as received. */
  readonly signature: string;
  /** Nothing older than the order proves anything for it. Milliseconds since 1970. */
  readonly startedAt: number;
  readonly now: number;
}

/** The service's clock and ours. */
const CLOCK_SKEW_MS = 2 * 60_000;
/** How old a responder's own knowledge may be, when it does not say until when it holds. */
const MAX_STATUS_AGE_MS = 24 * 60 * 60_000;

const OID = {
  basic: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
  signingUsage: '1.3.6.1.5.5.7.3.9',
};
/** Of `CertID`. */
const CERT_ID_HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
};
const GOOD = 0x80;

/** Throws a `ProofError` unless the response says, now and for this signature, that the certificate is good. */
export function verifyOcspResponse(der: Uint8Array, expected: OcspExpectation): void {
  let response: BasicResponse;
  try {
    response = readResponse(der);
  } catch (error) {
    if (error instanceof ProofError) throw error;
    throw new ProofError('ocsp-unreadable');
  }
  verifySigner(response, expected);
  verifyStatus(response, expected);
  // SHA-1 here is BankID's choice; what is signed does not rest upon it.
  const prefix = createHash('sha1').update(expected.signature).digest();
  ensure(response.nonce !== null && prefix.equals(response.nonce.subarray(0, prefix.length)), 'ocsp-nonce');
}

interface BasicResponse {
  readonly signed: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
  readonly certificates: readonly ReadCertificate[];
  readonly producedAt: number;
  readonly statuses: readonly SingleStatus[];
  readonly nonce: Uint8Array | null;
}

interface SingleStatus {
  readonly hash: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  readonly serial: Uint8Array;
  readonly status: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
}

function verifySigner(response: BasicResponse, { issuer, now }: OcspExpectation): void {
  const hash = signatureHash(response.algorithm);
  ensure(hash !== null, 'chain-algorithm');
  const [delegate] = response.certificates;
  const isIssuer = delegate === undefined || delegate.raw.equals(issuer.raw);
  if (!isIssuer) {
    // Section 4.2.2.2: issued directly by the same CA, for this purpose.
    const usages: string[] = delegate.x509.keyUsage ?? [];
    ensure(isIssuedBy(delegate, issuer) && usages.includes(OID.signingUsage), 'ocsp-signer');
    ensure(signatureHash(delegate.parsed.signatureOID) !== null, 'chain-algorithm');
    ensure(isValidAt(delegate, now), 'chain-expired');
    ensure(
      !delegate.parsed.isCA && hasKeyUsage(delegate, 'digitalSignature', 'nonRepudiation'),
      'ocsp-signer',
    );
  }
  const signer = isIssuer ? issuer : delegate;
  ensure(verify(hash, response.signed, signer.x509.publicKey, response.signature), 'ocsp-signature');
}

function verifyStatus({ producedAt, statuses }: BasicResponse, expected: OcspExpectation): void {
  const ours = statuses.find((status) => concerns(status, expected));
  ensure(ours !== undefined, 'ocsp-other-certificate');
  ensure(ours.status === GOOD, 'ocsp-status');
  const latest = expected.now + CLOCK_SKEW_MS;
  ensure(producedAt >= expected.startedAt - CLOCK_SKEW_MS && producedAt <= latest, 'ocsp-stale');
  ensure(ours.thisUpdate >= expected.now - MAX_STATUS_AGE_MS && ours.thisUpdate <= latest, 'ocsp-stale');
  ensure(ours.nextUpdate === null || ours.nextUpdate >= expected.now - CLOCK_SKEW_MS, 'ocsp-stale');
}

function concerns(status: SingleStatus, { certificate, issuer }: OcspExpectation): boolean {
  const hash = (bytes: Uint8Array): Buffer => createHash(status.hash).update(bytes).digest();
  return (
    Buffer.compare(status.serial, certificate.serial) === 0 &&
    hash(issuer.subject).equals(status.issuerNameHash) &&
    hash(issuer.publicKey).equals(status.issuerKeyHash)
  );
}

function readResponse(der: Uint8Array): BasicResponse {
  const [outcome, wrapped] = children(expectTag(readDer(der), Tag.SEQUENCE));
  // Anything but `successful` has no more to say.
  ensure(expectTag(outcome, Tag.ENUMERATED).content[0] === 0, 'ocsp-status');
  const [type, octets] = children(children(expectTag(wrapped, contextTag(0)))[0]);
  ensure(readOid(type) === OID.basic, 'ocsp-unreadable');
  const basic = children(readDer(expectTag(octets, Tag.OCTET_STRING).content));
  const [data, algorithm, signature, certificates] = basic;
  const fields = children(data);
  if (fields[0].tag === contextTag(0)) fields.shift();
  const [, producedAt, responses, extensions] = fields;
  return {
    signed: data.raw,
    algorithm: readOid(children(algorithm)[0]),
    signature: bitStringOctets(signature),
    certificates: certificates
      ? children(children(certificates)[0]).map(({ raw }) => readCertificate(raw))
      : [],
    producedAt: readGeneralizedTime(producedAt),
    statuses: children(responses).map(readStatus),
    nonce: extensions ? readNonce(expectTag(extensions, contextTag(1))) : null,
  };
}

function readStatus(element: Der): SingleStatus {
  const [certId, status, thisUpdate, next] = children(element);
  const [algorithm, nameHash, keyHash, serial] = children(certId);
  const oid = readOid(children(algorithm)[0]);
  ensure(Object.hasOwn(CERT_ID_HASHES, oid), 'ocsp-unreadable');
  return {
    hash: CERT_ID_HASHES[oid],
    issuerNameHash: expectTag(nameHash, Tag.OCTET_STRING).content,
    issuerKeyHash: expectTag(keyHash, Tag.OCTET_STRING).content,
    serial: expectTag(serial, Tag.INTEGER).content,
    status: status.tag,
    thisUpdate: readGeneralizedTime(thisUpdate),
    nextUpdate: next?.tag === contextTag(0) ? readGeneralizedTime(children(next)[0]) : null,
  };
}

function readNonce(extensions: Der): Uint8Array | null {
  for (const extension of children(children(extensions)[0])) {
    const parts = children(extension);
    if (readOid(parts[0]) !== OID.nonce) continue;
    const value = expectTag(parts.at(-1), Tag.OCTET_STRING).content;
    // RFC 8954 wraps the nonce in an OCTET STRING of its own; older responders do not.
    return value[0] === Tag.OCTET_STRING && value[1] === value.length - 2 ? value.subarray(2) : value;
  }
  return null;
}
