import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.js';
import { ConfigError } from './config-error.js';

/** The service's secret. In development one is made at the first start and kept in DATA_DIR/secret, readable by its owner. */
export function loadSecret(config: Pick<Config, 'secret' | 'production' | 'dataDir'>): Uint8Array {
  if (config.secret !== undefined) return Buffer.from(config.secret);
  if (config.production) throw new ConfigError('neither SECRET nor SECRET_FILE is set');
  const path = join(config.dataDir, 'secret');
  try {
    return Buffer.from(readFileSync(path, 'utf8').trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const made = randomBytes(48).toString('base64url');
  // Two servers that start together must not end up with one secret each.
  writeFileSync(path, `${made}\n`, { mode: 0o600, flag: 'wx' });
  return Buffer.from(made);
}
