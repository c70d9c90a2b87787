/** A certificate for 127.0.0.1, and for host names, that vouches for itself, valid for an hour before and after now. PEM. */
import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export function selfSignedCertificate(hosts: readonly string[] = []): { key: string; certificate: string } {
  // OpenSSL's: forge takes seconds to find a key.
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - 3_600_000);
  certificate.validity.notAfter = new Date(Date.now() + 3_600_000);
  const name = [{ name: 'commonName', value: 'sluss test' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  const altNames = [{ type: 7, ip: '127.0.0.1' }, ...hosts.map((value) => ({ type: 2, value }))];
  certificate.setExtensions([{ name: 'subjectAltName', altNames }]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { key: privateKey, certificate: forge.pki.certificateToPem(certificate) };
}
