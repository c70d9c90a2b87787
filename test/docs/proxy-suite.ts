/** What a proxy in front of the built service must pass on, and what it must not; the same for each whose file is in docs/deploy. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Test } from 'tap';
import { LIMITS } from '../../examples/meeting/server/http/rate-limits.js';
import { DOCUMENT_OVERHEAD_BYTES, MAX_DOCUMENT_BYTES } from '../../examples/meeting/shared/api.js';
import { BO, book, DEMO_PERSON, invitationTo, MINUTE, tokenOf } from '../service/meetings/test-service.js';
import { type RunningService, startServer } from '../service/running-service.js';
import { temporaryFolder } from '../service/store/temporary-folder.js';
import { CloseCode } from '#src/signalling/protocol.js';
import { ROOT } from './markdown.js';
import { freePorts, NAME, type ProxyServer, type StartProxy } from './proxy-servers.js';
import { ask, Visitor } from './proxy-visitor.js';

/** Each of these says something about everybody. */
const INSIDE = ['/metrics', '/healthz'];

/** `more` is asked of the same service and proxy. */
export async function proxySuite(
  t: Test,
  start: StartProxy,
  more: (t: Test, proxy: ProxyServer) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { proxy, service, servicePort, direct } = await behind(t, start);
  await t.test('pages: whole, each guard once, over TLS alone', async (t) => {
    const page = await ask(proxy, '/', { headers: { 'accept-encoding': 'identity' } });
    t.equal(page.status, 200);
    const values = (name: string): string[] =>
      page.headers.filter(([key]) => key === name).map(([, value]) => value);
    for (const name of [
      'content-security-policy',
      'strict-transport-security',
      'x-content-type-options',
      'x-frame-options',
      'referrer-policy',
      'permissions-policy',
      'content-length',
    ]) {
      t.equal(values(name).length, 1, name);
    }
    const script = /src="(\/[^"]+\.js)"/.exec(page.body.toString())![1];
    t.ok((await ask(proxy, script)).body.length > 10_000, 'the script of the page');
    const [status, target] = await plainHttp(proxy, '/portal?x=1');
    t.ok(status > 300 && status < 400, String(status));
    t.equal(target, `https://${NAME}/portal?x=1`);
    t.strictSame(
      await plainHttp(proxy, '/api/v1/meetings'),
      [404, ''],
      'no key comes in the clear unnoticed',
    );
  });

  await t.test('what is for the machine itself is not passed on, however it is written', async (t) => {
    for (const path of INSIDE) {
      t.equal((await fetch(direct + path)).status, 200, `${path}, directly`);
      t.equal((await ask(proxy, path)).status, 404, path);
      const name = path.slice(1);
      const written = [
        `${path}?x=1`,
        `/${path}`,
        `/./${name}`,
        `/x/../${name}`,
        `/%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
      ];
      for (const other of [...written, `${path}/`, path.toUpperCase()]) {
        t.notMatch((await ask(proxy, other)).body.toString(), /sluss_|"status"/, other);
      }
    }
  });

  await t.test('a meeting: signalling, events at once, a document of the largest size', async (t) => {
    const anna = new Visitor(proxy);
    await anna.signIn(DEMO_PERSON);
    t.match(anna.cookie, /^__Host-sluss=[\w-]{43}$/, 'the service knows that people come over TLS');
    const startsAt = new Date(Date.now() + 10 * MINUTE).toISOString();
    const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }], { startsAt });
    const invitation = invitationTo(meeting, 'Bo');
    t.match(invitation.link, `https://${NAME}/i/`);
    const path = `/api/meetings/${meeting.id}`;
    await anna.host(meeting.id);
    const host = await anna.join(t, meeting.id);

    const events = anna.stream(t, `${path}/events`);
    await events.until(/event: lobby\n/);
    const bo = new Visitor(proxy);
    const { participantId } = await bo.arrive(invitation, BO);
    // A proxy that fills its buffers first would never pass on so little.
    await events.until(new RegExp(`event: lobby\\n.*"${participantId}"`));
    await anna.lobby(meeting.id, 'admit', { participantId });
    const guest = await bo.join(t, meeting.id);
    t.match(await host.notification('peerJoined'), { displayName: BO.name });

    const content = randomBytes(MAX_DOCUMENT_BYTES + DOCUMENT_OVERHEAD_BYTES);
    const { documentId } = await anna.expect<{ documentId: string }>('POST', `${path}/documents`, {
      size: content.length,
    });
    t.equal(await anna.upload(`${path}/documents/${documentId}`, content), 204);
    const { body } = await bo.get<Buffer>(`${path}/documents/${documentId}`);
    t.ok(content.equals(body), 'the same bytes');
    await anna.lobby(meeting.id, 'remove', { participantId, reason: '' });
    t.equal((await guest.closed).code, CloseCode.Removed, 'with the code that the service gave');

    await bo.get(`/i/${tokenOf(invitation)}?x=1`);
    t.notMatch(proxy.logged(), tokenOf(invitation), 'no link in a log');
    t.notMatch(proxy.logged(), anna.cookie.split('=')[1]);
  });

  await more(t, proxy);

  await t.test('who comes is told by the proxy, and believed where that is configured', async (t) => {
    const { burst } = LIMITS['api-key'];
    let number = 0;
    /** With a wrong key, and what a browser could claim about itself. */
    const tryKey = async (from: string): Promise<number> => {
      const headers = { 'x-forwarded-for': `203.0.113.${++number}`, 'x-forwarded-proto': 'http' };
      return (await ask(proxy, '/api/v1/meetings', { from, headers })).status;
    };
    for (let count = 0; count < burst; count++) t.equal(await tryKey('127.0.0.2'), 401);
    t.equal(await tryKey('127.0.0.2'), 429, 'claims do not help');
    t.equal(await tryKey('127.0.0.3'), 401, 'another one is another one');

    await service.kill();
    const token = randomBytes(32).toString('base64url');
    t.equal((await ask(proxy, `/i/${token}`)).status, 502);

    await startService(t, servicePort, { TRUSTED_PROXIES: '' });
    for (let count = 0; count < burst; count++) t.equal(await tryKey('127.0.0.2'), 401);
    t.equal(await tryKey('127.0.0.3'), 429, 'nobody trusts the proxy: all count as one');
    const { headers } = await ask(proxy, '/');
    t.notOk(
      headers.some(([name]) => name === 'strict-transport-security'),
      'nor that they came over TLS',
    );
    // By now: what is logged after an answer has been.
    t.notMatch(proxy.logged(), token, 'no link got into a log while the service was away');
  });
}

interface Behind {
  proxy: ProxyServer;
  service: RunningService;
  servicePort: number;
  /** Past the proxy. */
  direct: string;
}

/** The built service, and the proxy before it. */
async function behind(t: Test, start: StartProxy): Promise<Behind> {
  const [servicePort] = await freePorts(1);
  const service = await startService(t, servicePort);
  return {
    proxy: await start(t, servicePort),
    service,
    servicePort,
    direct: `http://127.0.0.1:${servicePort}`,
  };
}

function startService(t: Test, port: number, env: Record<string, string> = {}): Promise<RunningService> {
  const built = join(ROOT, 'examples/meeting/dist/server.js');
  if (!existsSync(built)) throw new Error(`${built} is not there: npm run build`);
  return startServer(t, built, join(temporaryFolder(t), 'data'), {
    PORT: String(port),
    PUBLIC_URL: `https://${NAME}`,
    TRUSTED_PROXIES: '127.0.0.1',
    ...env,
  });
}

function plainHttp({ httpPort }: ProxyServer, path: string): Promise<[status: number, target: string]> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: httpPort, path, headers: { host: NAME }, agent: false }, (answer) => {
      answer.resume();
      resolve([answer.statusCode!, answer.headers.location ?? '']);
    })
      .on('error', reject)
      .end();
  });
}
