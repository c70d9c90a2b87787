/** The certificates of a BankID of our own: made once for the process, and only those that are asked for. */
import { issueCertificate, makeP12, type TestCertificate } from '../pki.js';

export interface BankIdPerson {
  /** 12 digits, of nobody. */
  readonly personalNumber: string;
  readonly name: string;
  readonly givenName: string;
  readonly surname: string;
}

export const ANNA: BankIdPerson = {
  personalNumber: '198001012389',
  name: 'Anna Ängström',
  givenName: 'Anna',
  surname: 'Ängström',
};
export const BERTIL: BankIdPerson = {
  personalNumber: '197502036781',
  name: 'Bertil Öberg',
  givenName: 'Bertil',
  surname: 'Öberg',
};

export const P12_PASSPHRASE = 'qwerty123';

/** One for all of TLS, as another is for all people and one for all who deceive: making keys is what takes time. */
const TLS_KEY = 'tls';

const made = new Map<string, TestCertificate>();

function once(name: string, make: () => TestCertificate): TestCertificate {
  let certificate = made.get(name);
  if (!certificate) made.set(name, (certificate = make()));
  return certificate;
}

/** To which the people's certificates lead. `Other` is a root that nobody trusts. */
export function signatureRoot(which: 'BankID' | 'Other' = 'BankID'): TestCertificate {
  return once(`${which} root`, () =>
    issueCertificate({
      subject: { O: 'Simulated', CN: `${which} Root CA` },
      key: which === 'BankID' ? 'root' : 'forger',
      isCA: true,
      usage: ['keyCertSign', 'cRLSign'],
    }),
  );
}

/** A bank's own CA, that issues the people's certificates. */
export function issuingCa(which: 'BankID' | 'Other' = 'BankID'): TestCertificate {
  return once(`${which} issuing`, () =>
    issueCertificate({
      // The same name under both roots: only the signatures tell them apart.
      subject: { O: 'Simulated Bank', CN: 'Simulated Bank Customer CA' },
      key: which === 'BankID' ? 'issuing' : 'forger',
      issuer: signatureRoot(which),
      isCA: true,
      pathLength: 0,
      usage: ['keyCertSign', 'cRLSign'],
    }),
  );
}

export function ocspResponder(): TestCertificate {
  return once('ocsp', () =>
    issueCertificate({
      subject: { O: 'Simulated Bank', CN: 'Simulated OCSP Responder' },
      key: 'ocsp',
      issuer: issuingCa(),
      usage: ['digitalSignature'],
      extendedUsage: ['1.3.6.1.5.5.7.3.9'],
    }),
  );
}

export type PersonCertificate = 'good' | 'expired' | 'from-other-root' | 'from-a-person' | 'encryption-only';

export function personCertificate(person: BankIdPerson, kind: PersonCertificate = 'good'): TestCertificate {
  const { personalNumber, name, givenName, surname } = person;
  return once(`${personalNumber} ${kind}`, () =>
    issueCertificate({
      subject: {
        C: 'SE',
        O: 'Simulated Bank',
        '2.5.4.4': surname,
        '2.5.4.42': givenName,
        '2.5.4.5': personalNumber,
        CN: name,
      },
      key: 'person',
      issuer:
        kind === 'from-other-root'
          ? issuingCa('Other')
          : kind === 'from-a-person'
            ? personCertificate(BERTIL)
            : issuingCa(),
      usage: kind === 'encryption-only' ? ['keyEncipherment'] : ['digitalSignature', 'nonRepudiation'],
      ...(kind === 'expired' && { validTo: new Date(Date.UTC(2021, 0, 1)) }),
    }),
  );
}

function tlsRoot(): TestCertificate {
  return once('tls root', () =>
    issueCertificate({
      subject: { O: 'Simulated', CN: 'BankID SSL Root CA' },
      key: TLS_KEY,
      isCA: true,
      usage: ['keyCertSign', 'cRLSign'],
    }),
  );
}

/** `wrong`: of another CA than the one that clients are told to trust. */
export function serverCertificate(which: 'good' | 'wrong' = 'good'): TestCertificate {
  return once(`server ${which}`, () =>
    issueCertificate({
      subject: { CN: 'appapi2.bankid.invalid' },
      key: TLS_KEY,
      issuer: which === 'good' ? tlsRoot() : signatureRoot('Other'),
      usage: ['digitalSignature', 'keyEncipherment'],
      extendedUsage: ['serverAuth'],
      hosts: ['127.0.0.1', 'localhost'],
    }),
  );
}

function rpCertificate(): TestCertificate {
  return once('rp', () =>
    issueCertificate({
      subject: { O: 'Demokommunen', CN: 'FP Testcert', '2.5.4.5': '2120000000' },
      key: TLS_KEY,
      issuer: issuingRpCa(),
      usage: ['digitalSignature', 'keyEncipherment'],
      extendedUsage: ['clientAuth'],
    }),
  );
}

function issuingRpCa(): TestCertificate {
  return once('rp ca', () =>
    issueCertificate({
      subject: { O: 'Simulated Bank', CN: 'Simulated Bank RP CA' },
      key: TLS_KEY,
      isCA: true,
      usage: ['keyCertSign'],
    }),
  );
}

let p12: Buffer | null = null;

/** What the bank hands out to the relying party; `P12_PASSPHRASE` opens it. */
export function rpP12(): Buffer {
  return (p12 ??= makeP12(rpCertificate(), [issuingRpCa()], P12_PASSPHRASE));
}

export const tlsTrust = {
  /** PEM: what a client trusts for TLS. */
  server: (): string => tlsRoot().pem,
  /** PEM: what the server takes from relying parties. */
  client: (): string => issuingRpCa().pem,
};
