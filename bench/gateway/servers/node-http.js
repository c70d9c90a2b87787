// @ts-check
/** Node's own HTTP server with the same two answers. */
import { createServer } from 'node:http';
import { HEALTH, PAGE } from './page.js';

export function createTarget() {
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      response.setHeader('content-type', 'application/json; charset=utf-8').end(JSON.stringify(HEALTH));
    } else {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE);
    }
  });
  return {
    async start() {
      await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
      return { pids: [process.pid], version: `Node ${process.version}` };
    },
    address: () => server.address(),
    close: () => server.closeAllConnections(),
  };
}
