/** A video room in a few lines: run `npm run build && node examples/minimal/dist/server.js`, open it in two windows. */
import { readFileSync } from 'node:fs';
import { createGateway } from 'sluss/gateway';

const read = (name: string): Buffer => readFileSync(new URL(`web/${name}`, import.meta.url));
const pages = {
  '/': { type: 'text/html; charset=utf-8', body: read('index.html') },
  '/main.js': { type: 'text/javascript; charset=utf-8', body: read('main.js') },
};

const gateway = await createGateway({
  listen: { ip: '127.0.0.1', port: Number(process.env.PORT ?? 4444) },
  rtc: { listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] },
  configureHttp(app) {
    for (const [path, { type, body }] of Object.entries(pages)) {
      app.get(path, (response) => {
        response.writeHeader('Content-Type', type).end(body);
      });
    }
  },
});

console.log(`Open http://127.0.0.1:${gateway.port}/ in two windows.`);
