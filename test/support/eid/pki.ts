/**
 * Certificates for simulators, made with node-forge. Keys come from node:crypto and are kept by name, in the process and in the
 * folder for temporary files: making them takes a busy machine seconds each, and no test minds who else has them.
 */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';

export interface TestKey {
  readonly private: forge.pki.rsa.PrivateKey;
  readonly public: forge.pki.rsa.PublicKey;
  /** PKCS #8. */
  readonly pem: string;
}

export interface TestCertificate {
  readonly forge: forge.pki.Certificate;
  readonly key: TestKey;
  readonly pem: string;
  readonly der: Buffer;
  /** Its DER, base64. */
  readonly base64: string;
}

export interface CertificateRequest {
  /** Short or long names, or OIDs: `{ CN: 'Anna', '2.5.4.5': '19...' }`. */
  readonly subject: Readonly<Record<string, string>>;
  /** Of `testKey`. */
  readonly key: string;
  /** Default: signed by itself. */
  readonly issuer?: TestCertificate;
  readonly isCA?: boolean;
  readonly pathLength?: number;
  readonly usage: readonly (
    'digitalSignature' | 'nonRepudiation' | 'keyEncipherment' | 'keyCertSign' | 'cRLSign'
  )[];
  /** OIDs or forge's names: `serverAuth`, `clientAuth`. */
  readonly extendedUsage?: readonly string[];
  /** For servers: `127.0.0.1`, `localhost`. */
  readonly hosts?: readonly string[];
  /** Default 2020-01-01 to 2045-01-01: TLS looks at the real clock. */
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

const keys = new Map<string, TestKey>();
let nextSerial = 0x1000;

export function testKey(name: string): TestKey {
  let key = keys.get(name);
  if (!key) {
    const pem = storedKey(name);
    const own = forge.pki.privateKeyFromPem(pem);
    key = { private: own, public: forge.pki.rsa.setPublicKey(own.n, own.e), pem };
    keys.set(name, key);
  }
  return key;
}

function storedKey(name: string): string {
  const folder = join(tmpdir(), `sluss-test-keys-${userInfo().uid}`);
  const path = join(folder, `${name.replaceAll(/\W/g, '-')}.pem`);
  try {
    return readFileSync(path, 'utf8');
  } catch {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Whole or not at all: other test files may be reading.
    const own = `${path}.${randomUUID()}`;
    writeFileSync(own, pem, { mode: 0o600 });
    renameSync(own, path);
    return pem;
  }
}

export function issueCertificate(request: CertificateRequest): TestCertificate {
  const key = testKey(request.key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = key.public;
  certificate.serialNumber = (nextSerial++).toString(16);
  certificate.validity.notBefore = request.validFrom ?? new Date(Date.UTC(2020, 0, 1));
  certificate.validity.notAfter = request.validTo ?? new Date(Date.UTC(2045, 0, 1));
  certificate.setSubject(Object.entries(request.subject).map(toAttribute));
  certificate.setIssuer(request.issuer?.forge.subject.attributes ?? certificate.subject.attributes);
  certificate.setExtensions([
    { name: 'keyUsage', critical: true, ...toFlags(request.usage) },
    ...(request.isCA === true
      ? [{ name: 'basicConstraints', critical: true, cA: true, ...pathLength(request) }]
      : []),
    ...(request.extendedUsage ? [{ name: 'extKeyUsage', ...toFlags(request.extendedUsage) }] : []),
    ...(request.hosts ? [{ name: 'subjectAltName', altNames: request.hosts.map(toAltName) }] : []),
  ]);
  certificate.sign(nativeSigner(certificate, request.issuer?.key ?? key), forge.md.sha256.create());
  const pem = forge.pki.certificateToPem(certificate);
  const der = toDer(forge.pki.certificateToAsn1(certificate));
  return { forge: certificate, key, pem, der, base64: der.toString('base64') };
}

/** PKCS #12 with the certificate, its key and its issuers, encrypted as banks still do. */
export function makeP12(
  own: TestCertificate,
  issuers: readonly TestCertificate[],
  passphrase: string,
): Buffer {
  const chain = [own, ...issuers].map((certificate) => certificate.forge);
  const store = forge.pkcs12.toPkcs12Asn1(own.key.private, chain, passphrase, {
    algorithm: '3des',
    count: 1_000,
  });
  return Buffer.from(forge.asn1.toDer(store).getBytes(), 'binary');
}

/** For forge, which signs a hundred times as slowly. */
function nativeSigner(certificate: forge.pki.Certificate, { pem }: TestKey): forge.pki.rsa.PrivateKey {
  const signer = {
    sign: () => sign('sha256', toDer(certificate.tbsCertificate), pem).toString('binary'),
  };
  return signer as unknown as forge.pki.rsa.PrivateKey;
}

function toDer(value: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'binary');
}

function toAttribute([name, value]: [string, string]): forge.pki.CertificateField {
  const isOid = /^\d+\./.test(name);
  // UTF8String, except country and serial number, which are PrintableString.
  const isPrintable = name === 'C' || name === '2.5.4.5';
  const valueTagClass = isPrintable ? forge.asn1.Type.PRINTABLESTRING : forge.asn1.Type.UTF8;
  return {
    [isOid ? 'type' : 'shortName']: name,
    value,
    valueTagClass,
  } as unknown as forge.pki.CertificateField;
}

/** Forge reads even an undefined one. */
function pathLength({ pathLength }: CertificateRequest): { pathLenConstraint?: number } {
  return pathLength === undefined ? {} : { pathLenConstraint: pathLength };
}

function toFlags(names: readonly string[]): Record<string, true> {
  return Object.fromEntries(names.map((name) => [name, true]));
}

function toAltName(host: string): { type: number; value?: string; ip?: string } {
  return /^[\d.]+$|:/.test(host) ? { type: 7, ip: host } : { type: 2, value: host };
}
