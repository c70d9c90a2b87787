/** OpenID providers, as their own documents tell of them: what they ask people for, and how they name it. */
import type { OidcPerson } from './people.js';

export interface OidcWorld {
  /** Of everybody who signs in. */
  readonly acr: string;
  /** Claims of each scope. */
  readonly scopes: Readonly<Record<string, string[]>>;
  readonly claimsOf: (person: OidcPerson) => { sub: string; [claim: string]: string };
}

const NAMES = ['name', 'given_name', 'family_name'];

function named({ sub, name, givenName, surname }: OidcPerson): { sub: string; [claim: string]: string } {
  return { sub, name, given_name: givenName, family_name: surname };
}

/** Inera's IdP. */
export const SITHS_WORLD: OidcWorld = {
  acr: 'http://id.sambi.se/loa/loa3',
  scopes: { openid: ['sub', 'employeeHsaId', 'credentialPersonalIdentityNumber'], profile: NAMES },
  claimsOf: (person) => ({
    ...named(person),
    employeeHsaId: person.hsaId,
    credentialPersonalIdentityNumber: person.personalNumber,
  }),
};

export const NORWEGIAN_WORLD: OidcWorld = {
  acr: 'urn:bankid:bid;LOA=4',
  scopes: { openid: ['sub'], profile: NAMES, nnin_altsub: ['nnin_altsub'] },
  claimsOf: (person) => ({ ...named(person), nnin_altsub: '01018012345' }),
};

/** A broker of the Finnish Trust Network. */
export const FINNISH_WORLD: OidcWorld = {
  acr: 'http://ftn.ficora.fi/2017/loa2',
  scopes: { openid: ['sub', 'urn:oid:1.2.246.21', 'urn:oid:1.2.246.575.1.14', 'urn:oid:2.5.4.4'] },
  claimsOf: ({ sub, givenName, surname }) => ({
    sub,
    'urn:oid:1.2.246.21': '010180-123A',
    'urn:oid:1.2.246.575.1.14': givenName,
    'urn:oid:2.5.4.4': surname,
  }),
};

export const SWEDISH_WORLD: OidcWorld = {
  acr: 'http://id.elegnamnden.se/loa/1.0/loa3',
  scopes: {
    openid: ['sub'],
    'https://id.oidc.se/scope/naturalPersonInfo': NAMES,
    'https://id.oidc.se/scope/naturalPersonNumber': ['https://id.oidc.se/claim/personalIdentityNumber'],
  },
  claimsOf: (person) => ({
    ...named(person),
    'https://id.oidc.se/claim/personalIdentityNumber': person.personalNumber,
  }),
};

/** Claims that identify come when they are asked for by name. */
export const EIDAS_WORLD: OidcWorld = {
  acr: 'http://id.elegnamnden.se/loa/1.0/eidas-nf-sub',
  scopes: { openid: ['sub'], profile: NAMES, prid: ['https://id.swedenconnect.se/claim/prid'] },
  claimsOf: (person) => ({ ...named(person), 'https://id.swedenconnect.se/claim/prid': 'NO:05068907693' }),
};

export const FREJA_WORLD: OidcWorld = {
  acr: 'https://frejaeid.com/oidc/acr/loa3',
  scopes: {
    openid: ['sub'],
    profile: NAMES,
    'https://frejaeid.com/oidc/scopes/personalIdentityNumber': [
      'https://frejaeid.com/oidc/claims/personalIdentityNumber',
    ],
  },
  claimsOf: (person) => ({
    ...named(person),
    'https://frejaeid.com/oidc/claims/personalIdentityNumber': person.personalNumber,
  }),
};
