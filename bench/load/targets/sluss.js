// @ts-check
/** This project as built in dist/, or in the folder that SLUSS_DIST names. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MediasoupApiTarget } from './mediasoup-api.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export const methods = [
  'plainProducer',
  'plainReceivers',
  'manyStreams',
  'webRtcTransport',
  'preferLayers',
  'workers',
  'pipe',
];

export function availability(folder = distFolder()) {
  if (!existsSync(join(folder, 'index.js'))) {
    return {
      available: false,
      reason: `${folder}/index.js is missing`,
      install: 'npm run build (in the root)',
    };
  }
  return { available: true, version: version() };
}

export async function createTarget() {
  const { createWorker } = await import(pathToFileURL(join(distFolder(), 'index.js')).href);
  return new MediasoupApiTarget({
    createWorker,
    version: version(),
    listen: { listenInfo: { protocol: 'udp', ip: '127.0.0.1' } },
    // Workers are threads of this process.
    pidsOf: () => [process.pid],
  });
}

function distFolder() {
  return resolve(process.env.SLUSS_DIST ?? join(ROOT, 'dist'));
}

function version() {
  return `sluss ${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}`;
}
