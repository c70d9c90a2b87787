/** TURN servers, which carry media where no UDP gets out: the settings, and what one person is given of them. */
import { createHash, createHmac } from 'node:crypto';
import type { IceServer } from '../shared/api.js';
import { integer, text, textOrFile } from './config-env.js';
import { ConfigError } from './config-error.js';

export interface TurnSettings {
  /** TURN_URLS: `turns:turn.example.se:443?transport=tcp`, with commas between several. */
  urls: readonly string[];
  /** TURN_SECRET or TURN_SECRET_FILE: shared with the TURN servers, coturn's `static-auth-secret`. */
  secret: string;
  /**
   * TURN_LIFETIME_HOURS: how long what a person got opens the relay. Default 12. A page asks for more when it has to open the
   * relay anew and what it has is older than half an hour.
   */
  lifetimeHours: number;
}

/** RFC 7065. A name or an address, of IPv6 in brackets; without `transport` a browser takes UDP (turn:) or TCP (turns:). */
const TURN_URL = /^turns?:(?:[a-z\d][a-z\d.-]*|\[[\da-f:.]+\])(?::(\d{1,5}))?(?:\?transport=(?:udp|tcp))?$/i;
const MIN_SECRET_CHARACTERS = 32;

/** Undefined: none. Throws a `ConfigError`. */
export function turn(env: NodeJS.ProcessEnv): TurnSettings | undefined {
  const urls = (text(env, 'TURN_URLS') ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  const secret = textOrFile(env, 'TURN_SECRET');
  if (urls.length === 0) {
    if (secret === undefined) return undefined;
    throw new ConfigError(
      'TURN_SECRET is set, but not TURN_URLS: set where the TURN server is, such as ' +
        'turns:turn.example.se:443?transport=tcp',
    );
  }
  for (const url of urls) {
    const found = TURN_URL.exec(url);
    if (!found || Number(found[1] ?? 1) < 1 || Number(found[1] ?? 1) > 65535) {
      throw new ConfigError(
        `TURN_URLS has "${url}", but must be like turns:turn.example.se:443?transport=tcp, with commas between several`,
      );
    }
  }
  if (secret === undefined) {
    throw new ConfigError(
      "TURN_URLS is set, but neither TURN_SECRET nor TURN_SECRET_FILE: set what coturn's static-auth-secret is",
    );
  }
  if (secret.length < MIN_SECRET_CHARACTERS) {
    throw new ConfigError(
      `TURN_SECRET has ${secret.length} characters, but must have at least ${MIN_SECRET_CHARACTERS}: ` +
        'use what "openssl rand -hex 32" prints',
    );
  }
  return { urls, secret, lifetimeHours: integer(env, 'TURN_LIFETIME_HOURS', 12, 1, 24) };
}

/**
 * The TURN servers with a name and a password that open them until the lifetime is over, as coturn's `use-auth-secret` wants
 * them. `who` shows in the TURN server's log, as a hash. `now`: milliseconds since 1970.
 */
export function iceServersFor(settings: TurnSettings | undefined, who: string, now: number): IceServer[] {
  if (settings === undefined) return [];
  const { urls, secret, lifetimeHours } = settings;
  const expiry = Math.floor(now / 1000) + lifetimeHours * 3600;
  const username = `${expiry}:${createHash('sha256').update(who).digest('hex').slice(0, 32)}`;
  const credential = createHmac('sha1', secret).update(username).digest('base64');
  return [{ urls: [...urls], username, credential }];
}
