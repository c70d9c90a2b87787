/**
 * Makes the e-ID providers that CONFIG_FILE names under `eid`:
 *
 *   "bankid": { "environment": "production" | "test", "certificateFile", "passphraseFile", "serverCaFile", "signatureRootsFile" }
 *   "freja":  { "environment", "certificateFile", "passphraseFile", "signingCertificatesFile", "serverCaFile"? }
 *
 * Secrets are in files, whose paths are relative to CONFIG_FILE.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { fail, known, record, type ServiceFile, words } from './config-file.js';
import { ConfigError } from './config-error.js';
import {
  BANKID_PRODUCTION,
  BANKID_TEST,
  BankIdProvider,
  type EidProvider,
  FREJA_PRODUCTION,
  FREJA_TEST,
  FrejaProvider,
} from 'sluss/gateway';

interface Making {
  /** Throws a `ConfigError` when it is not there. */
  read: (key: string) => Buffer;
  has: (key: string) => boolean;
  environment: 'production' | 'test';
  now: () => number;
  log: Logger;
}

interface Maker {
  keys: readonly string[];
  make: (making: Making) => EidProvider;
}

const MAKERS: Record<string, Maker> = {
  bankid: {
    keys: ['environment', 'certificateFile', 'passphraseFile', 'serverCaFile', 'signatureRootsFile'],
    make: ({ read, environment, now, log }) =>
      new BankIdProvider({
        baseUrl: environment === 'test' ? BANKID_TEST : BANKID_PRODUCTION,
        p12: read('certificateFile'),
        passphrase: read('passphraseFile').toString().trim(),
        serverCa: read('serverCaFile').toString(),
        signatureRoots: read('signatureRootsFile').toString(),
        now,
        log,
      }),
  },
  freja: {
    keys: ['environment', 'certificateFile', 'passphraseFile', 'signingCertificatesFile', 'serverCaFile'],
    make: ({ read, has, environment, now, log }) =>
      new FrejaProvider({
        baseUrl: environment === 'test' ? FREJA_TEST : FREJA_PRODUCTION,
        p12: read('certificateFile'),
        passphrase: read('passphraseFile').toString().trim(),
        jwsCertificates: read('signingCertificatesFile').toString(),
        ...(has('serverCaFile') ? { serverCa: read('serverCaFile').toString() } : {}),
        now,
        log,
      }),
  },
};

/** Throws a `ConfigError` that names the setting. */
export function configuredProviders(file: ServiceFile, now: () => number, log: Logger): EidProvider[] {
  known(file.eid, 'eid', Object.keys(MAKERS));
  return Object.entries(file.eid).map(([name, value]) => {
    const path = `eid.${name}`;
    const source = record(value, path);
    const { keys, make } = MAKERS[name];
    known(source, path, keys);
    const environment = source.environment ?? 'production';
    if (environment !== 'production' && environment !== 'test') {
      fail(`${path}.environment`, '"production" or "test"');
    }
    const read = (key: string): Buffer =>
      readSecret(file, words(source[key], `${path}.${key}`), `${path}.${key}`);
    try {
      return make({ read, has: (key) => source[key] !== undefined, environment, now, log });
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      throw new ConfigError(`CONFIG_FILE: ${path}: ${(error as Error).message}`);
    }
  });
}

function readSecret({ folder }: ServiceFile, path: string, name: string): Buffer {
  try {
    return readFileSync(resolve(folder, path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `CONFIG_FILE: ${name} is "${path}", which cannot be read (${code ?? String(error)})`,
    );
  }
}
