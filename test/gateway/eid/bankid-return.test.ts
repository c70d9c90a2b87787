/**
 * BankID on the same device, with the broker: an order finishes only in the browser that began it. Otherwise whoever begins an
 * order and hands its link to somebody else would be logged in by their approval.
 */
import t, { type Test } from 'tap';
import { EidBroker, RETURN_FRAGMENT } from '#src/gateway/eid/eid-broker.js';
import { type EidStatus, ORDER_LIFETIME_MS } from '#src/gateway/eid/eid-provider.js';
import { type BankIdHarness, makeBankIdHarness, START } from '../../support/eid/bankid/harness.js';

const HERE = { ...START, sameDevice: true };
const STEP_MS = 2_000;

interface Begun {
  harness: BankIdHarness;
  broker: EidBroker;
  orderId: string;
  /** What Anna's page shows now. */
  anna: () => Promise<EidStatus>;
  /** The link is opened, by whomever, and approved: the nonce that the app hands to its browser. */
  approve: () => Promise<string>;
}

/** Anna has begun an order on the same device. */
async function begin(t: Test): Promise<Begun> {
  const harness = await makeBankIdHarness();
  t.teardown(() => harness.close());
  const { provider, simulator } = harness;
  const broker = new EidBroker({ providers: [provider], now: () => harness.now() });
  const { orderId } = await broker.start('anna', provider.id, HERE);
  const anna = async (): Promise<EidStatus> => {
    harness.advance(STEP_MS);
    return broker.status('anna', orderId);
  };
  return {
    ...{ harness, broker, orderId, anna },
    async approve() {
      const status = await broker.status('anna', orderId);
      if (status.state !== 'pending' || !status.launch) throw new Error('there is nothing to open');
      const phone = simulator.newPhone();
      phone.open(status.launch.desktop);
      return nonceOf(phone.approve());
    },
  };
}

function nonceOf(url: string | null): string {
  const { href, hash } = new URL(url ?? '');
  if (href !== `${HERE.returnUrl}${hash}`) throw new Error(`the app opens ${href}`);
  const [name, nonce] = hash.slice(1).split('=');
  if (name !== RETURN_FRAGMENT) throw new Error(`the fragment is ${hash}`);
  return nonce;
}

t.test('it finishes when the browser that began it has come back, and not before', async (t) => {
  const { broker, orderId, anna, approve } = await begin(t);
  const nonce = await approve();
  t.match(nonce, /^[\w-]{22}$/, '128 bits');
  for (let asked = 0; asked < 3; asked++) {
    t.match(await anna(), {
      state: 'pending',
      launch: undefined,
      message: { sv: /Gå tillbaka/, en: /Go back/ },
    });
  }
  t.strictSame(broker.answerReturn('anna', nonce), { orderId });
  t.match(await anna(), { state: 'complete', identity: { name: 'Anna Ängström' } });
  t.match(await anna(), { state: 'failed', failure: 'expired' }, 'once');
  t.match(broker.answerReturn('anna', nonce), { state: 'failed', failure: 'expired' }, 'and is over');
});

t.test('back before the service tells of the approval: it finishes when it does', async (t) => {
  const { broker, orderId, anna, approve } = await begin(t);
  const nonce = await approve();
  t.strictSame(broker.answerReturn('anna', nonce), { orderId });
  t.match(await broker.status('anna', orderId), { state: 'pending' }, 'not asked yet');
  t.strictSame(
    broker.answerReturn('anna', nonce),
    { orderId },
    'handed in twice, by a page that was reloaded',
  );
  t.match(await anna(), { state: 'complete' });
});

t.test('approved in another browser: nobody is logged in, there or where it began', async (t) => {
  for (const owner of ['victim', null]) {
    const { broker, orderId, anna, approve, harness } = await begin(t);
    const nonce = await approve();
    t.match(await anna(), { state: 'pending' });
    const refusal = { state: 'failed', failure: 'returned-elsewhere', message: { sv: /\S/, en: /\S/ } };
    t.match(broker.answerReturn(owner, nonce), refusal, String(owner));
    t.match(await anna(), refusal, 'for good');
    t.match(broker.answerReturn('anna', nonce), refusal, 'a nonce that was handed on is worth nothing');
    t.match(await anna(), refusal);
    if (owner !== null) t.match(await broker.status(owner, orderId), { failure: 'expired' });
    t.equal(harness.log(), '', 'the provider has nothing to complain of');
  }
});

t.test('while the service is asked, it comes back in another browser', async (t) => {
  const { broker, anna, approve } = await begin(t);
  const nonce = await approve();
  broker.answerReturn('anna', nonce);
  const asked = anna();
  broker.answerReturn('victim', nonce);
  t.match(await asked, { failure: 'returned-elsewhere' });
});

t.test('a wrong nonce moves nothing: not the order, not that of somebody else', async (t) => {
  const { broker, orderId, anna, approve } = await begin(t);
  const nonce = await approve();
  for (const wrong of ['', 'A'.repeat(22), nonce.slice(1), `${nonce}A`, nonce.toUpperCase(), orderId]) {
    for (const owner of ['anna', 'victim', null]) {
      t.match(broker.answerReturn(owner, wrong), { state: 'failed', failure: 'expired' }, wrong);
    }
  }
  t.match(await anna(), { state: 'pending' });
  t.strictSame(broker.answerReturn('anna', nonce), { orderId });
});

t.test('each order has a nonce of its own', async (t) => {
  const { broker, harness, orderId, approve } = await begin(t);
  const second = await broker.start('anna', harness.provider.id, HERE);
  const nonces = harness.simulator.orders.all.map(({ request }) => nonceOf(request.returnUrl ?? null));
  t.equal(new Set(nonces).size, 2);
  await approve();
  t.strictSame(broker.answerReturn('anna', nonces[1]), { orderId: second.orderId });
  harness.advance(STEP_MS);
  t.match(await broker.status('anna', orderId), { state: 'pending' }, 'the first one has not come back');
});

t.test('declined, cancelled, too old', async (t) => {
  const declined = await begin(t);
  const status = await declined.broker.status('anna', declined.orderId);
  const { phone, orders } = declined.harness.simulator;
  phone.open((status as { launch: { mobile: string } }).launch.mobile);
  phone.decline();
  const nonce = nonceOf(orders.all[0].request.returnUrl ?? null);
  t.strictSame(declined.broker.answerReturn('anna', nonce), { orderId: declined.orderId });
  t.match(await declined.anna(), { state: 'failed', failure: 'cancelled-by-user' });

  const cancelled = await begin(t);
  const left = await cancelled.approve();
  await cancelled.broker.cancel('anna', cancelled.orderId);
  t.match(cancelled.broker.answerReturn('anna', left), { failure: 'expired' });

  const old = await begin(t);
  const late = await old.approve();
  t.match(await old.anna(), { state: 'pending' });
  old.harness.advance(ORDER_LIFETIME_MS);
  t.match(old.broker.answerReturn('anna', late), { failure: 'expired' });
  t.match(await old.anna(), { failure: 'expired' });
});

t.test('an order by QR code needs no return, since nothing of it can be handed on', async (t) => {
  const harness = await makeBankIdHarness();
  t.teardown(() => harness.close());
  const { provider, simulator } = harness;
  const broker = new EidBroker({ providers: [provider], now: () => harness.now() });
  const { orderId } = await broker.start('anna', provider.id, START);
  const status = await broker.status('anna', orderId);
  if (status.state !== 'pending') return t.fail('it has just begun');
  t.equal(status.launch, undefined);
  simulator.phone.scan(status.qr ?? '');
  t.equal(simulator.phone.approve(), null, 'nothing opens on the phone');
  t.equal(simulator.orders.all[0].request.returnUrl, undefined);
  harness.advance(STEP_MS);
  t.match(await broker.status('anna', orderId), { state: 'complete' });
});

t.test('the page is never told the nonce, nor is a log', async (t) => {
  const { broker, orderId, anna, approve, harness } = await begin(t);
  const shown: unknown[] = [await broker.status('anna', orderId), orderId];
  const nonce = await approve();
  shown.push(await anna(), broker.answerReturn('victim', nonce), await anna());
  t.notOk((JSON.stringify(shown) + harness.log()).includes(nonce));
  await t.rejects(
    broker.start('anna', harness.provider.id, { ...HERE, returnUrl: 'https://meet.example/#there' }),
    { name: 'TypeError', message: /fragment/ },
  );
});
