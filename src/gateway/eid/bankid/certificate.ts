/** A certificate as the verification sees it: the parts that are compared, and the judgements of two readers. */
import { Certificate } from '@fidm/x509';
import { X509Certificate } from 'node:crypto';
import { bitStringOctets, children, contextTag, readDer } from './der.js';
import { ProofError } from './proof-error.js';

export interface ReadCertificate {
  readonly x509: X509Certificate;
  /** Extensions and attributes of names. */
  readonly parsed: Certificate;
  readonly raw: Buffer;
  /** DER of the names, for comparison. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Content octets of the INTEGER. */
  readonly serial: Uint8Array;
  /** Content of `subjectPublicKey`, as OCSP hashes it. */
  readonly publicKey: Uint8Array;
}

/** Throws a `ProofError` for what is no certificate. */
export function readCertificate(der: Uint8Array): ReadCertificate {
  try {
    const x509 = new X509Certificate(der);
    const fields = children(children(readDer(x509.raw))[0]);
    // Version 1 has no version field; nothing of ours is that old.
    if (fields[0].tag !== contextTag(0)) throw new Error('version 3 expected');
    const [, serial, , issuer, , subject, publicKeyInfo] = fields;
    return {
      x509,
      parsed: Certificate.fromPEM(Buffer.from(x509.toString())),
      raw: x509.raw,
      issuer: issuer.raw,
      subject: subject.raw,
      serial: serial.content,
      publicKey: bitStringOctets(children(publicKeyInfo)[1]),
    };
  } catch {
    throw new ProofError('certificate-unreadable');
  }
}

/** Each certificate of a PEM text. Throws when there is none, or one is broken. */
export function readPemCertificates(pem: string): ReadCertificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0)
    throw new TypeError('no certificate found: expected PEM text (-----BEGIN CERTIFICATE-----)');
  return blocks.map((block) => readCertificate(new X509Certificate(block).raw));
}

/** The value of an attribute of the subject; null when there is none or more than one. */
export function subjectAttribute({ parsed }: ReadCertificate, oid: string): string | null {
  const found = parsed.subject.attributes.filter((attribute) => attribute.oid === oid);
  const value: unknown = found.length === 1 ? found[0].value : null;
  return typeof value === 'string' ? value : null;
}

export function isValidAt({ parsed }: ReadCertificate, now: number): boolean {
  return now >= parsed.validFrom.getTime() && now <= parsed.validTo.getTime();
}

/** False too when the certificate does not name its usages. */
export function hasKeyUsage({ parsed }: ReadCertificate, ...anyOf: KeyUsage[]): boolean {
  return anyOf.some((usage) => parsed.getExtension('keyUsage', usage) === true);
}

type KeyUsage = 'digitalSignature' | 'nonRepudiation' | 'keyCertSign';
