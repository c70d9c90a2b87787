import t from 'tap';
import fc from 'fast-check';
import { X509Certificate } from 'node:crypto';
import { CipherContext } from 'werift';
import { p256PointAt, pemOf, publicKeyOf } from '#src/transport/dtls/certificate-key.js';
import { clientCertificate } from './scripted-client.js';

const derOf = (pem: string) => new X509Certificate(pem).raw;
const spki = (key: ReturnType<typeof publicKeyOf>) => key.export({ type: 'spki', format: 'der' });

/** Made by OpenSSL, with extensions. */
const FROM_OPENSSL = `-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUduysi+vOpK0EkM1PdMJ6xPxn3j8wCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGV2ViUlRDMB4XDTI2MTEyMjA1MjQyOVoXDTI2MTIyMjA1MjQy
OVowETEPMA0GA1UEAwwGV2ViUlRDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
t4lXBhHk2GphUQ9jpcv/5/AEIxvS3hJQ5v4/BVXg4v83ERJgim7/QqkclUUyxyIe
OkUc1riVJ9lUSRdiqdaVfqNTMFEwHQYDVR0OBBYEFG5zY++69HqEBXt02082RNkx
pYTXMB8GA1UdIwQYMBaAFG5zY++69HqEBXt02082RNkxpYTXMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgfZ59QpkVu+0iYtLcM48gaUDCxt/3WCTb
wLVoDbPoIEQCIQDh2VMjR6zSb4C5lJX4JNp6Wc8cB08Z/GB138b1sroMwg==
-----END CERTIFICATE-----
`;

t.test('the key that OpenSSL finds, too', (t) => {
  for (const pem of [clientCertificate.certPem, FROM_OPENSSL]) {
    const der = derOf(pem);
    t.ok(p256PointAt(der) > 0, 'read by us');
    t.same(spki(publicKeyOf(der)), spki(new X509Certificate(der).publicKey));
    t.equal(pemOf(der), new X509Certificate(der).toString());
  }
  t.end();
});

t.test('other keys are left to OpenSSL', async (t) => {
  const { certPem } = await CipherContext.createSelfSignedCertificateWithKey({ signature: 1, hash: 4 });
  const der = derOf(certPem);
  t.equal(p256PointAt(der), -1);
  t.equal(publicKeyOf(der).asymmetricKeyType, 'rsa');
});

t.test('what is no certificate is refused', (t) => {
  const der = derOf(clientCertificate.certPem);
  for (let length = 0; length < der.length; length++) {
    t.equal(p256PointAt(der.subarray(0, length)), -1, `${length} bytes`);
  }
  t.throws(() => publicKeyOf(der.subarray(0, 100)));
  t.throws(() => publicKeyOf(Buffer.concat([der, Buffer.alloc(1)]).fill(0, 0, 1)));
  const offCurve = Buffer.from(der);
  offCurve[p256PointAt(der)] ^= 1;
  t.throws(() => publicKeyOf(offCurve), 'a key that is no point of the curve');
  t.end();
});

t.test('finds nothing outside of the bytes, whatever they say', (t) => {
  const valid = derOf(clientCertificate.certPem);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(valid.length),
      (edits, cut) => {
        const bytes = Uint8Array.from(valid);
        for (const [at, value] of edits) bytes[at] = value;
        for (const some of [bytes, bytes.subarray(0, cut), bytes.subarray(cut)]) {
          const at = p256PointAt(some);
          if (at !== -1 && (at < 27 || at + 64 > some.length)) return false;
        }
        return true;
      },
    ),
    { numRuns: 2000 },
  );
  t.end();
});
