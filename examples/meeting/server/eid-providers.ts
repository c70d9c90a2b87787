/**
 * Makes the e-ID providers that CONFIG_FILE names under `eid`:
 *
 *   "bankid": { "certificateFile", "passphraseFile" | "passphraseEnv", "serverCaFile", "signatureRootsFile" }
 *   "freja":  { "certificateFile", "passphraseFile" | "passphraseEnv", "signingCertificatesFile", "serverCaFile"? }
 *   "oidc":   one or a list: see config-eid-oidc.ts
 *
 * each with "environment": "production" (default) or "test". Secrets are in files or in the environment, never in CONFIG_FILE.
 */
import type { Logger } from 'pino';
import {
  BANKID_PRODUCTION,
  BANKID_TEST,
  BankIdProvider,
  type EidProvider,
  FREJA_PRODUCTION,
  FREJA_TEST,
  FrejaProvider,
  OidcProvider,
} from 'sluss/gateway';
import { OIDC_KEYS, readOidc } from './config-eid-oidc.js';
import { choice } from './config-env.js';
import { ConfigError } from './config-error.js';
import type { ServiceFile } from './config-file.js';
import { ConfigPart } from './config-part.js';

interface Surroundings {
  readonly now: () => number;
  readonly log: Logger;
}

interface Maker {
  readonly keys: readonly string[];
  readonly make: (part: ConfigPart, isTest: boolean, around: Surroundings) => EidProvider;
}

const APP_KEYS = ['environment', 'baseUrl', 'certificateFile', 'passphraseFile', 'passphraseEnv'];

const MAKERS: Readonly<Record<string, Maker>> = {
  bankid: {
    keys: [...APP_KEYS, 'serverCaFile', 'signatureRootsFile'],
    make: (part, isTest, around) =>
      new BankIdProvider({
        ...around,
        isTest,
        baseUrl: baseUrl(part, isTest ? BANKID_TEST : BANKID_PRODUCTION),
        p12: part.file('certificateFile'),
        passphrase: part.secret('passphrase'),
        serverCa: part.certificates('serverCaFile'),
        signatureRoots: part.certificates('signatureRootsFile'),
      }),
  },
  freja: {
    keys: [...APP_KEYS, 'signingCertificatesFile', 'serverCaFile'],
    make: (part, isTest, around) =>
      new FrejaProvider({
        ...around,
        isTest,
        baseUrl: baseUrl(part, isTest ? FREJA_TEST : FREJA_PRODUCTION),
        p12: part.file('certificateFile'),
        passphrase: part.secret('passphrase'),
        jwsCertificates: part.certificates('signingCertificatesFile'),
        ...(part.has('serverCaFile') && { serverCa: part.certificates('serverCaFile') }),
      }),
  },
  oidc: {
    keys: OIDC_KEYS,
    make: (part, isTest, around) => new OidcProvider({ ...readOidc(part), ...around, isTest }),
  },
};

/** Throws a `ConfigError` that names the setting. */
export function configuredProviders(file: ServiceFile, now: () => number, log: Logger): EidProvider[] {
  const mayBeTest = file.env.NODE_ENV !== 'production' || allowsTestEid(file);
  const eid = new ConfigPart(file.eid, 'eid', Object.keys(MAKERS), file);
  const made = Object.entries(MAKERS).flatMap(([name, { keys, make }]) =>
    each(eid.value(name), `eid.${name}`).map(({ value, path }) => {
      const part = new ConfigPart(value, path, keys, file);
      const isTest = part.choice('environment', ['production', 'test'], 'production') === 'test';
      if (isTest && !mayBeTest) part.fail('environment', PRODUCTION_ONLY);
      try {
        return { path, provider: make(part, isTest, { now, log }) };
      } catch (error) {
        if (error instanceof ConfigError) throw error;
        throw new ConfigError(`CONFIG_FILE: ${path}: ${(error as Error).message}`);
      }
    }),
  );
  for (const { path, provider } of made) {
    const first = made.find((one) => one.provider.id === provider.id)!;
    if (first.path !== path) {
      throw new ConfigError(
        `CONFIG_FILE: ${path}.id must be another than that of ${first.path}, "${provider.id}"`,
      );
    }
  }
  return made.map(({ provider }) => provider);
}

const PRODUCTION_ONLY =
  '"production", since NODE_ENV is: anybody can be anybody with a test e-ID. For an acceptance test on this machine set ' +
  'ALLOW_TEST_EID=on; then every page says that it is a test';

/** ALLOW_TEST_EID: e-IDs of test environments in production too, for the acceptance test before the first real meeting. */
function allowsTestEid({ env }: ServiceFile): boolean {
  return choice(env, 'ALLOW_TEST_EID', ['on', 'off'], 'off') === 'on';
}

/** Nothing, one, or a list. */
function each(value: unknown, path: string): { value: unknown; path: string }[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ value, path }];
  return value.map((one: unknown, index) => ({ value: one, path: `${path}[${index}]` }));
}

function baseUrl(part: ConfigPart, standard: string): string {
  return part.has('baseUrl') ? part.address('baseUrl') : standard;
}
