/** OCSP responses (RFC 6960) as BankID's responder gives them, and as it never would. */
import { createHash, sign } from 'node:crypto';
import forge from 'node-forge';
import type { TestCertificate } from '../pki.js';

export interface OcspAnswer {
  readonly certificate: TestCertificate;
  readonly issuer: TestCertificate;
  readonly responder: TestCertificate;
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly nonce: Buffer | null;
  readonly producedAt: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
  readonly breakSignature?: boolean;
}

const { asn1 } = forge;
type Asn1 = forge.asn1.Asn1;

const OID = {
  basic: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
  sha1: '1.3.14.3.2.26',
  sha256WithRsa: '1.2.840.113549.1.1.11',
};

/** DER. */
export function buildOcspResponse(answer: OcspAnswer): Buffer {
  const data = responseData(answer);
  const signature = sign('sha256', toDer(data), answer.responder.key.pem);
  if (answer.breakSignature === true) signature[20] ^= 1;
  const basic = sequence(
    data,
    sequence(oid(OID.sha256WithRsa), universal(asn1.Type.NULL, '')),
    universal(asn1.Type.BITSTRING, `\0${signature.toString('binary')}`),
    context(0, sequence(asn1.fromDer(answer.responder.der.toString('binary')))),
  );
  const bytes = universal(asn1.Type.OCTETSTRING, toDer(basic).toString('binary'));
  return toDer(sequence(enumerated(0), context(0, sequence(oid(OID.basic), bytes))));
}

/** `tryLater` and the like: no more than a word. */
export function buildUnsuccessfulResponse(): Buffer {
  return toDer(sequence(enumerated(3)));
}

function responseData({ certificate, issuer, responder, nonce, ...answer }: OcspAnswer): Asn1 {
  const [name, key] = [nameDer(issuer), keyOctets(issuer)].map((octets) =>
    universal(asn1.Type.OCTETSTRING, createHash('sha1').update(octets).digest('binary')),
  );
  const serial = universal(asn1.Type.INTEGER, forge.util.hexToBytes(evenHex(certificate.forge.serialNumber)));
  const certId = sequence(sequence(oid(OID.sha1), universal(asn1.Type.NULL, '')), name, key, serial);
  const single = sequence(
    certId,
    status(answer.status, answer.thisUpdate),
    time(answer.thisUpdate),
    ...(answer.nextUpdate === null ? [] : [context(0, time(answer.nextUpdate))]),
  );
  const keyHash = createHash('sha1').update(keyOctets(responder)).digest('binary');
  return sequence(
    context(2, universal(asn1.Type.OCTETSTRING, keyHash)),
    time(answer.producedAt),
    sequence(single),
    ...(nonce === null ? [] : [context(1, sequence(sequence(oid(OID.nonce), wrapped(nonce))))]),
  );
}

function status(kind: OcspAnswer['status'], at: number): Asn1 {
  if (kind === 'revoked') return context(1, time(at - 3_600_000));
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, kind === 'good' ? 0 : 2, false, '');
}

function wrapped(nonce: Buffer): Asn1 {
  const inner = universal(asn1.Type.OCTETSTRING, nonce.toString('binary'));
  return universal(asn1.Type.OCTETSTRING, toDer(inner).toString('binary'));
}

function nameDer({ forge: certificate }: TestCertificate): Buffer {
  return toDer(forge.pki.distinguishedNameToAsn1(certificate.subject));
}

function keyOctets({ key }: TestCertificate): Buffer {
  // Typed as `any`.
  const octets: unknown = forge.pki.publicKeyToRSAPublicKey(key.public);
  return toDer(octets as Asn1);
}

function time(at: number): Asn1 {
  const digits = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return universal(asn1.Type.GENERALIZEDTIME, digits);
}

function oid(dotted: string): Asn1 {
  return universal(asn1.Type.OID, asn1.oidToDer(dotted).getBytes());
}

function enumerated(value: number): Asn1 {
  return universal(asn1.Type.ENUMERATED, String.fromCharCode(value));
}

function universal(type: forge.asn1.Type, bytes: string): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, type, false, bytes);
}

function sequence(...parts: Asn1[]): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, parts);
}

function context(number: number, ...parts: Asn1[]): Asn1 {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, number, true, parts);
}

function toDer(value: Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'binary');
}

function evenHex(hex: string): string {
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}
