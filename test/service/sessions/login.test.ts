/** Ways to log in: codes, more proof in the same session, redirects, and what an organisation approves. */
import t from 'tap';
import type {
  EidOrderView,
  EidProviderView,
  OrganiserView,
  SessionView,
} from '../../../examples/meeting/shared/api.js';
import {
  EidError,
  type EidAnswer,
  type EidOrder,
  type EidProvider,
  type EidStatus,
} from '#src/gateway/eid/eid-provider.js';
import { CloseCode } from '#src/signalling/protocol.js';
import {
  BO,
  book,
  type Browser,
  enter,
  invitationTo,
  organiser,
  startTestService,
  type TestService,
  tokenOf,
} from '../meetings/test-service.js';

const EVA = { name: 'Eva Ek', email: 'eva.ek@demokommunen.example' };
/** Sends the browser away and believes what it comes back with. */
class RedirectProvider implements EidProvider {
  readonly id = 'redirect';
  readonly label = { sv: 'Omväg', en: 'Detour' };
  readonly flow = 'redirect';
  readonly assurance = 'substantial';
  readonly isTest = false;
  down = false;
  readonly statuses = new Map<string, EidStatus>();
  #next = 1;

  async start(): Promise<EidOrder> {
    if (this.down) throw new EidError('provider-unavailable', { sv: 'Nere.', en: 'Down.' });
    const id = `r${this.#next++}`;
    this.statuses.set(id, {
      state: 'pending',
      message: { sv: 'Vänta', en: 'Wait' },
      redirectUrl: `https://op.example/authorize?state=${id}`,
    });
    return { id, provider: this.id, startedAt: Date.parse('2026-05-04T07:00:00Z') };
  }
  async status({ id }: EidOrder): Promise<EidStatus> {
    return this.statuses.get(id)!;
  }
  async answer({ id }: EidOrder, answer: EidAnswer): Promise<void> {
    const url = answer.kind === 'callback' ? new URL(answer.url) : null;
    const isGood = url?.searchParams.get('code') === 'good';
    const message = { sv: '', en: '' };
    this.statuses.set(
      id,
      isGood
        ? {
            state: 'complete',
            identity: {
              provider: this.id,
              subjectType: 'personal-number-se',
              subject: BO.personalNumber,
              name: BO.name,
              assurance: 'substantial',
              authenticatedAt: 0,
              evidence: 'signed',
              evidenceHash: 'a'.repeat(64),
            },
          }
        : { state: 'failed', failure: 'cancelled-by-user', message },
    );
  }
  async cancel(): Promise<void> {}
  async close(): Promise<void> {}
}

function begin(browser: Browser, provider: string, more: object = {}): Promise<EidOrderView> {
  const request = { provider, purpose: 'portal', sameDevice: false, returnPath: '/portal?x=1', ...more };
  return browser.expect<EidOrderView>('POST', '/api/eid/orders', request);
}

/** The newest code that went out. */
function sentCode({ log }: TestService): string {
  const codes = log.flatMap((line) => /Din kod är (\d{6})/.exec(line)?.[1] ?? []);
  return codes.at(-1)!;
}

async function addEva(service: TestService): Promise<{ anna: Browser; eva: OrganiserView }> {
  const anna = await organiser(service);
  const eva = await anna.expect<OrganiserView>('POST', '/api/admin/organisers', {
    ...EVA,
    roles: ['organiser'],
  });
  await anna.expect('POST', '/api/admin/rooms', { organiserId: eva.id, name: 'Evas rum', capacity: 5 });
  return { anna, eva };
}

t.test('a code by mail logs an organiser in; for a meeting that demands more they prove more', async (t) => {
  const service = await startTestService(t);
  await addEva(service);
  const eva = service.browser();
  const order = await begin(eva, 'otp', { email: EVA.email.toUpperCase() });
  t.match(order, { state: 'pending', codeSentTo: 'e***@demokommunen.example', attemptsLeft: 5 });
  const code = sentCode(service);
  const wrong = code === '000000' ? '000001' : '000000';
  t.match(await eva.expect('POST', `/api/eid/orders/${order.id}/code`, { code: wrong }), { attemptsLeft: 4 });
  t.match(await eva.expect('POST', `/api/eid/orders/${order.id}/code`, { code }), { state: 'complete' });
  t.match(await eva.expect<SessionView>('GET', '/api/session'), {
    person: { name: EVA.name, provider: 'otp', assurance: 'low' },
    roles: ['organiser'],
    organisation: { name: 'Demokommunen' },
  });

  const meeting = await book(eva, [{ name: 'Bo' }]);
  const path = `/api/meetings/${meeting.id}`;
  t.equal(await eva.refused('GET', `${path}/me`), '403 assurance-too-low', 'hosts too');
  await eva.signIn({ name: 'Eva Maria Ek', personalNumber: '190102031234' });
  t.match(await eva.expect<SessionView>('GET', '/api/session'), {
    person: { name: EVA.name, provider: 'test', assurance: 'substantial' },
    roles: ['organiser'],
  });
  t.match(await eva.expect('GET', `${path}/me`), { role: 'host', displayName: 'Eva Maria Ek' });
  await eva.expect('POST', `${path}/me/wait`, { undisturbed: true });
  await enter(t, service, eva, meeting.id);

  const laptop = service.browser();
  const again = await begin(laptop, 'otp', { email: EVA.email });
  await laptop.expect('POST', `/api/eid/orders/${again.id}/code`, { code: sentCode(service) });
  t.equal(await laptop.refused('POST', `${path}/me/ticket`, {}), '403 assurance-too-low');
});

t.test('the organiser goes on from another browser: that one has the place then', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Bo' }]);
  const path = `/api/meetings/${meeting.id}/me`;
  await anna.expect('GET', path);
  await anna.expect('POST', `${path}/wait`, { undisturbed: true });
  const first = await enter(t, service, anna, meeting.id);
  const tablet = await organiser(service);
  t.match(await tablet.expect('GET', path), { state: 'admitted', role: 'host' });
  await enter(t, service, tablet, meeting.id);
  t.match(await first.client.closed, { code: CloseCode.Replaced });
});

t.test("a redirect: there and back, refused at the provider, and somebody else's address", async (t) => {
  const provider = new RedirectProvider();
  const service = await startTestService(t, { providers: [provider] });
  const bo = service.browser();
  const order = await begin(bo, 'redirect');
  t.equal(order.redirectUrl, 'https://op.example/authorize?state=r1');
  const stranger = await service.browser().get('/eid/callback?state=r1&code=good');
  t.equal(stranger.headers.get('location'), '/?eid=failed&reason=expired', 'only the browser that began it');
  const back = await bo.get('/eid/callback?state=r1&code=good');
  t.strictSame([back.status, back.headers.get('location')], [303, '/portal?x=1']);
  t.match(await bo.expect<SessionView>('GET', '/api/session'), { person: { name: BO.name }, roles: [] });
  const replayed = await bo.get('/eid/callback?state=r1&code=good');
  t.equal(replayed.headers.get('location'), '/?eid=failed&reason=expired');

  const other = service.browser();
  await begin(other, 'redirect');
  const failed = await other.get('/eid/callback?state=r2&error=access_denied');
  t.equal(failed.headers.get('location'), '/portal?x=1&eid=failed&reason=cancelled-by-user');
  t.match(await other.expect<SessionView>('GET', '/api/session'), { person: null });

  provider.down = true;
  t.equal(
    await other.refused('POST', '/api/eid/orders', {
      provider: 'redirect',
      purpose: 'portal',
      sameDevice: false,
      returnPath: '/',
    }),
    '503 provider-unavailable',
  );
});

t.test(
  'an organisation approves e-IDs, a meeting asks for a level: others are neither shown nor taken',
  async (t) => {
    const service = await startTestService(t, { providers: [new RedirectProvider()] });
    const anna = await organiser(service);
    const meeting = await book(anna, [{ name: 'Bo' }]);
    const invitation = tokenOf(invitationTo(meeting, 'Bo'));
    const offered = async (): Promise<string[]> => {
      const path = `/api/eid/providers?invitation=${invitation}`;
      const { providers } = await anna.expect<{ providers: EidProviderView[] }>('GET', path);
      return providers.map(({ id }) => id);
    };
    t.strictSame(await offered(), ['redirect', 'test'], 'the code by mail reaches the level low only');
    const { store } = service.service.context;
    const { organisationId } = (await store.meetings.get(meeting.id))!;
    const bo = service.browser();
    await bo.signIn(BO, { invitation });
    await store.organisations.update(organisationId, { providers: ['redirect'] });
    t.strictSame(await offered(), ['redirect']);
    t.equal(await bo.refused('POST', `/api/invitations/${invitation}/claim`, {}), '403 forbidden');
    const request = { provider: 'test', purpose: 'meeting', invitation, sameDevice: false, returnPath: '/' };
    t.equal(
      await bo.refused('POST', '/api/eid/orders', { ...request, claim: { ...BO, assurance: 'high' } }),
      '403 forbidden',
    );
    const again = await organiser(service);
    t.match(
      await again.expect<SessionView>('GET', '/api/session'),
      { roles: [] },
      'nor does it log organisers in',
    );
  },
);

t.test('a cancelled meeting, a revoked invitation, a person with two invitations', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Bo' }, { name: 'Bosse' }]);
  const bo = service.browser();
  const first = tokenOf(invitationTo(meeting, 'Bo'));
  await bo.signIn(BO, { invitation: first });
  await bo.expect('POST', `/api/invitations/${first}/claim`, {});
  const second = tokenOf(invitationTo(meeting, 'Bosse'));
  t.equal(await bo.refused('POST', `/api/invitations/${second}/claim`, {}), '409 conflict');
  t.match(
    await bo.expect('GET', `/api/meetings/${meeting.id}/me`),
    { state: 'identified' },
    'the first one stands',
  );
  const events = await bo.events(meeting.id);
  await anna.expect('DELETE', `/api/portal/meetings/${meeting.id}`, {});
  t.match(await events.next('ended'), { reason: 'cancelled' });
  t.equal(await bo.refused('POST', `/api/meetings/${meeting.id}/me/wait`, { undisturbed: true }), '410 gone');
  t.equal(await bo.refused('GET', `/api/invitations/${first}`), '410 gone');
  t.match(await service.service.context.store.meetings.get(meeting.id), { status: 'cancelled' });
});

t.test('language: asked of the browser, then chosen', async (t) => {
  const { browser } = await startTestService(t);
  const anna = browser();
  const asked = await anna.send<SessionView>('GET', '/api/session', undefined, {
    'accept-language': 'en-GB,sv;q=0.5',
  });
  t.equal(asked.body.language, 'en');
  t.match(await anna.expect('POST', '/api/session/language', { language: 'sv' }), { language: 'sv' });
  t.match(await anna.expect('GET', '/api/session'), { language: 'sv' });
  t.equal(await anna.refused('POST', '/api/session/language', { language: 'fi' }), '400 bad-request');
});

t.test('a language chosen while a login begins does not take its session', async (t) => {
  const { browser } = await startTestService(t);
  const anna = browser();
  const begin = anna.expect<EidOrderView>('POST', '/api/eid/orders', {
    provider: 'test',
    purpose: 'portal',
    sameDevice: false,
    returnPath: '/',
    claim: { ...BO, assurance: 'substantial' },
  });
  const [order] = await Promise.all([
    begin,
    anna.expect('POST', '/api/session/language', { language: 'en' }),
  ]);
  t.match(await anna.expect('GET', `/api/eid/orders/${order.id}`), { state: 'complete' });
  await anna.expect('POST', '/api/session/language', { language: 'en' });
  t.match(await anna.expect('GET', '/api/session'), { language: 'en' }, 'a session remembers it');
});
