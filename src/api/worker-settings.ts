import { readFile } from 'node:fs/promises';
import type { WorkerLogLevel, WorkerLogTag } from '../worker/entity-types.js';
import type { ThreadSettings } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import { Fields } from './ortc/fields.js';

export interface WorkerSettings<WorkerAppData extends AppData = AppData> {
  /** What the thread logs, see `setLogEventListeners()`. Default 'error'. */
  logLevel?: WorkerLogLevel;
  /** Which subjects are logged at levels 'debug' and 'warn'. Default none. */
  logTags?: WorkerLogTag[];
  /** Lowest port for listen infos that name none. Default 10000. */
  rtcMinPort?: number;
  /** Highest port for listen infos that name none. Default 59999. */
  rtcMaxPort?: number;
  /** Path of the DTLS certificate, PEM. Default: one is made at start. Together with `dtlsPrivateKeyFile`. */
  dtlsCertificateFile?: string;
  /** Path of the certificate's private key, PEM. */
  dtlsPrivateKeyFile?: string;
  appData?: WorkerAppData;
}

export type WorkerUpdateableSettings = Pick<WorkerSettings, 'logLevel' | 'logTags'>;

const logLevels: readonly WorkerLogLevel[] = ['debug', 'warn', 'error', 'none'];
const logTags: readonly WorkerLogTag[] = [
  'info',
  'ice',
  'dtls',
  'rtp',
  'srtp',
  'rtcp',
  'rtx',
  'bwe',
  'score',
  'simulcast',
  'svc',
  'sctp',
  'message',
];

/** Lower ports need privileges. */
const LOWEST_PORT = 1024;

/**
 * The checked settings of `createWorker()`, defaults filled in, certificate files read.
 *
 * @throws TypeError that names the field, also for a file that cannot be read.
 */
export async function readWorkerSettings(settings: WorkerSettings): Promise<ThreadSettings> {
  const fields = new Fields(settings, 'settings');
  const log = readLogSettings(settings);
  const rtcMinPort = fields.optionalInteger('rtcMinPort', LOWEST_PORT, 65535) ?? 10000;
  const rtcMaxPort = fields.optionalInteger('rtcMaxPort', rtcMinPort, 65535) ?? Math.max(59999, rtcMinPort);
  return {
    logLevel: log.logLevel ?? 'error',
    logTags: log.logTags ?? [],
    rtcMinPort,
    rtcMaxPort,
    ...(await readCertificateFiles(fields)),
  };
}

/** @throws TypeError for an unknown level or tag. */
export function readLogSettings(settings: WorkerUpdateableSettings): WorkerUpdateableSettings {
  const fields = new Fields(settings, 'settings');
  const tags = fields.optionalList('logTags', (tag) => {
    const known = logTags.find((candidate) => candidate === tag);
    return known ?? fields.fail('logTags', `an array out of ${logTags.join(', ')}`);
  });
  return {
    logLevel: settings.logLevel && fields.oneOf('logLevel', logLevels),
    logTags: settings.logTags && tags,
  };
}

async function readCertificateFiles(
  fields: Fields,
): Promise<Pick<ThreadSettings, 'dtlsCertificatePem' | 'dtlsPrivateKeyPem'>> {
  const certificateFile = fields.optionalString('dtlsCertificateFile', 4096);
  const privateKeyFile = fields.optionalString('dtlsPrivateKeyFile', 4096);
  if (certificateFile === undefined && privateKeyFile === undefined) {
    return {};
  }
  if (certificateFile === undefined || privateKeyFile === undefined) {
    const missing = certificateFile === undefined ? 'dtlsCertificateFile' : 'dtlsPrivateKeyFile';
    throw new TypeError(
      `missing settings.${missing}: certificate and private key are given together or not at all`,
    );
  }
  return {
    dtlsCertificatePem: await readPem('dtlsCertificateFile', certificateFile),
    dtlsPrivateKeyPem: await readPem('dtlsPrivateKeyFile', privateKeyFile),
  };
}

async function readPem(field: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new TypeError(`invalid settings.${field}: cannot read ${path} (${(error as Error).message})`, {
      cause: error,
    });
  }
}
