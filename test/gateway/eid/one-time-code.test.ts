import t from 'tap';
import { ORDER_LIFETIME_MS, type EidStart } from '#src/gateway/eid/eid-provider.js';
import {
  CODE_WINDOW_MS,
  type CodeMessage,
  MAX_ATTEMPTS,
  OneTimeCode,
} from '#src/gateway/eid/one-time-code.js';

const START: EidStart = {
  endUserIp: '192.0.2.1',
  userAgent: 'test',
  sameDevice: false,
  language: 'en',
  returnUrl: 'https://meet.example/',
  email: ' Anna@Example.se ',
};

function setup(): { provider: OneTimeCode; sent: CodeMessage[]; clock: { now: number } } {
  const clock = { now: 1_000_000 };
  const sent: CodeMessage[] = [];
  const provider = new OneTimeCode({
    now: () => clock.now,
    send: async (message) => {
      sent.push(message);
    },
  });
  return { provider, sent, clock };
}

t.test('the code that came proves the address, at the level low', async (t) => {
  const { provider, sent, clock } = setup();
  const order = await provider.start(START);
  t.match(sent, [{ email: 'anna@example.se', code: /^\d{6}$/, language: 'en', validMinutes: 10 }]);
  t.match(await provider.status(order), {
    state: 'pending',
    codeSentTo: 'a***@example.se',
    attemptsLeft: MAX_ATTEMPTS,
  });
  const { code } = sent[0];
  await provider.answer(order, { kind: 'code', code: ` ${code.slice(0, 3)} ${code.slice(3)}` });
  t.match(await provider.status(order), {
    state: 'complete',
    identity: {
      provider: 'otp',
      subjectType: 'email',
      subject: 'anna@example.se',
      assurance: 'low',
      authenticatedAt: clock.now,
    },
  });
});

t.test('five attempts, then even the right one does not help', async (t) => {
  const { provider, sent } = setup();
  const order = await provider.start(START);
  const wrong = sent[0].code === '000000' ? '111111' : '000000';
  for (let left = MAX_ATTEMPTS - 1; left > 0; left--) {
    await provider.answer(order, { kind: 'code', code: wrong });
    t.match(await provider.status(order), { state: 'pending', attemptsLeft: left });
  }
  await provider.answer(order, { kind: 'code', code: wrong });
  t.match(await provider.status(order), { state: 'failed', failure: 'wrong-code' });
  await provider.answer(order, { kind: 'code', code: sent[0].code });
  t.match(await provider.status(order), { state: 'failed', failure: 'wrong-code' });
});

t.test('a code is good for ten minutes and for its own order', async (t) => {
  const { provider, sent, clock } = setup();
  const first = await provider.start(START);
  const second = await provider.start(START);
  await provider.answer(second, { kind: 'code', code: sent[0].code === sent[1].code ? 'x' : sent[0].code });
  t.match(await provider.status(second), { state: 'pending', attemptsLeft: MAX_ATTEMPTS - 1 });
  await provider.answer(first, { kind: 'callback', url: 'https://x.example' });
  clock.now += ORDER_LIFETIME_MS;
  await provider.answer(first, { kind: 'code', code: sent[0].code });
  t.match(await provider.status(first), { state: 'failed', failure: 'expired' });
});

t.test('so many codes for one address, whoever asks', async (t) => {
  const { provider, sent, clock } = setup();
  for (let index = 0; index < 5; index++) await provider.start(START);
  await t.rejects(provider.start(START), { name: 'EidError', failure: 'rejected' });
  await provider.start({ ...START, email: 'bo@example.se' });
  t.equal(sent.length, 6);
  clock.now += CODE_WINDOW_MS;
  await provider.start(START);
  t.equal(sent.length, 7);
});

t.test('no address, and mail that does not go out', async (t) => {
  const { provider } = setup();
  for (const email of [undefined, '', 'anna', 'a@b', 'a b@example.se', `${'a'.repeat(300)}@example.se`]) {
    await t.rejects(provider.start({ ...START, email }), { name: 'EidError', failure: 'start-failed' });
  }
  const down = new OneTimeCode({ send: () => Promise.reject(new Error('smtp down')) });
  await t.rejects(down.start(START), {
    name: 'EidError',
    failure: 'provider-unavailable',
    cause: { message: 'smtp down' },
  });
});

t.test('cancel and close forget', async (t) => {
  const { provider, sent } = setup();
  const order = await provider.start(START);
  await provider.cancel(order);
  await provider.answer(order, { kind: 'code', code: sent[0].code });
  t.match(await provider.status(order), { state: 'failed', failure: 'expired' });
  const other = await provider.start(START);
  await provider.close();
  t.match(await provider.status(other), { failure: 'expired' });
});

t.test(
  'whoever begins and cancels all the time, each time for another address, fills no memory',
  async (t) => {
    const { provider, clock } = setup();
    let begun = 0;
    const begin = async (email: string): Promise<void> => {
      await provider.cancel(await provider.start({ ...START, email }));
      begun++;
    };
    const failure: unknown = await (async () => {
      while (begun < 30_000) await begin(`${begun}@example.se`);
    })().catch((error: unknown) => error);
    t.match(failure, { name: 'EidError', failure: 'rejected' });
    t.equal(begun, 20_000);
    await begin('0@example.se');
    clock.now += CODE_WINDOW_MS;
    await begin('later@example.se');
  },
);
