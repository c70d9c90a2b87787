import { cpSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Test } from 'tap';
import { StaticFiles } from '../../../examples/meeting/server/static-files.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Builds the meeting page with `fake-room-client.ts` in the place of the client library and serves it as the meeting
 * server would, with the same headers. Returns the address, ending in a slash.
 */
export async function serveFakePage(t: Test): Promise<string> {
  const folder = t.testdir({});
  const web = join(root, 'examples/meeting/web');
  for (const asset of ['index.html', 'icon.svg']) cpSync(join(web, asset), join(folder, asset));
  await build({
    entryPoints: [join(web, 'main.tsx')],
    outdir: folder,
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    alias: { 'sluss/client': join(root, 'test/support/browser/fake-room-client.ts') },
    logLevel: 'warning',
  });
  const files = new StaticFiles(folder);
  const server = createServer((request, response) => {
    const { headers } = request;
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const answer = files.respond(
      pathname,
      String(headers['accept-encoding'] ?? ''),
      headers['if-none-match'] ?? '',
    );
    response.writeHead(Number.parseInt(answer.status), Object.fromEntries(answer.headers));
    response.end(answer.body ?? undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
