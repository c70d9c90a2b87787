/** The simulated e-IDs, and the configuration with which the service uses them as it would the real ones. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { BankIdSimulator } from '../eid/bankid/simulator.js';
import { FrejaSimulator } from '../eid/freja/simulator.js';
import { OidcSimulator } from '../eid/oidc/simulator.js';

export interface EIds {
  bankid: BankIdSimulator;
  freja: FrejaSimulator;
  oidc: OidcSimulator;
}

/** `url`: of the service. */
export async function startEIds(t: Test, url: string): Promise<EIds> {
  const [bankid, freja, oidc] = await Promise.all([
    BankIdSimulator.start({ t }),
    FrejaSimulator.start({ t }),
    OidcSimulator.start({ t, redirectUris: [`${url}/eid/callback`] }),
  ]);
  return { bankid, freja, oidc };
}

/** CONFIG_FILE and all that it names, in this folder; returns its path. */
export function writeConfigFile(folder: string, { bankid, freja, oidc }: EIds): string {
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return name;
  };
  return join(
    folder,
    write(
      'config.json',
      JSON.stringify({
        serviceName: 'Demokommunens möten',
        eid: {
          bankid: {
            baseUrl: bankid.url,
            certificateFile: write('bankid.p12', bankid.p12),
            passphraseFile: write('bankid.pass', bankid.passphrase),
            serverCaFile: write('bankid-ca.pem', bankid.ca),
            signatureRootsFile: write('bankid-roots.pem', bankid.signatureRoots),
          },
          freja: {
            baseUrl: freja.url,
            certificateFile: write('freja.p12', freja.p12),
            passphraseFile: write('freja.pass', freja.passphrase),
            serverCaFile: write('freja-ca.pem', freja.ca),
            signingCertificatesFile: write('freja-signing.pem', freja.jwsCertificates),
          },
          oidc: {
            profile: 'SITHS',
            id: 'siths',
            issuer: oidc.issuer,
            clientId: oidc.clientId,
            clientAuthentication: {
              method: 'private_key_jwt',
              keyFile: write('siths.jwk', JSON.stringify(oidc.clientKey)),
            },
          },
        },
      }),
    ),
  );
}
