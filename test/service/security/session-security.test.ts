/** What docs/security.md promises about sessions, requests and limits, each shown on the whole service. */
import t from 'tap';
import type { EidOrderView, SessionView } from '../../../examples/meeting/shared/api.js';
import {
  ABSOLUTE_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  SESSION_COOKIE,
} from '../../../examples/meeting/server/sessions.js';
import {
  BO,
  book,
  type Browser,
  DEMO_PERSON,
  invitationTo,
  MINUTE,
  organiser,
  startTestService,
  tokenOf,
} from '../meetings/test-service.js';

const ORDER = {
  provider: 'test',
  purpose: 'portal',
  sameDevice: false,
  returnPath: '/portal',
  claim: { ...DEMO_PERSON, assurance: 'substantial' },
};

t.test(
  'the cookie: __Host-, Secure, HttpOnly, SameSite=Lax, 256 bits, and only its hash is kept',
  async (t) => {
    const { service, browser } = await startTestService(t);
    const anna = browser();
    const started = await anna.post<EidOrderView>('/api/eid/orders', ORDER);
    const [line] = started.headers.getSetCookie();
    const [pair, ...attributes] = line.split('; ');
    t.match(pair, /^__Host-sluss=[\w-]{43}$/);
    t.strictSame(attributes.sort(), ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
    const id = anna.cookies.get(SESSION_COOKIE)!;
    t.equal(await service.context.store.sessions.get(id), null, 'the store does not know it in the clear');
  },
);

t.test('fixation: a login makes a new session, and whoever prepared the old one has nothing', async (t) => {
  const { browser } = await startTestService(t);
  const mallory = browser();
  const order = (await mallory.post<EidOrderView>('/api/eid/orders', ORDER)).body;
  const planted = mallory.cookies.get(SESSION_COOKIE)!;

  const victim = browser();
  victim.cookies.set(SESSION_COOKIE, planted);
  await victim.signIn(DEMO_PERSON);
  t.not(victim.cookies.get(SESSION_COOKIE), planted);
  t.match(await victim.expect<SessionView>('GET', '/api/session'), { person: { name: DEMO_PERSON.name } });
  t.match(await mallory.expect<SessionView>('GET', '/api/session'), { person: null, roles: [] });
  t.equal(await mallory.refused('GET', `/api/eid/orders/${order.id}`), '404 not-found');

  const invented = browser();
  invented.cookies.set(SESSION_COOKIE, 'A'.repeat(43));
  await invented.signIn(DEMO_PERSON);
  t.not(
    invented.cookies.get(SESSION_COOKIE),
    'A'.repeat(43),
    'an id that somebody made up is not taken over',
  );
});

t.test('an order belongs to the session that began it', async (t) => {
  const { browser } = await startTestService(t);
  const anna = browser();
  const { id } = (await anna.post<EidOrderView>('/api/eid/orders', ORDER)).body;
  const mallory = browser();
  await mallory.signIn(BO);
  t.match(await mallory.expect<EidOrderView>('GET', `/api/eid/orders/${id}`), {
    state: 'failed',
    failure: 'expired',
  });
  t.equal((await mallory.post(`/api/eid/orders/${id}/cancel`)).status, 200);
  const done = await anna.send<EidOrderView>('GET', `/api/eid/orders/${id}`);
  t.equal(done.body.state, 'complete', 'and is not disturbed by others');
  t.equal(done.headers.getSetCookie().length, 1);
  t.match(
    await anna.expect<EidOrderView>('GET', `/api/eid/orders/${id}`),
    { state: 'failed' },
    'one proof is one login',
  );
});

t.test(
  'sessions end: after half an hour of nothing, after twelve hours at the latest, and at once when told',
  async (t) => {
    const { browser, clock } = await startTestService(t);
    const isIn = async (who: Browser): Promise<boolean> =>
      (await who.expect<SessionView>('GET', '/api/session')).person !== null;

    const idle = browser();
    await idle.signIn(BO);
    clock.now += IDLE_TIMEOUT_MS - 1;
    t.equal(await isIn(idle), true);
    await idle.expect('POST', '/api/session/stay', {});
    clock.now += IDLE_TIMEOUT_MS - 1;
    t.equal(await isIn(idle), true, 'use keeps it');
    clock.now += 1;
    t.equal(await isIn(idle), false, 'and a page that only asks does not');

    const busy = browser();
    await busy.signIn(BO);
    const end = clock.now + ABSOLUTE_TIMEOUT_MS;
    while (clock.now + 20 * MINUTE < end) {
      clock.now += 20 * MINUTE;
      await busy.expect('POST', '/api/session/stay', {});
      t.equal(await isIn(busy), true);
    }
    clock.now = end;
    t.equal(await isIn(busy), false);

    const leaving = browser();
    await leaving.signIn(BO);
    const stolen = browser();
    stolen.cookies.set(SESSION_COOKIE, leaving.cookies.get(SESSION_COOKIE)!);
    t.equal(await isIn(stolen), true);
    t.match(await leaving.expect('POST', '/api/session/end', {}), { person: null });
    t.equal(leaving.cookies.has(SESSION_COOKIE), false);
    t.equal(await isIn(stolen), false);
  },
);

t.test('an open tab keeps nobody signed in, whatever it asks by itself', async (t) => {
  const { browser, clock } = await startTestService(t);
  const anna = browser();
  await anna.signIn(DEMO_PERSON);
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }]);
  const bo = browser();
  const token = tokenOf(invitationTo(meeting, 'Bo'));
  await bo.signIn(BO, { invitation: token });
  await bo.expect('POST', `/api/invitations/${token}/claim`, {});
  const start = clock.now;
  const left: number[] = [];
  while (clock.now < start + IDLE_TIMEOUT_MS - 5 * MINUTE) {
    clock.now += 5 * MINUTE;
    left.push((await bo.expect<SessionView>('GET', '/api/session')).idleSecondsLeft!);
    await bo.expect('GET', `/api/meetings/${meeting.id}/me`);
    await bo.expect('GET', `/api/meetings/${meeting.id}/me/payment`);
    (await bo.events(meeting.id)).close();
  }
  t.strictSame(left, [1500, 1200, 900, 600, 300], 'the page can warn');
  clock.now = start + IDLE_TIMEOUT_MS;
  t.match(await bo.expect<SessionView>('GET', '/api/session'), { person: null });
  t.equal((await bo.expect<SessionView>('POST', '/api/session/stay', {})).person, null, 'too late');
});

t.test('no other site can make the service do something', async (t) => {
  const { browser, url } = await startTestService(t);
  const anna = browser();
  await anna.signIn(DEMO_PERSON);
  const cookie = [...anna.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const forge = async (path: string, headers: Record<string, string>): Promise<number> => {
    const type = 'application/json';
    const answer = await fetch(url + path, {
      method: 'POST',
      body: '{}',
      headers: { cookie, 'content-type': type, ...headers },
    });
    return answer.status;
  };
  for (const path of [
    '/api/session/end',
    '/api/eid/orders',
    '/api/portal/meetings',
    '/api/meetings/x/lobby/end',
  ]) {
    t.equal(await forge(path, {}), 403, `${path} without Origin`);
    t.equal(await forge(path, { origin: 'https://evil.example' }), 403);
    t.equal(await forge(path, { origin: url, 'sec-fetch-site': 'cross-site' }), 403);
    t.equal(await forge(path, { origin: 'null' }), 403);
  }
  t.not((await anna.expect<SessionView>('GET', '/api/session')).person, null);
  const read = await fetch(`${url}/api/session`, { headers: { cookie, origin: 'https://evil.example' } });
  t.equal(read.headers.get('access-control-allow-origin'), null, 'and none can read what it answers');
});

t.test('pages and answers are guarded; over TLS browsers remember it', async (t) => {
  const { url } = await startTestService(t, {}, { TRUSTED_PROXIES: '127.0.0.1' });
  for (const path of ['/', '/i/some-token', '/portal', '/meeting/x', '/api/session', '/nothing-here']) {
    const { headers } = await fetch(url + path, { headers: { 'x-forwarded-proto': 'https' } });
    const policy = headers.get('content-security-policy') ?? '';
    t.match(policy, /default-src 'none'/, path);
    t.match(policy, /frame-ancestors 'none'/, path);
    t.notMatch(policy, /unsafe/, path);
    t.equal(headers.get('x-content-type-options'), 'nosniff');
    t.equal(headers.get('referrer-policy'), 'no-referrer');
    t.match(headers.get('strict-transport-security'), /max-age=\d{7,}/);
  }
  t.equal((await fetch(`${url}/nothing-here`)).status, 404);
  t.equal((await fetch(`${url}/..%2f..%2fdata%2fsecret`)).status, 404);
});

t.test('limits: e-ID orders and codes of one session, one address, one mailbox', async (t) => {
  const { browser } = await startTestService(t);
  const eager = browser();
  const outcomes: number[] = [];
  for (let index = 0; index < 8; index++) outcomes.push((await eager.post('/api/eid/orders', ORDER)).status);
  t.strictSame(outcomes, [201, 201, 201, 201, 201, 201, 429, 429], 'six of one session');
  for (let index = 0; index < 13; index++)
    outcomes.push((await browser().post('/api/eid/orders', ORDER)).status);
  t.equal(
    outcomes.filter((status) => status === 201).length,
    18,
    'twenty attempts of one address, in whatever sessions',
  );
});

t.test('limits: codes', async (t) => {
  const { browser } = await startTestService(t);
  const begin = (email: string): Promise<{ status: number; body: EidOrderView }> =>
    browser().post<EidOrderView>('/api/eid/orders', { ...ORDER, provider: 'otp', claim: undefined, email });
  const known = await begin('anna.andersson@demokommunen.example');
  const unknown = await begin('nobody@example.org');
  t.equal(known.status, 201);
  t.strictSame(
    { ...unknown.body, id: '', codeSentTo: '' },
    { ...known.body, id: '', codeSentTo: '' },
    'who may log in cannot be found out',
  );
  for (let index = 0; index < 4; index++) t.equal((await begin('nobody@example.org')).status, 201);
  t.equal((await begin('nobody@example.org')).status, 429, 'five to one mailbox');
  for (let index = 0; index < 3; index++) t.equal((await begin(`x${index}@example.org`)).status, 201);
  const refused = await begin('y@example.org');
  t.equal(refused.status, 429, 'ten of one address');
});

t.test('a number or an HSA-ID cannot be gone round with a code to the mailbox', async (t) => {
  const { browser, log } = await startTestService(t);
  await browser().post('/api/eid/orders', {
    ...ORDER,
    provider: 'otp',
    claim: undefined,
    email: 'anna.andersson@demokommunen.example',
  });
  t.notMatch(log.join(''), /Din kod/, 'no code went out: this organiser logs in with a number');
});

t.test('the way back after a login leads nowhere else', async (t) => {
  const { browser } = await startTestService(t);
  for (const returnPath of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'portal',
    '/a\nb',
    '/a b',
  ]) {
    t.equal(await browser().refused('POST', '/api/eid/orders', { ...ORDER, returnPath }), '400 bad-request');
  }
  const nobody = await browser().get('/eid/callback?state=x&code=y');
  t.strictSame([nobody.status, nobody.headers.get('location')], [303, '/?eid=failed&reason=expired']);
});

t.test(
  'what the log and the audit log hold of a whole meeting: no number, no session, no ticket',
  async (t) => {
    const service = await startTestService(t, {}, { LOG_LEVEL: 'trace' });
    const anna = await organiser(service);
    const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }]);
    const bo = service.browser();
    await bo.arrive(invitationTo(meeting, 'Bo'), BO);
    await anna.host(meeting.id);
    const { ticket } = await anna.ticket(meeting.id);
    const cecilia = service.browser();
    await cecilia.signIn(
      { name: 'Cecilia', personalNumber: '190001019876' },
      { invitation: tokenOf(invitationTo(meeting, 'Bo')) },
    );
    t.equal(
      await cecilia.refused('POST', `/api/invitations/${tokenOf(invitationTo(meeting, 'Bo'))}/claim`, {}),
      '403 identity-mismatch',
    );
    await bo.send('POST', '/api/eid/orders', {
      ...ORDER,
      claim: { name: 'Bo', personalNumber: 'x191212121212', assurance: 'low' },
    });
    await anna.lobby(meeting.id, 'end');

    const { store } = service.service.context;
    const record = (await store.meetings.get(meeting.id))!;
    let text = service.log.join('');
    for await (const line of store.audit.export({ organisationId: record.organisationId })) text += line;
    for (const secret of [
      BO.personalNumber,
      '19121212-1212',
      '121212-1212',
      '1212121212',
      DEMO_PERSON.personalNumber,
      '190001019876',
      ticket,
      bo.cookies.get(SESSION_COOKIE)!,
      tokenOf(invitationTo(meeting, 'Bo')),
    ]) {
      t.notOk(text.includes(secret), 'not in the log');
    }
    t.match(text, /person:[a-p]{16}/, 'people go by a pseudonym');
  },
);
