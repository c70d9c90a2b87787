/**
 * Providers that are known. Each is a profile: `issuer`, `clientId` and keys come from the agreement with the provider. What a
 * provider's own documents say for a client goes before what stands here.
 */
import type { OidcProfile } from './options.js';

/** SITHS cards of health care staff, by Inera's IdP. */
export const SITHS: OidcProfile = {
  label: { sv: 'SITHS', en: 'SITHS' },
  assurances: { 'http://id.sambi.se/loa/loa3': 'substantial' },
  essentialAcr: true,
  subject: { claim: 'employeeHsaId', type: 'hsa-id' },
  alsoKnownAs: [{ claim: 'credentialPersonalIdentityNumber', type: 'personal-number-se' }],
  // A shared computer at a ward: the one before must not be taken for the one who sits there now.
  parameters: { prompt: 'login' },
};

/**
 * Norwegian BankID. `nnin_altsub` gives the national number to those who may have it. What is asked for and what comes back
 * differ: `urn:bankid:bid` ("BankID High") is answered by `urn:bankid:bid;LOA=4`, says
 * https://developer.bankid.no/bankid-oidc-provider/core-concepts/identity-providers/ of its `acr_values`.
 */
export const BANKID_NORWAY: OidcProfile = {
  label: { sv: 'Norskt BankID', en: 'Norwegian BankID' },
  scopes: ['openid', 'profile', 'nnin_altsub'],
  acrValues: ['urn:bankid:bid'],
  // LOA 4 of Norway's framework is eIDAS high.
  assurances: { 'urn:bankid:bid;LOA=4': 'high' },
  subject: { claim: 'nnin_altsub', type: 'personal-number-no' },
};

/**
 * Finnish Trust Network: bank IDs, mobile certificate, ID card. Brokers demand private_key_jwt, signed requests and encrypted
 * ID tokens: give `requestKey` and `decryptionKey`.
 */
export const FINLAND_FTN: OidcProfile = {
  label: { sv: 'Finsk e-legitimation', en: 'Finnish e-ID' },
  scopes: ['openid'],
  assurances: {
    'http://ftn.ficora.fi/2017/loa2': 'substantial',
    'http://ftn.ficora.fi/2017/loa3': 'high',
  },
  essentialAcr: true,
  subject: { claim: 'urn:oid:1.2.246.21', type: 'personal-number-fi' },
  givenNameClaim: 'urn:oid:1.2.246.575.1.14',
  surnameClaim: 'urn:oid:2.5.4.4',
};

/** Sweden Connect by OpenID Connect: Swedish e-IDs. */
export const SWEDEN_CONNECT: OidcProfile = {
  label: { sv: 'Svensk e-legitimation', en: 'Swedish e-ID' },
  scopes: [
    'openid',
    'https://id.oidc.se/scope/naturalPersonInfo',
    'https://id.oidc.se/scope/naturalPersonNumber',
  ],
  assurances: {
    'http://id.elegnamnden.se/loa/1.0/loa3': 'substantial',
    'http://id.elegnamnden.se/loa/1.0/loa4': 'high',
  },
  essentialAcr: true,
  subject: { claim: 'https://id.oidc.se/claim/personalIdentityNumber', type: 'personal-number-se' },
};

/** Other countries' e-IDs, by Sweden Connect's eIDAS node; the identifier is Sweden's provisional one. */
export const EIDAS: OidcProfile = {
  label: { sv: 'Utländsk e-legitimation (eIDAS)', en: 'Foreign e-ID (eIDAS)' },
  scopes: ['openid', 'profile'],
  assurances: {
    'http://id.elegnamnden.se/loa/1.0/eidas-nf-sub': 'substantial',
    'http://id.elegnamnden.se/loa/1.0/eidas-nf-high': 'high',
  },
  essentialAcr: true,
  subject: { claim: 'https://id.swedenconnect.se/claim/prid', type: 'prid' },
  requestClaims: true,
};

/** Freja by OpenID Connect; scopes and `acr` are what the client was registered with. */
export const FREJA_OIDC: OidcProfile = {
  label: { sv: 'Freja', en: 'Freja' },
  scopes: ['openid', 'profile', 'https://frejaeid.com/oidc/scopes/personalIdentityNumber'],
  assurances: { 'https://frejaeid.com/oidc/acr/loa3': 'substantial' },
  subject: { claim: 'https://frejaeid.com/oidc/claims/personalIdentityNumber', type: 'personal-number-se' },
};
