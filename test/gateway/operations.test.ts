import { readFileSync } from 'node:fs';
import t from 'tap';
import { createGateway } from '#src/gateway/index.js';
import { CloseCode } from '#src/signalling/protocol.js';
import { FakeMedia } from './fake-media.js';
import { produceData, silent, startGateway, TestClient } from './test-client.js';

t.test('healthz is good while the workers answer', async (t) => {
  const { http, media } = await startGateway(t);
  const answer = await fetch(`${http}/healthz`);
  t.equal(answer.status, 200);
  t.strictSame(await answer.json(), { status: 'ok', rooms: 0, peers: 0 });
  t.equal((await fetch(`${http}/nothing-here`)).status, 404);

  const sick = await startGateway(t);
  sick.media.responsive = false;
  const bad = await fetch(`${sick.http}/healthz`);
  t.equal(bad.status, 503);
  t.match(await bad.json(), { status: 'worker-unresponsive' });
  t.equal(media.closed, false);
});

t.test('how many meet is told on this machine and to whoever has the token, to nobody else', async (t) => {
  const { http } = await startGateway(t, { metricsToken: 'secret' });
  const ask = async (headers: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${http}/healthz`, { headers });
    t.equal(answer.status, 200);
    return answer.json();
  };
  const counts = { status: 'ok', rooms: 0, peers: 0 };
  t.strictSame(await ask({}), counts, 'on this machine');
  for (const header of ['x-forwarded-for', 'forwarded', 'via']) {
    const proxied = { [header]: '203.0.113.9' };
    t.strictSame(await ask(proxied), { status: 'ok' }, 'a proxy on this machine asks for strangers');
    t.strictSame(await ask({ ...proxied, authorization: 'Bearer wrong!' }), { status: 'ok' });
    t.strictSame(await ask({ ...proxied, authorization: 'Bearer secret' }), counts);
  }
});

t.test('without a token metrics are for this machine', async (t) => {
  const { http } = await startGateway(t);
  t.equal((await fetch(`${http}/metrics`)).status, 200);
  const proxied = await fetch(`${http}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
  t.equal(proxied.status, 403);
  t.notMatch(await proxied.text(), /sluss_/);
});

t.test('metrics count what happened', async (t) => {
  const { http, url } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  await anna.client.request('produce', produceData(anna.joined));
  await bo.client.notification('newConsumers');
  await t.rejects(anna.client.request('pauseProducer', { producerId: 'x' }));
  const answer = await fetch(`${http}/metrics`);
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).split('\n');
  for (const line of [
    'sluss_rooms 1',
    'sluss_peers 2',
    'sluss_peers_detached 0',
    'sluss_transports 4',
    'sluss_producers{kind="video"} 1',
    'sluss_producers{kind="audio"} 0',
    'sluss_consumers{kind="video"} 1',
    'sluss_websocket_connections 2',
    'sluss_websocket_messages_total{direction="in"} 4',
    'sluss_requests_total{request="join"} 2',
    'sluss_errors_total{code="not-found"} 1',
    'sluss_peers_joined_total 2',
    'sluss_join_seconds_count 2',
    'sluss_draining 0',
    'sluss_worker_deaths_total 0',
    'sluss_media_datagrams_total{direction="in"} 7',
    'sluss_media_datagrams_total{direction="out"} 9',
    'sluss_media_bytes_total{direction="in"} 700',
    'sluss_media_bytes_total{direction="out"} 900',
    'sluss_media_dropped_total{reason="unknown-tuple"} 2',
    'sluss_media_dropped_total{reason="send-ENETUNREACH"} 1',
    'sluss_media_send_queue_bytes 42',
    'sluss_media_worker_cpu_seconds_total{worker="0"} 1.5',
    'sluss_media_worker_cpu_seconds_total{worker="1"} 0.25',
    'sluss_media_workers 2',
    '# TYPE sluss_media_datagrams_total counter',
    '# TYPE sluss_media_workers gauge',
  ]) {
    t.ok(lines.includes(line), line);
  }
  for (const line of lines) t.match(line, /^$|^# (HELP|TYPE) \w+ |^\w+(\{[^}]*\})? [\d.e+-]+$/, line);
});

t.test('docs/metrics.md names every metric', async (t) => {
  const { http } = await startGateway(t);
  const text = await (await fetch(`${http}/metrics`)).text();
  const served = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
  t.strictSame(documented.sort(), served.sort());
});

t.test('metrics may ask for a token', async (t) => {
  const { http, media } = await startGateway(t, { metricsToken: 'secret' });
  t.equal((await fetch(`${http}/metrics`)).status, 401);
  t.equal(media.looks, 0, 'a stranger makes the workers do nothing');
  t.equal((await fetch(`${http}/metrics`, { headers: { authorization: 'Bearer wrong!' } })).status, 401);
  t.equal((await fetch(`${http}/metrics`, { headers: { authorization: 'Bearer secret' } })).status, 200);
});

t.test(
  'a drain tells everybody, takes nobody new, lets sessions resume, and ends with the last peer',
  async (t) => {
    const { gateway, url, http, media } = await startGateway(t);
    const anna = await TestClient.join(t, url);
    const bo = await TestClient.join(t, url);
    const drained = gateway.drain();
    t.match(await anna.client.notification('closing'), { reason: 'draining', deadlineMs: 30_000 });
    t.equal((await fetch(`${http}/healthz`)).status, 503);
    await t.rejects(TestClient.join(t, url), /draining/);
    bo.client.socket.terminate();
    await bo.client.closed;
    const again = await TestClient.join(t, url, { resumeToken: bo.joined.resumeToken });
    t.equal(again.joined.resumed, true);
    await anna.client.request('leave', {});
    t.equal(media.closed, false);
    await again.client.request('leave', {});
    await drained;
    t.equal(media.closed, true);
  },
);

t.test('a drain closes those who stay when its time is over', async (t) => {
  const { gateway, url } = await startGateway(t, { timing: { drainTimeout: 80 } });
  const { client } = await TestClient.join(t, url);
  await gateway.drain();
  t.strictSame(await client.closed, { code: CloseCode.Draining, reason: 'draining' });
  t.equal(gateway.peerCount, 0);
});

t.test('close() ends a drain at once', async (t) => {
  const { gateway, url } = await startGateway(t);
  const { client } = await TestClient.join(t, url);
  const drained = gateway.drain();
  await gateway.close();
  await drained;
  t.equal((await client.closed).code, CloseCode.Draining);
});

t.test('while no worker is alive a join is told to try again', async (t) => {
  const { url, media } = await startGateway(t);
  media.failure = Object.assign(new Error('no media worker is alive'), { name: 'WorkerClosedError' });
  await t.rejects(TestClient.join(t, url), /media-unavailable/);
  media.failure = undefined;
  await TestClient.join(t, url);
});

t.test('own HTTP routes are served beside the gateway', async (t) => {
  const { http } = await startGateway(t, {
    configureHttp: (app) => app.get('/hello', (response) => void response.end('hello')),
  });
  t.equal(await (await fetch(`${http}/hello`)).text(), 'hello');
});

t.test('options that cannot work are refused with a reason', async (t) => {
  const listen = { ip: '127.0.0.1', port: 0 };
  const create = (options: object) =>
    createGateway({ listen, logger: silent, mediaBackend: new FakeMedia(), ...options });
  await t.rejects(create({ colour: 'red' }), /"colour" is not known/);
  await t.rejects(create({ limits: { maxRoms: 3 } }), /limits.maxRoms is not known/);
  await t.rejects(create({ timing: { grace: -1 } }), /timing.grace must be a number above 0/);
  await t.rejects(create({ listen: { ip: '127.0.0.1', port: 70_000 } }), /listen.port/);
  await t.rejects(create({ path: 'no-slash' }), /path/);
  await t.rejects(createGateway({ listen, logger: silent }), /either "rtc"/);
  const { gateway } = await startGateway(t);
  await t.rejects(
    create({ listen: { ip: '127.0.0.1', port: gateway.port } }),
    /cannot listen on 127.0.0.1 port/,
  );
});
