// @ts-check
/** The gateway of this project with one media worker, as built in dist/. */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { createGateway } from '../../../dist/gateway/index.js';
import { PAGE } from './page.js';

export function createTarget() {
  /** @type {Awaited<ReturnType<typeof createGateway>> | undefined} */
  let gateway;
  return {
    /** @param {{ maxRooms?: number }} settings */
    async start({ maxRooms = 1000 }) {
      gateway = await createGateway({
        listen: { ip: '127.0.0.1', port: 0 },
        rtc: { workers: 1, listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] },
        logger: pino({ level: 'silent' }),
        limits: { maxRooms },
        configureHttp: (app) => {
          app.get('/page', (response) => {
            response.cork(() => response.writeHeader('content-type', 'text/html; charset=utf-8').end(PAGE));
          });
        },
      });
      const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
      return { pids: [process.pid], version: `sluss ${version}` };
    },
    address: () => ({ port: gateway?.port }),
    peers: () => gateway?.peerCount,
    close: () => gateway?.close(),
  };
}
