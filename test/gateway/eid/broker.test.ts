import t from 'tap';
import { EidBroker } from '#src/gateway/eid/eid-broker.js';
import {
  EidError,
  type EidAnswer,
  type EidOrder,
  type EidProvider,
  type EidStart,
  type EidStatus,
  ORDER_LIFETIME_MS,
} from '#src/gateway/eid/eid-provider.js';

const START: EidStart = {
  endUserIp: '192.0.2.1',
  userAgent: 'test',
  sameDevice: false,
  language: 'sv',
  returnUrl: 'https://meet.example/eid/callback',
};

/** Does what the test says, and notes what it is told. */
class ScriptedProvider implements EidProvider {
  readonly label = { sv: 'Skript', en: 'Script' };
  readonly assurance = 'high';
  readonly isTest = true;
  readonly cancelled: string[] = [];
  readonly answers: { id: string; answer: EidAnswer }[] = [];
  readonly statuses = new Map<string, EidStatus>();
  readonly returnUrls: string[] = [];
  bindsReturn = false;
  fails: EidError | null = null;
  closed = false;
  #next = 1;

  constructor(
    readonly id: string,
    readonly flow: EidProvider['flow'] = 'app',
    private readonly now: () => number = () => 0,
  ) {}

  async start({ returnUrl }: EidStart): Promise<EidOrder> {
    if (this.fails) throw this.fails;
    this.returnUrls.push(returnUrl);
    return { id: `${this.id}-${this.#next++}`, provider: this.id, startedAt: this.now() };
  }
  async status(order: EidOrder): Promise<EidStatus> {
    return this.statuses.get(order.id) ?? { state: 'pending', message: { sv: '', en: '' } };
  }
  async answer({ id }: EidOrder, answer: EidAnswer): Promise<void> {
    this.answers.push({ id, answer });
  }
  async cancel({ id }: EidOrder): Promise<void> {
    this.cancelled.push(id);
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function complete(name: string): EidStatus {
  return {
    state: 'complete',
    identity: {
      provider: 'app',
      subjectType: 'personal-number-se',
      subject: '191212121212',
      name,
      assurance: 'high',
      authenticatedAt: 0,
      evidence: '',
      evidenceHash: '',
    },
  };
}

t.test("an order is its owner's alone, and its identity is handed out once", async (t) => {
  const provider = new ScriptedProvider('app');
  const broker = new EidBroker({ providers: [provider], now: () => 0 });
  const { orderId } = await broker.start('anna', 'app', START);
  t.not(orderId, 'app-1', "the provider's own id stays here");
  t.match(await broker.status('anna', orderId), { state: 'pending' });
  t.match(await broker.status('bo', orderId), { state: 'failed', failure: 'expired' });
  await broker.answer('bo', orderId, { kind: 'code', code: '1' });
  await broker.cancel('bo', orderId);
  t.strictSame([provider.answers, provider.cancelled], [[], []]);
  t.equal(broker.providerOf('bo', orderId), null);
  t.equal(broker.providerOf('anna', orderId), provider);

  provider.statuses.set('app-1', complete('Anna'));
  const both = await Promise.all([broker.status('anna', orderId), broker.status('anna', orderId)]);
  t.strictSame(both.map(({ state }) => state).sort(), ['complete', 'failed']);
  t.match(await broker.status('anna', orderId), { failure: 'expired' });
  t.strictSame(provider.cancelled, ['app-1'], 'the provider forgets the person');
});

t.test('limits: three orders of an owner, the oldest goes; and so many in all', async (t) => {
  const provider = new ScriptedProvider('app');
  const broker = new EidBroker({ providers: [provider], now: () => 0, maxOrders: 4 });
  const ids = [];
  for (let index = 0; index < 4; index++) ids.push((await broker.start('anna', 'app', START)).orderId);
  t.strictSame(provider.cancelled, ['app-1']);
  t.match(await broker.status('anna', ids[0]), { failure: 'expired' });
  t.match(await broker.status('anna', ids[1]), { state: 'pending' });
  await broker.start('bo', 'app', START);
  await t.rejects(broker.start('cecilia', 'app', START), {
    name: 'EidError',
    failure: 'provider-unavailable',
  });
  broker.forgetOwner('anna');
  t.equal(broker.size, 1);
  await broker.start('cecilia', 'app', START);
  await t.rejects(broker.start('anna', 'none', START), TypeError);
});

t.test('what the provider refuses leaves nothing; what is old is forgotten and cancelled', async (t) => {
  let now = 0;
  const provider = new ScriptedProvider('app', 'app', () => now);
  const broker = new EidBroker({ providers: [provider], now: () => now });
  provider.fails = new EidError('provider-unavailable', { sv: 'nere', en: 'down' });
  await t.rejects(broker.start('anna', 'app', START), {
    name: 'EidError',
    failure: 'provider-unavailable',
    message: 'down',
  });
  t.equal(broker.size, 0);
  provider.fails = null;
  const { orderId } = await broker.start('anna', 'app', START);
  now = ORDER_LIFETIME_MS - 1;
  t.match(await broker.status('anna', orderId), { state: 'pending' });
  now = ORDER_LIFETIME_MS;
  t.match(await broker.status('anna', orderId), { failure: 'expired' });
  t.strictSame(provider.cancelled, ['app-1']);
  await broker.start('anna', 'app', START);
  now *= 3;
  await broker.start('bo', 'app', START);
  t.equal(broker.size, 1);
});

t.test('a redirect comes back to the order whose state it names', async (t) => {
  const app = new ScriptedProvider('app');
  const oidc = new ScriptedProvider('oidc', 'redirect');
  const broker = new EidBroker({ providers: [app, oidc], now: () => 0 });
  const pending = (redirectUrl: string): EidStatus => ({
    state: 'pending',
    message: { sv: '', en: '' },
    redirectUrl,
  });
  await broker.start('anna', 'app', START);
  const first = await broker.start('anna', 'oidc', START);
  const second = await broker.start('anna', 'oidc', START);
  oidc.statuses.set('oidc-1', pending('https://op.example/?state=one'));
  oidc.statuses.set('oidc-2', pending('https://op.example/?state=two'));
  const url = 'https://meet.example/eid/callback?state=one&code=x';
  t.equal(await broker.answerCallback('anna', url), first.orderId);
  t.strictSame(oidc.answers, [{ id: 'oidc-1', answer: { kind: 'callback', url } }]);
  t.equal(await broker.answerCallback('anna', 'https://meet.example/eid/callback?state=other'), null);
  t.equal(await broker.answerCallback('bo', url), null);
  // The address of a signed request object shows no state.
  oidc.statuses.set('oidc-2', pending('https://op.example/?request=signed'));
  oidc.statuses.set('oidc-1', complete('Anna'));
  t.equal(await broker.answerCallback('anna', url), second.orderId);
});

t.test('only the same device, where the provider binds the return, gets a nonce', async (t) => {
  const provider = new ScriptedProvider('app');
  const broker = new EidBroker({ providers: [provider], now: () => 0 });
  for (const [bindsReturn, sameDevice] of [
    [false, true],
    [true, false],
    [true, true],
  ]) {
    provider.bindsReturn = bindsReturn;
    await broker.start('anna', 'app', { ...START, sameDevice });
  }
  t.same(provider.returnUrls.slice(0, 2), [START.returnUrl, START.returnUrl]);
  t.match(provider.returnUrls[2], /^https:\/\/meet\.example\/eid\/callback#eid-return=[\w-]{22}$/);
});

t.test('what comes back elsewhere is cancelled at the provider', async (t) => {
  const provider = new ScriptedProvider('app');
  provider.bindsReturn = true;
  const broker = new EidBroker({ providers: [provider], now: () => 0 });
  const { orderId } = await broker.start('anna', 'app', { ...START, sameDevice: true });
  provider.statuses.set('app-1', complete('Anna'));
  broker.answerReturn('bo', provider.returnUrls[0].split('=')[1]);
  t.strictSame(provider.cancelled, ['app-1']);
  t.match(await broker.status('anna', orderId), { failure: 'returned-elsewhere' });
});

t.test('closing closes the providers; nothing starts afterwards', async (t) => {
  const provider = new ScriptedProvider('app');
  const broker = new EidBroker({ providers: [provider] });
  await broker.close();
  t.equal(provider.closed, true);
  await t.rejects(broker.start('anna', 'app', START), { name: 'EidError', failure: 'provider-unavailable' });
  t.throws(() => new EidBroker({ providers: [provider, provider] }), TypeError);
});
