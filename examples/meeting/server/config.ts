import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { choice, integer, read, text, textOrFile, url } from './config-env.js';
import { ConfigError } from './config-error.js';
import { DEFAULT_SERVICE_FILE, parseServiceFile, type ServiceFile } from './config-file.js';
import { turn, type TurnSettings } from './config-turn.js';
import { TrustedProxies } from './http/client-address.js';

export { ConfigError } from './config-error.js';

/** What the environment may set. Everything has a default that works on one machine, but in production (`NODE_ENV`). */
export interface Config {
  /** PORT: of the page and the signalling, TCP. Default 4443; 0 takes a free one. */
  port: number;
  /** HOST: the address to listen on. Default 127.0.0.1; 0.0.0.0 for all of IPv4. */
  host: string;
  /** RTC_HOST: the address to receive media on. Default: HOST. */
  rtcHost: string;
  /** ANNOUNCED_ADDRESS: the address or name that clients are told to send media to. Default: RTC_HOST. */
  announcedAddress: string | undefined;
  /** RTC_PORT: of the media, UDP. Default 44443; 0 takes free ones. With several workers, one port each from here. */
  rtcPort: number;
  /** WORKERS: media threads. Default 1. */
  workers: number;
  /** LOG_LEVEL: of pino. Default info. */
  logLevel: string;
  /** NODE_ENV is `production`: nothing is made up, and nobody is who they are not. */
  production: boolean;
  /** DATA_DIR: database, documents of running meetings and, in development, the secret. Default ./data. */
  dataDir: string;
  /** DATABASE_URL: `postgres://...`; left out: SQLite in DATA_DIR. */
  databaseUrl: string | undefined;
  /**
   * PUBLIC_URL: the address at which people reach the service, `https://meet.example.se`. Needed in production. Left out:
   * what HOST and PORT make, and requests may come from pages of whatever host they name themselves.
   */
  publicUrl: string | undefined;
  /**
   * SECRET or SECRET_FILE: at least 32 characters, for the keyed hashes of personal numbers and the tokens of invitations;
   * changing it makes both unknown. Needed in production; in development one is made in DATA_DIR.
   */
  secret: string | undefined;
  /** TLS_KEY_FILE and TLS_CERT_FILE: PEM; left out: plain HTTP, for behind a proxy. */
  tls: { key: string; cert: string } | undefined;
  /** TURN_URLS, TURN_SECRET or TURN_SECRET_FILE, TURN_LIFETIME_HOURS; left out: no TURN servers. */
  turn: TurnSettings | undefined;
  /** TRUSTED_PROXIES: addresses and networks, with commas, whose X-Forwarded-For and -Proto are believed. Default none. */
  trustedProxies: readonly string[];
  /** TEST_EID: `on` or `off`. Default: on in development; cannot be on in production. */
  testEid: boolean;
  /** SMTP_URL and MAIL_FROM; left out: mail is not sent, in development it can be read at /dev/mail. */
  smtp: { url: string; from: string } | undefined;
  /** SMS_URL, SMS_TOKEN (or SMS_TOKEN_FILE) and SMS_FROM: see notify/sms-port.ts; left out: no text messages. */
  sms: { url: string; token: string; from: string } | undefined;
  /** PAYMENT: `off` (default) or `sandbox`, which takes no money. */
  payment: 'off' | 'sandbox';
  /** METRICS_TOKEN: when set, /metrics asks for it as a bearer token. */
  metricsToken: string | undefined;
  /** CONFIG_FILE: e-ID providers, the first operator, names: see config-file.ts and config.example.json. */
  file: ServiceFile;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const MIN_SECRET_CHARACTERS = 32;

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const host = address('HOST', text(env, 'HOST') ?? '127.0.0.1');
  const production = env.NODE_ENV === 'production';
  const config: Config = {
    port: integer(env, 'PORT', 4443, 0, 65535),
    host,
    rtcHost: address('RTC_HOST', text(env, 'RTC_HOST') ?? host),
    announcedAddress: announcedAddress(env),
    rtcPort: integer(env, 'RTC_PORT', 44443, 0, 65535),
    workers: integer(env, 'WORKERS', 1, 1, 64),
    logLevel: choice(env, 'LOG_LEVEL', LOG_LEVELS, 'info'),
    production,
    dataDir: resolve(text(env, 'DATA_DIR') ?? 'data'),
    databaseUrl: url(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    publicUrl: publicUrl(env, production),
    secret: secret(env),
    tls: tls(env),
    turn: turn(env),
    trustedProxies: trustedProxies(env),
    testEid: choice(env, 'TEST_EID', ['on', 'off'], production ? 'off' : 'on') === 'on',
    smtp: smtp(env),
    sms: sms(env),
    payment: choice(env, 'PAYMENT', ['off', 'sandbox'] as const, 'off'),
    metricsToken: text(env, 'METRICS_TOKEN'),
    file: serviceFile(env),
  };
  if (config.secret !== undefined && config.secret === config.turn?.secret) {
    throw new ConfigError(
      'SECRET and TURN_SECRET are the same, but the TURN server must not know the secret of the service: make another one',
    );
  }
  if (production) checkProduction(config);
  return config;
}

/** True for the addresses that mean "all of this machine's". */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function checkProduction(config: Config): void {
  if (config.publicUrl === undefined) {
    throw new ConfigError(
      'PUBLIC_URL is not set, but production needs it: the address at which people reach the service, ' +
        'such as https://meet.example.se',
    );
  }
  if (config.secret === undefined) {
    throw new ConfigError(
      'neither SECRET nor SECRET_FILE is set, but production needs one: at least 32 random characters that ' +
        'stay the same, such as what "openssl rand -base64 48" prints',
    );
  }
  if (config.testEid) {
    throw new ConfigError(
      'TEST_EID is on, but NODE_ENV is production: with the test e-ID anybody is whoever they say. Set TEST_EID=off',
    );
  }
  if (config.payment === 'sandbox') {
    throw new ConfigError(
      'PAYMENT is sandbox, which takes no money, but NODE_ENV is production: set PAYMENT=off',
    );
  }
}

function address(name: string, value: string): string {
  if (isIP(value) === 0) {
    throw new ConfigError(
      `${name} is "${value}", but must be an IP address of this machine, such as 127.0.0.1 or 0.0.0.0`,
    );
  }
  return value;
}

function announcedAddress(env: NodeJS.ProcessEnv): string | undefined {
  const address = text(env, 'ANNOUNCED_ADDRESS');
  if (address !== undefined && !/^[\w.:-]+$/.test(address)) {
    throw new ConfigError(`ANNOUNCED_ADDRESS is "${address}", but must be an IP address or a host name`);
  }
  if (address !== undefined && isUnspecified(address)) {
    throw new ConfigError(
      `ANNOUNCED_ADDRESS is ${address}: nobody can send to that. Set the address at which this machine is reached`,
    );
  }
  return address;
}

function publicUrl(env: NodeJS.ProcessEnv, production: boolean): string | undefined {
  const value = url(env, 'PUBLIC_URL', production ? ['https:'] : ['https:', 'http:']);
  if (value === undefined) return undefined;
  const { origin, pathname, search, hash } = new URL(value);
  if (pathname !== '/' || search !== '' || hash !== '') {
    throw new ConfigError(`PUBLIC_URL is "${value}", but must end after the host name, as in ${origin}`);
  }
  return origin;
}

function secret(env: NodeJS.ProcessEnv): string | undefined {
  const value = textOrFile(env, 'SECRET');
  if (value !== undefined && value.length < MIN_SECRET_CHARACTERS) {
    throw new ConfigError(
      `the secret has ${value.length} characters, but must have at least ${MIN_SECRET_CHARACTERS}: ` +
        'use what "openssl rand -base64 48" prints',
    );
  }
  return value;
}

function tls(env: NodeJS.ProcessEnv): Config['tls'] {
  const key = text(env, 'TLS_KEY_FILE');
  const cert = text(env, 'TLS_CERT_FILE');
  if ((key === undefined) !== (cert === undefined)) {
    throw new ConfigError(
      'set both TLS_KEY_FILE and TLS_CERT_FILE, or none of them: TLS needs the key and the certificate',
    );
  }
  if (key === undefined || cert === undefined) return undefined;
  for (const [name, path] of [
    ['TLS_KEY_FILE', key],
    ['TLS_CERT_FILE', cert],
  ]) {
    if (!read(name, path).includes('-----BEGIN ')) {
      throw new ConfigError(`${name} is "${path}", which is no PEM file (it has no line "-----BEGIN ...")`);
    }
  }
  return { key, cert };
}

function trustedProxies(env: NodeJS.ProcessEnv): string[] {
  const entries = (text(env, 'TRUSTED_PROXIES') ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  try {
    new TrustedProxies(entries);
  } catch (error) {
    throw new ConfigError(`TRUSTED_PROXIES: ${(error as Error).message}`);
  }
  return entries;
}

function smtp(env: NodeJS.ProcessEnv): Config['smtp'] {
  const smtpUrl = url(env, 'SMTP_URL', ['smtp:', 'smtps:']);
  if (smtpUrl === undefined) return undefined;
  const from = text(env, 'MAIL_FROM');
  if (from === undefined || !/^[^\s@<>]+@[^\s@<>]+$/.test(from)) {
    throw new ConfigError(
      `MAIL_FROM is "${from ?? ''}", but must be the address that mail comes from, such as mote@example.se`,
    );
  }
  return { url: smtpUrl, from };
}

function sms(env: NodeJS.ProcessEnv): Config['sms'] {
  const smsUrl = url(env, 'SMS_URL', ['https:', 'http:']);
  if (smsUrl === undefined) return undefined;
  const from = text(env, 'SMS_FROM');
  if (from === undefined || !/^([A-Za-z0-9]{1,11}|\+\d{6,15})$/.test(from)) {
    throw new ConfigError(
      `SMS_FROM is "${from ?? ''}", but must be at most 11 letters and digits, or a number such as +46700000000`,
    );
  }
  const token = textOrFile(env, 'SMS_TOKEN');
  if (token === undefined) throw new ConfigError('SMS_URL is set, but neither SMS_TOKEN nor SMS_TOKEN_FILE');
  return { url: smsUrl, token, from };
}

function serviceFile(env: NodeJS.ProcessEnv): ServiceFile {
  const path = text(env, 'CONFIG_FILE');
  if (path === undefined) return DEFAULT_SERVICE_FILE;
  let value: unknown;
  try {
    value = JSON.parse(read('CONFIG_FILE', path));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`CONFIG_FILE is "${path}", which is no JSON: ${(error as Error).message}`);
  }
  return parseServiceFile(value, resolve(join(path, '..')), env);
}
