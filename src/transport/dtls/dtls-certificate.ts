import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { CipherContext } from 'werift';

export type DtlsFingerprintAlgorithm = 'sha-1' | 'sha-224' | 'sha-256' | 'sha-384' | 'sha-512';

export interface DtlsFingerprint {
  algorithm: DtlsFingerprintAlgorithm;
  /** upper-case hexadecimal bytes with colons between them, as in SDP (RFC 8122) */
  value: string;
}

export const fingerprintAlgorithms: readonly DtlsFingerprintAlgorithm[] = [
  'sha-1',
  'sha-224',
  'sha-256',
  'sha-384',
  'sha-512',
];

/**
 * werift hashes its own Certificate message fragment by fragment, so the message has to fit into one
 * (1240 bytes, of which 6 are list lengths).
 */
const MAX_CERTIFICATE_BYTES = 1234;

/** werift's numbers for the signature of ServerKeyExchange (RFC 5246 section 7.4.1.4.1). */
const SIGNATURE_NUMBERS = { ecdsa: 3, rsa: 1 } as const;
const HASH_SHA256 = 4;
const NAMED_CURVE_P256 = 23;
const WERIFT_SERVER = 2;

type WeriftSignatureHash = NonNullable<ConstructorParameters<typeof CipherContext>[3]>;

/** A certificate with its private key and its fingerprints for signalling. */
export class DtlsCertificate {
  private constructor(
    readonly certPem: string,
    /** PKCS #8 */
    readonly keyPem: string,
    readonly keyType: 'ecdsa' | 'rsa',
    readonly der: Uint8Array,
    readonly privateKey: KeyObject,
    /** one for every algorithm, sha-1 first */
    readonly fingerprints: DtlsFingerprint[],
  ) {}

  /** A new self-signed ECDSA P-256 certificate (RFC 8827 section 6.5), valid for ten years; takes a few milliseconds. */
  static async generate(): Promise<DtlsCertificate> {
    const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(
      weriftSignatureHash('ecdsa'),
      NAMED_CURVE_P256,
    );
    return DtlsCertificate.fromPem(certPem, keyPem);
  }

  /**
   * @param cert PEM certificate; of a chain only the first is used, peers look at its fingerprint and nothing else
   * @param key unencrypted PEM private key: ECDSA on P-256, or RSA of at least 2048 bits
   * @throws TypeError saying which of the two is wrong and what was expected
   */
  static fromPem(cert: string, key: string): DtlsCertificate {
    const x509 = readCertificate(cert);
    const privateKey = readPrivateKey(key);
    const keyType = usableKeyType(privateKey);
    if (!x509.checkPrivateKey(privateKey)) {
      throw new TypeError(
        'DTLS private key does not belong to the certificate: pass the pair that was issued together',
      );
    }
    if (x509.raw.length > MAX_CERTIFICATE_BYTES) {
      throw new TypeError(
        `DTLS certificate has ${x509.raw.length} bytes, at most ${MAX_CERTIFICATE_BYTES} fit into the handshake: ` +
          'use an ECDSA P-256 certificate',
      );
    }
    const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const certPem = x509.toString();
    assertReadableForWerift(certPem, keyPem, keyType);
    return new DtlsCertificate(certPem, keyPem, keyType, x509.raw, privateKey, fingerprintsOf(x509.raw));
  }
}

/** Fingerprint of a DER certificate: upper-case hexadecimal with colons. */
export function fingerprintValue(der: Uint8Array, algorithm: DtlsFingerprintAlgorithm): string {
  const hex = createHash(algorithm.replace('-', '')).update(der).digest('hex').toUpperCase();
  return hex.match(/../g)!.join(':');
}

/** The SignatureAndHashAlgorithm of a key in werift's terms. */
export function weriftSignatureHash(keyType: 'ecdsa' | 'rsa'): WeriftSignatureHash {
  return { signature: SIGNATURE_NUMBERS[keyType], hash: HASH_SHA256 };
}

/** werift has a parser of its own; better that it refuses here than in the middle of a handshake. */
function assertReadableForWerift(certPem: string, keyPem: string, keyType: 'ecdsa' | 'rsa'): void {
  try {
    new CipherContext(WERIFT_SERVER, certPem, keyPem, weriftSignatureHash(keyType));
  } catch (error) {
    throw new TypeError(
      'DTLS certificate uses an encoding that werift cannot read: use a plain X.509 v3 certificate',
      {
        cause: error,
      },
    );
  }
}

function fingerprintsOf(der: Uint8Array): DtlsFingerprint[] {
  return fingerprintAlgorithms.map((algorithm) => ({ algorithm, value: fingerprintValue(der, algorithm) }));
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new TypeError(
      'DTLS certificate cannot be read: expected PEM text beginning with "-----BEGIN CERTIFICATE-----"',
      { cause: error },
    );
  }
}

function readPrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new TypeError(
      'DTLS private key cannot be read: expected an unencrypted PEM private key such as "-----BEGIN PRIVATE KEY-----"',
      { cause: error },
    );
  }
}

function usableKeyType(key: KeyObject): 'ecdsa' | 'rsa' {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'ec' && details?.namedCurve === 'prime256v1') return 'ecdsa';
  if (key.asymmetricKeyType === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return 'rsa';
  const found = `${key.asymmetricKeyType} ${details?.namedCurve ?? details?.modulusLength ?? ''}`.trim();
  throw new TypeError(`DTLS private key is ${found}: expected ECDSA on P-256 or RSA of at least 2048 bits`);
}
