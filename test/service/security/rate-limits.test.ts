/** Whoever tries too often is told when to come back; everybody else notices nothing. */
import { randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import type { Refusal } from '../../../examples/meeting/server/http/refusal.js';
import { SendingLimit } from '../../../examples/meeting/server/portal/sending-limit.js';
import type { ApiError, EidOrderView } from '../../../examples/meeting/shared/api.js';
import { book, Browser, DEMO_PERSON, startTestService, type Answer } from '../meetings/test-service.js';

/** Behind a proxy that is trusted, so that each has an address of their own. */
class Somebody extends Browser {
  constructor(
    url: string,
    readonly address: string,
  ) {
    super(url);
  }

  override send<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    return super.send<T>(method, path, body, { 'x-forwarded-for': this.address, ...headers });
  }
}

const NOISY = '198.51.100.7';
const QUIET = '203.0.113.9';

async function start(t: Test): Promise<(address: string) => Somebody> {
  const { url } = await startTestService(t, {}, { TRUSTED_PROXIES: '127.0.0.1' });
  return (address) => new Somebody(url, address);
}

/** Asks until it is told to wait; what came before that was answered. */
async function untilLimited(
  t: Test,
  most: number,
  ask: () => Promise<Answer<ApiError>>,
  before: readonly number[],
): Promise<void> {
  for (let count = 1; count <= most; count++) {
    const { status, body, headers } = await ask();
    if (status !== 429) {
      if (before.includes(status)) continue;
      t.fail(`attempt ${count} was answered with ${status}`);
      return;
    }
    t.ok(count > 5, `after ${count - 1} attempts`);
    t.equal(body.error.code, 'rate-limited');
    t.match(body.error.message, { sv: /Vänta/, en: /Wait/ });
    t.match(headers.get('retry-after'), /^[1-9]\d{0,2}$/);
    return;
  }
  t.fail(`${most} attempts were answered`);
}

t.test('login starts', async (t) => {
  const from = await start(t);
  const order = {
    provider: 'test',
    purpose: 'portal',
    sameDevice: false,
    returnPath: '/portal',
    claim: { ...DEMO_PERSON, assurance: 'substantial' },
  };
  await untilLimited(t, 60, () => from(NOISY).send('POST', '/api/eid/orders', order), [201]);
  t.equal((await from(QUIET).signIn(DEMO_PERSON)).state, 'complete');
});

t.test('guesses of codes', async (t) => {
  const from = await start(t);
  const guesser = from(NOISY);
  const begin = (who: Somebody) =>
    who.send<EidOrderView>('POST', '/api/eid/orders', {
      provider: 'otp',
      purpose: 'portal',
      sameDevice: false,
      returnPath: '/portal',
      email: 'somebody@example.org',
    });
  const { id } = (await begin(guesser)).body;
  const path = `/api/eid/orders/${id}/code`;
  await untilLimited(t, 60, () => guesser.send('POST', path, { code: '123456' }), [200, 404, 409]);
  const other = from(QUIET);
  const own = (await begin(other)).body;
  t.equal((await other.send('POST', `/api/eid/orders/${own.id}/code`, { code: '123456' })).status, 200);
});

t.test('guesses of invitations', async (t) => {
  const from = await start(t);
  const guess = () => `/api/invitations/${randomBytes(32).toString('base64url')}`;
  await untilLimited(t, 300, () => from(NOISY).send('GET', guess()), [404]);
  t.equal(await from(NOISY).refused('POST', `${guess()}/claim`, {}), '429 rate-limited', 'claims with them');
  t.equal(await from(QUIET).refused('GET', guess()), '404 not-found');
  t.equal(await from(QUIET).refused('POST', `${guess()}/claim`, {}), '401 not-signed-in');
});

t.test('uploads', async (t) => {
  const from = await start(t);
  const anna = from(QUIET);
  await anna.signIn(DEMO_PERSON);
  const meeting = await book(anna, []);
  await anna.host(meeting.id);
  const path = `/api/meetings/${meeting.id}/documents`;
  const elsewhere = from(NOISY);
  for (const [name, value] of anna.cookies) elsewhere.cookies.set(name, value);
  await untilLimited(t, 200, () => elsewhere.send('POST', path, { size: 1 }), [201, 409]);
  t.equal((await elsewhere.send('PUT', `${path}/x`, new Uint8Array(1))).status, 429);
  t.not((await anna.send('POST', path, { size: 1 })).status, 429, 'the same person elsewhere');
});

t.test('API keys', async (t) => {
  const from = await start(t);
  const anna = from(QUIET);
  await anna.signIn(DEMO_PERSON);
  const { key } = await anna.expect<{ key: string }>('POST', '/api/admin/api-keys', { name: 'Bokning' });
  const withKey = (who: Somebody, secret: string) =>
    who.send<ApiError>('GET', '/api/v1/meetings', undefined, { authorization: `Bearer ${secret}` });
  const wrong = `sluss_${'x'.repeat(43)}`;
  await untilLimited(t, 40, () => withKey(from(NOISY), wrong), [401]);
  t.equal((await withKey(from(NOISY), key)).status, 200, 'a right key is not held up by wrong ones');
  t.equal((await withKey(from(QUIET), wrong)).status, 401);
  await untilLimited(t, 400, () => withKey(from(NOISY), key), [200]);
  const { key: other } = await anna.expect<{ key: string }>('POST', '/api/admin/api-keys', { name: 'Annan' });
  t.equal((await withKey(from(NOISY), other)).status, 200, 'each key has a pace of its own');
});

t.test('messages: a long series at once, then a trickle, for each organiser', async (t) => {
  const clock = { now: 0 };
  const limit = new SendingLimit(() => clock.now);
  const wait = (organiser: string, messages: number): number => {
    try {
      limit.take(organiser, messages);
      return 0;
    } catch (error) {
      return (error as Refusal).options.retryAfterSeconds ?? -1;
    }
  };
  t.equal(wait('anna', 1_490), 0);
  t.equal(wait('anna', 11), 6, 'one too many: all or nothing');
  t.equal(wait('anna', 10), 0);
  t.equal(wait('anna', 0), 0, 'what sends nothing costs nothing');
  t.equal(wait('anna', 1), 6);
  t.equal(wait('bo', 1_500), 0);
  clock.now += 6_000;
  t.equal(wait('anna', 1), 0);
});
