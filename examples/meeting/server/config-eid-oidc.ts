/**
 * `eid.oidc` of CONFIG_FILE, one OpenID provider or a list of them:
 *
 *   { "profile": "SITHS", "id": "siths", "issuer": "https://...", "clientId": "...",
 *     "clientAuthentication": { "method": "private_key_jwt", "keyFile": "siths.jwk" } }
 *
 * The profile knows what is the same for everybody: what to ask for, and what claims mean. All of it may be set otherwise, since
 * what a provider's own documents say goes before it.
 */
import {
  type Assurance,
  ASSURANCES,
  BANKID_NORWAY,
  EIDAS,
  FINLAND_FTN,
  FREJA_OIDC,
  type OidcOptions,
  type OidcProfile,
  SITHS,
  SWEDEN_CONNECT,
} from 'sluss/gateway';
import type { ConfigPart } from './config-part.js';

const PROFILES = { SITHS, BANKID_NORWAY, FINLAND_FTN, SWEDEN_CONNECT, EIDAS, FREJA_OIDC };
const PROFILE_NAMES = Object.keys(PROFILES) as (keyof typeof PROFILES)[];

export const OIDC_KEYS = [
  'profile',
  'id',
  'issuer',
  'clientId',
  'clientAuthentication',
  'environment',
  'requestKeyFile',
  'decryptionKeyFile',
  'serverCaFile',
  'label',
  'scopes',
  'acrValues',
  'assurances',
  'subject',
  'parameters',
] as const;

/** Ids that other parts of the service have. */
const TAKEN = ['bankid', 'freja', 'otp', 'test'];
const METHODS = ['private_key_jwt', 'client_secret_basic', 'client_secret_post'] as const;
const SUBJECT_TYPES = [
  'personal-number-se',
  'personal-number-no',
  'personal-number-fi',
  'hsa-id',
  'prid',
  'email',
  'other',
] as const;

/** Throws a `ConfigError` that names the setting. */
export function readOidc(part: ConfigPart): OidcOptions {
  const profile = PROFILES[part.choice('profile', PROFILE_NAMES)];
  return {
    ...profile,
    ...changes(part),
    id: readId(part),
    issuer: part.address('issuer'),
    clientId: part.text('clientId'),
    clientAuthentication: clientAuthentication(part),
    ...(part.has('requestKeyFile') && { requestKey: part.jwk('requestKeyFile', 'signing') }),
    ...(part.has('decryptionKeyFile') && { decryptionKey: part.jwk('decryptionKeyFile', 'decrypting') }),
    ...(part.has('serverCaFile') && { serverCa: part.certificates('serverCaFile') }),
  };
}

function readId(part: ConfigPart): string {
  const id = part.text('id');
  if (!/^[a-z][a-z\d-]{0,31}$/.test(id)) {
    part.fail('id', 'a word of small letters, digits and "-", such as "siths"');
  }
  if (TAKEN.includes(id)) part.fail('id', `another word than ${TAKEN.join(', ')}, which mean other e-IDs`);
  return id;
}

const SECRET_KEYS = ['secretFile', 'secretEnv'];

function clientAuthentication(part: ConfigPart): OidcOptions['clientAuthentication'] {
  const key = 'clientAuthentication';
  const method = part.part(key, ['method', 'keyFile', ...SECRET_KEYS]).choice('method', METHODS);
  // What belongs to another method is a mistake, too.
  if (method === 'private_key_jwt') {
    return { method, key: part.part(key, ['method', 'keyFile']).jwk('keyFile', 'signing') };
  }
  return { method, secret: part.part(key, ['method', ...SECRET_KEYS]).secret('secret') };
}

function changes(part: ConfigPart): Partial<OidcProfile> {
  return {
    ...(part.has('label') && { label: label(part) }),
    ...(part.has('scopes') && { scopes: scopes(part) }),
    ...(part.has('acrValues') && { acrValues: part.texts('acrValues') }),
    ...(part.has('assurances') && { assurances: assurances(part) }),
    ...(part.has('subject') && { subject: subject(part) }),
    ...(part.has('parameters') && { parameters: parameters(part) }),
  };
}

function label(part: ConfigPart): OidcProfile['label'] {
  const source = part.part('label', ['sv', 'en']);
  return { sv: source.text('sv'), en: source.text('en') };
}

function scopes(part: ConfigPart): string[] {
  const found = part.texts('scopes');
  if (!found.includes('openid')) part.fail('scopes', 'a list with "openid" in it');
  return found;
}

function assurances(part: ConfigPart): OidcProfile['assurances'] {
  const read = (value: unknown): Assurance | null => ASSURANCES.find((one) => one === value) ?? null;
  const found = part.map('assurances', read, 'one of "low", "substantial", "high"');
  if (Object.keys(found).length === 0) {
    part.fail('assurances', 'an object with at least one accepted acr, { "<acr>": "substantial" }');
  }
  return found;
}

function subject(part: ConfigPart): OidcProfile['subject'] {
  const source = part.part('subject', ['claim', 'type']);
  return { claim: source.text('claim'), type: source.choice('type', SUBJECT_TYPES) };
}

/** What makes the exchange safe is not for the file to change. */
const OURS =
  /^(client_id|redirect_uri|response_(type|mode)|scope|state|nonce|code_challenge(_method)?|request(_uri)?|claims|acr_values|max_age)$/;

function parameters(part: ConfigPart): Record<string, string> {
  const found = part.map('parameters', (value) => (typeof value === 'string' ? value : null), 'a text');
  const taken = Object.keys(found).find((name) => OURS.test(name));
  if (taken !== undefined) part.fail('parameters', `without "${taken}", which the service sets itself`);
  return found;
}
