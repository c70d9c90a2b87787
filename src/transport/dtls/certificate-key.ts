/**
 * The public key in an X.509 certificate. Browsers make ECDSA P-256 certificates, one like the other, and reading where the
 * key stands (RFC 5280 section 4.1) takes a sixth of the time that OpenSSL needs to read the whole certificate. Nothing else
 * in it counts: it is identified by its fingerprint. Whatever is built in another way is left to OpenSSL.
 */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

const Tag = { Integer: 0x02, Sequence: 0x30, Version: 0xa0 } as const;

/** What stands between the version and the key: serialNumber, signature, issuer, validity, subject. */
const BEFORE_KEY = [Tag.Integer, Tag.Sequence, Tag.Sequence, Tag.Sequence, Tag.Sequence];

/** SubjectPublicKeyInfo of RFC 5480 for P-256 up to the coordinates of an uncompressed point */
const P256_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');
const COORDINATE = 32;

/** @throws when the bytes are no certificate, or its key is none that OpenSSL knows */
export function publicKeyOf(der: Uint8Array): KeyObject {
  const at = p256PointAt(der);
  if (at < 0) return new X509Certificate(der).publicKey;
  const point = Buffer.from(der.buffer, der.byteOffset + at, 2 * COORDINATE);
  const x = point.toString('base64url', 0, COORDINATE);
  const y = point.toString('base64url', COORDINATE);
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
}

/** As a PEM text with lines of 64 characters. */
export function pemOf(der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Offset of the coordinates, or -1 when this is no plain DER certificate with a P-256 key. */
export function p256PointAt(der: Uint8Array): number {
  const certificate = element(der, 0, der.length);
  if (certificate === null || certificate.tag !== Tag.Sequence || certificate.end !== der.length) return -1;
  const body = element(der, certificate.start, certificate.end);
  if (body === null || body.tag !== Tag.Sequence) return -1;
  let at = body.start;
  if (der[at] === Tag.Version) at = element(der, at, body.end)?.end ?? body.end;
  for (const tag of BEFORE_KEY) {
    const skipped = element(der, at, body.end);
    if (skipped === null || skipped.tag !== tag) return -1;
    at = skipped.end;
  }
  if (at + P256_PREFIX.length + 2 * COORDINATE > body.end) return -1;
  for (let i = 0; i < P256_PREFIX.length; i++) if (der[at + i] !== P256_PREFIX[i]) return -1;
  return at + P256_PREFIX.length;
}

interface Element {
  tag: number;
  /** of the contents */
  start: number;
  end: number;
}

/** The DER element at `at`; null unless it ends within `limit`. Lengths of up to two bytes: a certificate has no more. */
function element(der: Uint8Array, at: number, limit: number): Element | null {
  if (at + 2 > limit) return null;
  const tag = der[at];
  const first = der[at + 1];
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 2) return null;
  const start = at + 2 + lengthBytes;
  if (start > limit) return null;
  let length = first;
  if (lengthBytes > 0) {
    length = 0;
    for (let i = at + 2; i < start; i++) length = (length << 8) | der[i];
  }
  return start + length > limit ? null : { tag, start, end: start + length };
}
