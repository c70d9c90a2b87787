import { isIP } from 'node:net';

/** What the environment may set. Everything has a default that works on one machine. */
export interface Config {
  /** PORT: of the page and the signalling, TCP. Default 4443; 0 takes a free one. */
  port: number;
  /** HOST: the address to listen on. Default 127.0.0.1; 0.0.0.0 for all of IPv4. */
  host: string;
  /** ANNOUNCED_ADDRESS: the address or name that clients are told to send media to. Default: HOST. */
  announcedAddress: string | undefined;
  /** RTC_PORT: of the media, UDP. Default 44443; 0 takes free ones. With several workers, one port each from here. */
  rtcPort: number;
  /** WORKERS: media threads. Default 1. */
  workers: number;
  /** LOG_LEVEL: of pino. Default info. */
  logLevel: string;
}

/** A mistake in the environment, told by the variable's name. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const host = env.HOST ?? '127.0.0.1';
  if (isIP(host) === 0) {
    throw new ConfigError(
      `HOST is "${host}", but must be an IP address of this machine, such as 127.0.0.1 or 0.0.0.0`,
    );
  }
  const announcedAddress = env.ANNOUNCED_ADDRESS === '' ? undefined : env.ANNOUNCED_ADDRESS;
  if (announcedAddress !== undefined && !/^[\w.:-]+$/.test(announcedAddress)) {
    throw new ConfigError(
      `ANNOUNCED_ADDRESS is "${announcedAddress}", but must be an IP address or a host name`,
    );
  }
  if (announcedAddress !== undefined && isUnspecified(announcedAddress)) {
    throw new ConfigError(
      `ANNOUNCED_ADDRESS is ${announcedAddress}: nobody can send to that. Set the address at which this machine is reached`,
    );
  }
  const logLevel = env.LOG_LEVEL ?? 'info';
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new ConfigError(`LOG_LEVEL is "${logLevel}", but must be one of ${LOG_LEVELS.join(', ')}`);
  }
  return {
    port: integer(env, 'PORT', 4443, 0, 65535),
    host,
    announcedAddress,
    rtcPort: integer(env, 'RTC_PORT', 44443, 0, 65535),
    workers: integer(env, 'WORKERS', 1, 1, 64),
    logLevel,
  };
}

/** True for the addresses that mean "all of this machine's". */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function integer(env: NodeJS.ProcessEnv, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new ConfigError(`${name} is "${text}", but must be a whole number from ${min} to ${max}`);
  }
  return value;
}
