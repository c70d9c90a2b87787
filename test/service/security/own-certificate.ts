import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSignedCertificate } from '../../support/certificate.js';

/** Settings for a service that speaks TLS itself, and the authority that vouches for it. */
export function ownCertificate(folder: string): { TLS_KEY_FILE: string; TLS_CERT_FILE: string; pem: string } {
  const { key, certificate: pem } = selfSignedCertificate();
  const [TLS_KEY_FILE, TLS_CERT_FILE] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  writeFileSync(TLS_KEY_FILE, key);
  writeFileSync(TLS_CERT_FILE, pem);
  return { TLS_KEY_FILE, TLS_CERT_FILE, pem };
}
