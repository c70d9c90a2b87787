/**
 * sluss: a WebRTC forwarding unit (SFU) with mediasoup v3's API.
 *
 * @example
 * const worker = await createWorker();
 * const router = await worker.createRouter({ mediaCodecs });
 * const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
 */
import { readFileSync } from 'node:fs';

export type * as types from './api/types.js';
export * as errors from './api/errors.js';
export * as ortc from './api/ortc.js';
export { createWorker, observer } from './api/create-worker.js';
export { parseScalabilityMode } from './api/scalability-mode.js';
export { getSupportedRtpCapabilities } from './api/supported-rtp-capabilities.js';
export { setLogEventListeners } from './api/logger.js';

/** The package's version. */
export const version: string = packageVersion();

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
