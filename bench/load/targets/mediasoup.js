// @ts-check
/**
 * mediasoup, whatever version there is: from bench/node_modules, or from the folder that MEDIASOUP_DIR names. The
 * worker is its own unless MEDIASOUP_WORKER_BIN names another.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MediasoupApiTarget } from './mediasoup-api.js';

export const methods = [
  'plainProducer',
  'plainReceivers',
  'manyStreams',
  'webRtcTransport',
  'preferLayers',
  'workers',
  'pipe',
];

export function availability() {
  const folder = findFolder();
  if (!folder) {
    return {
      available: false,
      reason: 'it is not installed',
      install:
        'npm i --no-save mediasoup (in bench/), or set MEDIASOUP_DIR to a node_modules/mediasoup folder',
    };
  }
  const worker = workerBinary(folder);
  if (!worker) {
    return {
      available: false,
      reason: `${folder} has no built worker`,
      install:
        'let its install script run or build it (make in its worker folder), or set MEDIASOUP_WORKER_BIN',
    };
  }
  return { available: true, version: `mediasoup ${version(folder)}` };
}

export async function createTarget() {
  const folder = /** @type {string} */ (findFolder());
  const binary = workerBinary(folder);
  // Read by mediasoup when it is loaded.
  if (binary) process.env.MEDIASOUP_WORKER_BIN = binary;
  const mediasoup = createRequire(join(folder, 'package.json'))('./');
  const ip = '127.0.0.1';
  return new MediasoupApiTarget({
    createWorker: mediasoup.createWorker,
    version: `mediasoup ${version(folder)}`,
    listen: takesListenInfo(version(folder)) ? { listenInfo: { protocol: 'udp', ip } } : { listenIp: ip },
    // Its workers are processes of their own; the Node side counts too.
    pidsOf: (workers) => [process.pid, ...workers.map((worker) => worker.pid)],
  });
}

/** @returns {string | undefined} */
function findFolder() {
  const named = process.env.MEDIASOUP_DIR;
  if (named) return existsSync(join(named, 'package.json')) ? named : undefined;
  const here = createRequire(import.meta.url);
  for (const folder of here.resolve.paths('mediasoup') ?? []) {
    if (existsSync(join(folder, 'mediasoup', 'package.json'))) return join(folder, 'mediasoup');
  }
  return undefined;
}

/** @param {string} folder */
function workerBinary(folder) {
  const candidates = [process.env.MEDIASOUP_WORKER_BIN, join(folder, 'worker/out/Release/mediasoup-worker')];
  return candidates.find((file) => file && existsSync(file));
}

/** @param {string} folder */
function version(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

/** @param {string} version since 3.12 */
function takesListenInfo(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 12);
}
