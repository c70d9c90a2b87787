import t from 'tap';
import { ORDER_LIFETIME_MS, type EidStart } from '#src/gateway/eid/eid-provider.js';
import { TestEid } from '#src/gateway/eid/test-eid.js';

const START: EidStart = {
  endUserIp: '192.0.2.1',
  userAgent: 'test',
  sameDevice: false,
  language: 'sv',
  returnUrl: 'https://meet.example/',
  claim: { name: ' Anna Andersson ', personalNumber: '19121212-1212', assurance: 'substantial' },
};

t.test('whoever they say they are, at the level that they say', async (t) => {
  const provider = new TestEid({ now: () => 1_000 });
  t.match(provider, { id: 'test', flow: 'form', isTest: true });
  const order = await provider.start(START);
  const status = await provider.status(order);
  t.match(status, {
    state: 'complete',
    identity: {
      provider: 'test',
      subjectType: 'personal-number-se',
      subject: '191212121212',
      name: 'Anna Andersson',
      assurance: 'substantial',
      authenticatedAt: 1_000,
      evidenceHash: /^[\da-f]{64}$/,
    },
  });
  await provider.answer();
  await provider.cancel(order);
  t.match(await provider.status(order), { state: 'failed', failure: 'expired' });
});

t.test('refuses what is no name or number, with words that do not repeat it', async (t) => {
  const provider = new TestEid();
  for (const claim of [
    undefined,
    { ...START.claim!, name: '  ' },
    { ...START.claim!, personalNumber: '121212-1212' },
    { ...START.claim!, personalNumber: 'abc' },
  ]) {
    await t.rejects(provider.start({ ...START, claim }), {
      failure: 'start-failed',
      message: /^Type a name/,
    });
  }
});

t.test('forgets orders in time and at the end', async (t) => {
  let now = 0;
  const provider = new TestEid({ now: () => now });
  const order = await provider.start(START);
  now = ORDER_LIFETIME_MS;
  t.match(await provider.status(order), { failure: 'expired' });
  const other = await provider.start(START);
  await provider.close();
  t.match(await provider.status(other), { failure: 'expired' });
});

t.test('does not exist in production unless somebody insists', async (t) => {
  const before = process.env.NODE_ENV;
  t.teardown(() => {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  });
  process.env.NODE_ENV = 'production';
  t.throws(() => new TestEid(), /must not be on in production/);
  t.ok(new TestEid({ allowInProduction: true }));
});
