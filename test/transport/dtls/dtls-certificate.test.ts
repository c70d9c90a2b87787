import t from 'tap';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { DtlsCertificate, fingerprintValue } from '#src/transport/dtls/dtls-certificate.js';

const certificate = await DtlsCertificate.generate();

await t.test('generate makes an ECDSA P-256 certificate with all fingerprints', async (t) => {
  const x509 = new X509Certificate(certificate.certPem);
  t.equal(x509.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  t.ok(x509.verify(x509.publicKey), 'signed by itself');
  t.ok(x509.checkPrivateKey(createPrivateKey(certificate.keyPem)));
  t.ok(Date.parse(x509.validTo) > Date.now() + 9 * 365 * 86_400_000);
  t.equal(certificate.keyType, 'ecdsa');
  t.same(
    certificate.fingerprints.map((fingerprint) => fingerprint.algorithm),
    ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'],
  );
  t.same(
    certificate.fingerprints.map((fingerprint) => fingerprint.value.length),
    [20, 28, 32, 48, 64].map((bytes) => 3 * bytes - 1),
  );
  for (const { value } of certificate.fingerprints) t.match(value, /^[0-9A-F]{2}(:[0-9A-F]{2})+$/);
  // OpenSSL, through Node, computes the same.
  t.equal(certificate.fingerprints[0].value, x509.fingerprint);
  t.equal(certificate.fingerprints[2].value, x509.fingerprint256);
  t.equal(certificate.fingerprints[4].value, x509.fingerprint512);
  const another = await DtlsCertificate.generate();
  t.not(another.fingerprints[2].value, certificate.fingerprints[2].value);
});

t.test('fingerprintValue hashes the bytes', (t) => {
  t.equal(
    fingerprintValue(Buffer.from('abc'), 'sha-1'),
    'A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D',
  );
  t.end();
});

t.test('fromPem takes a pair back, and a key in SEC 1 form', (t) => {
  const again = DtlsCertificate.fromPem(certificate.certPem, certificate.keyPem);
  t.same(again.fingerprints, certificate.fingerprints);
  const sec1 = createPrivateKey(certificate.keyPem).export({ type: 'sec1', format: 'pem' }).toString();
  t.equal(DtlsCertificate.fromPem(certificate.certPem, sec1).keyPem, certificate.keyPem);
  t.end();
});

await t.test('fromPem says what is wrong', async (t) => {
  const other = await DtlsCertificate.generate();
  const { privateKey: p384 } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const ed25519 = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const p384Pem = p384.export({ type: 'pkcs8', format: 'pem' }).toString();
  t.throws(() => DtlsCertificate.fromPem('nonsense', certificate.keyPem), {
    message: /certificate cannot be read.*BEGIN CERTIFICATE/,
  });
  t.throws(() => DtlsCertificate.fromPem(certificate.certPem, 'nonsense'), {
    message: /private key cannot be read/,
  });
  t.throws(() => DtlsCertificate.fromPem(certificate.certPem, ''), { message: /private key cannot be read/ });
  t.throws(() => DtlsCertificate.fromPem(certificate.certPem, other.keyPem), { message: /does not belong/ });
  const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const rsa1024Pem = rsa1024.export({ type: 'pkcs8', format: 'pem' }).toString();
  for (const [key, name] of [
    [p384Pem, /ec secp384r1: expected ECDSA on P-256 or RSA/],
    [rsa1024Pem, /rsa 1024: expected/],
    [ed25519, /ed25519: expected/],
  ] as const) {
    t.throws(() => DtlsCertificate.fromPem(certificate.certPem, key), { message: name });
  }
  t.throws(() => DtlsCertificate.fromPem(oversized(certificate.certPem), certificate.keyPem), {
    message: /has \d+ bytes, at most 1234 fit/,
  });
});

/** The same certificate with an extension of 2000 bytes; its signature no longer fits, and nobody asks. */
function oversized(pem: string): string {
  const der = (tag: number, content: Buffer) =>
    Buffer.concat([Buffer.from([tag, 0x82, content.length >>> 8, content.length & 255]), content]);
  const whole = new X509Certificate(pem).raw;
  // SEQUENCE { SEQUENCE { ..., [3] { SEQUENCE {} } }, signature algorithm, signature }
  const empty = Buffer.from('a3023000', 'hex');
  const at = whole.indexOf(empty);
  const oid = Buffer.from('06032a0304', 'hex');
  const extensions = der(0xa3, der(0x30, der(0x30, Buffer.concat([oid, der(4, Buffer.alloc(2000))]))));
  const tbs = der(0x30, Buffer.concat([whole.subarray(8, at), extensions]));
  const body = der(0x30, Buffer.concat([tbs, whole.subarray(at + empty.length)]));
  return `-----BEGIN CERTIFICATE-----\n${body.toString('base64')}\n-----END CERTIFICATE-----\n`;
}
