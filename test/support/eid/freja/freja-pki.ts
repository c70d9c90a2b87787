/** The certificates of a Freja of our own, made once for the process. */
import { createHash } from 'node:crypto';
import { issueCertificate, makeP12, type TestCertificate } from '../pki.js';

export const P12_PASSPHRASE = 'qwerty123';

/** One for all of TLS: making keys is what takes time. */
const TLS_KEY = 'tls';

const made = new Map<string, TestCertificate>();

function once(name: string, make: () => TestCertificate): TestCertificate {
  let certificate = made.get(name);
  if (!certificate) made.set(name, (certificate = make()));
  return certificate;
}

export function tlsRoot(): TestCertificate {
  return once('root', () =>
    issueCertificate({
      subject: { O: 'Simulated', CN: 'Freja TLS Root CA' },
      key: TLS_KEY,
      isCA: true,
      usage: ['keyCertSign', 'cRLSign'],
    }),
  );
}

export function serverCertificate(): TestCertificate {
  return once('server', () =>
    issueCertificate({
      subject: { CN: 'services.frejaeid.invalid' },
      key: TLS_KEY,
      issuer: tlsRoot(),
      usage: ['digitalSignature', 'keyEncipherment'],
      extendedUsage: ['serverAuth'],
      hosts: ['127.0.0.1', 'localhost'],
    }),
  );
}

function rpCertificate(): TestCertificate {
  return once('rp', () =>
    issueCertificate({
      subject: { O: 'Demokommunen', CN: 'Demokommunen RP' },
      key: TLS_KEY,
      issuer: tlsRoot(),
      usage: ['digitalSignature', 'keyEncipherment'],
      extendedUsage: ['clientAuth'],
    }),
  );
}

let p12: Buffer | null = null;

/** What Freja hands out to the relying party; `P12_PASSPHRASE` opens it. */
export function rpP12(): Buffer {
  return (p12 ??= makeP12(rpCertificate(), [tlsRoot()], P12_PASSPHRASE));
}

/** With which results are signed. `other`: a certificate that nobody pinned. */
export function jwsCertificate(which: 'pinned' | 'other' = 'pinned'): TestCertificate {
  return once(`jws ${which}`, () =>
    issueCertificate({
      subject: { O: 'Simulated', CN: 'Freja JWS' },
      key: `jws ${which}`,
      usage: ['digitalSignature'],
    }),
  );
}

export function thumbprint({ der }: TestCertificate): string {
  return createHash('sha1').update(der).digest('base64url');
}
