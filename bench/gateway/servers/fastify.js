// @ts-check
/** fastify with the same two answers. */
import { createRequire } from 'node:module';
import fastify from 'fastify';
import { HEALTH, PAGE } from './page.js';

export function createTarget() {
  const app = fastify({ logger: false });
  app.get('/healthz', async () => HEALTH);
  app.get('/page', async (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  return {
    async start() {
      await app.listen({ host: '127.0.0.1', port: 0 });
      const { version } = createRequire(import.meta.url)('fastify/package.json');
      return { pids: [process.pid], version: `fastify ${version}` };
    },
    address: () => ({ port: /** @type {import('node:net').AddressInfo} */ (app.server.address()).port }),
    close: () => app.close(),
  };
}
