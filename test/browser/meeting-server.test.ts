/** The meeting server without a browser: configuration, addresses, the files it serves, its start and end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { planAddresses } from '../../examples/meeting/server/addresses.js';
import { readConfig } from '../../examples/meeting/server/config.js';
import { PAGE_HEADERS } from '../../examples/meeting/server/http/security-headers.js';
import { PAGE } from '../../examples/meeting/server/service.js';
import { StaticFiles } from '../../examples/meeting/server/static-files.js';
import { ExampleServer } from '../support/browser/example-server.js';

t.test('configuration: defaults, and mistakes told by name', async (t) => {
  t.match(readConfig({}), { port: 4443, host: '127.0.0.1', rtcPort: 44443, workers: 1, logLevel: 'info' });
  t.match(readConfig({ PORT: '0', HOST: '::1', ANNOUNCED_ADDRESS: 'meet.example.org' }), {
    port: 0,
    host: '::1',
    announcedAddress: 'meet.example.org',
  });
  t.match(readConfig({}), { rtcHost: '127.0.0.1' });
  t.match(readConfig({ HOST: '::1' }), { rtcHost: '::1' }, 'media goes where the page is');
  t.match(readConfig({ RTC_HOST: '0.0.0.0' }), { host: '127.0.0.1', rtcHost: '0.0.0.0' }, 'or elsewhere');
  for (const [env, name] of [
    [{ PORT: 'http' }, 'PORT'],
    [{ PORT: '70000' }, 'PORT'],
    [{ HOST: 'localhost' }, 'HOST'],
    [{ RTC_HOST: 'localhost' }, 'RTC_HOST'],
    [{ ANNOUNCED_ADDRESS: '0.0.0.0' }, 'ANNOUNCED_ADDRESS'],
    [{ ANNOUNCED_ADDRESS: 'http://meet' }, 'ANNOUNCED_ADDRESS'],
    [{ WORKERS: '0' }, 'WORKERS'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
  ] as const) {
    t.throws(() => readConfig(env), { name: 'ConfigError', message: new RegExp(name) });
  }
});

t.test('addresses: what clients are told, and where that cannot work', async (t) => {
  const loopback = { address: '127.0.0.1', family: 'IPv4', internal: true };
  const office = { address: '192.168.1.20', family: 'IPv4', internal: false };
  const open = { address: '203.0.113.9', family: 'IPv4', internal: false };

  const local = planAddresses('127.0.0.1', undefined, [loopback, office]);
  t.equal(local.announced, '127.0.0.1');
  t.match(local.warnings.join(), /only pages on this machine/);

  const all = planAddresses('0.0.0.0', undefined, [loopback, office]);
  t.equal(all.announced, '192.168.1.20');
  t.match(all.warnings.join(), /private network/);
  t.match(all.warnings.join(), /https/);
  t.notMatch(planAddresses('0.0.0.0', undefined, [loopback, office], true).warnings.join(), /https/);

  t.equal(planAddresses('0.0.0.0', undefined, [office, open]).announced, '203.0.113.9', 'a public one first');
  t.equal(planAddresses('0.0.0.0', 'meet.example.org', [office]).announced, 'meet.example.org');
  t.match(planAddresses('0.0.0.0', '127.0.0.1', [office]).warnings.join(), /means themselves/);
  t.match(planAddresses('0.0.0.0', undefined, [loopback]).warnings.join(), /no network address/);
});

t.test('files: types, safety headers, compression, revalidation, nothing else reachable', async (t) => {
  const folder = t.testdir({
    'index.html': '<!doctype html>'.padEnd(5000),
    'main.js': 'console.log(1)'.padEnd(5000),
    'secret.key': 'not of the page',
  });
  const files = new StaticFiles(folder, PAGE, PAGE_HEADERS);
  const page = files.respond('/', '', '');
  const headers = new Map(page.headers);
  t.equal(page.status, '200 OK');
  t.equal(headers.get('Content-Type'), 'text/html; charset=utf-8');
  t.equal(headers.get('X-Content-Type-Options'), 'nosniff');
  t.match(headers.get('Content-Security-Policy'), /script-src 'self';/);
  for (const path of ['/i/any', '/meeting/any', '/portal/book', '/admin', '/operator', '/test', '/support']) {
    t.same(files.respond(path, '', '').body, page.body, `${path} is the same page`);
  }
  const zipped = files.respond('/main.js', 'gzip, br', '');
  t.equal(new Map(zipped.headers).get('Content-Encoding'), 'gzip');
  t.ok(zipped.body!.length < 200);
  t.equal(files.respond('/', '', headers.get('ETag')!).status, '304 Not Modified');
  for (const path of ['/secret.key', '/../package.json', '/main.js/', '/m', '/%2e%2e/server.js']) {
    t.equal(files.respond(path, '', '').status, '404 Not Found', path);
  }
  t.throws(() => new StaticFiles(t.testdir({}), PAGE, PAGE_HEADERS), { message: /npm run build/ });
});

t.test('the started server: page, health, refusals, notes on addresses, end', async (t) => {
  const server = await ExampleServer.start(t, 'meeting');
  const page = await fetch(server.url);
  t.equal(page.status, 200);
  t.match(await page.text(), '<div id="app">');
  t.equal(page.headers.get('x-content-type-options'), 'nosniff');
  const again = { headers: { 'If-None-Match': page.headers.get('etag')! } };
  t.equal((await fetch(server.url, again)).status, 304);
  t.equal((await fetch(`${server.url}meeting/some-id`)).status, 200);
  t.match((await fetch(`${server.url}main.js`)).headers.get('content-type'), 'text/javascript');
  t.equal((await fetch(`${server.url}main.js`, { method: 'HEAD' })).status, 200);
  t.equal((await fetch(`${server.url}server.js`)).status, 404);
  t.equal((await fetch(`${server.url}healthz`)).status, 200, "the gateway's own routes stay");
  t.match(server.output, /clients are told to send to 127\.0\.0\.1/);
  t.match(server.output, /only pages on this machine/);
});

t.test('what hinders the start is told in one clear line', async (t) => {
  const DATA_DIR = t.testdir({});
  t.same(await startWith({ PORT: 'x', DATA_DIR }), {
    code: 1,
    said: 'Configuration: PORT is "x", but must be a whole number from 0 to 65535.\n',
  });
  const taken = createServer().listen(0, '127.0.0.1');
  t.teardown(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, said } = await startWith({
    ...{ PORT: String(port), RTC_PORT: '0', LOG_LEVEL: 'silent', DATA_DIR },
  });
  t.equal(code, 1);
  t.match(
    said,
    new RegExp(`^The meeting service could not start: cannot listen on 127.0.0.1 port ${port}: .*\n$`),
  );
});

/** Starts the server with this environment, to its end. */
async function startWith(environment: NodeJS.ProcessEnv): Promise<{ code: number; said: string }> {
  const script = fileURLToPath(new URL('../../examples/meeting/dist/server.js', import.meta.url));
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}
