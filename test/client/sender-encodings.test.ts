import t from 'tap';
import type { types } from 'mediasoup-client';
import { SenderEncodings } from '#src/client/sender-encodings.js';
import { fakeTrack, joinPeer, until } from './test-room.js';
import { startGateway } from '../gateway/test-client.js';

/** A sender as browsers have it: parameters read before another change are refused. */
class FakeSender {
  encodings: { rid: string; active: boolean; maxBitrate: number }[];
  changes = 0;
  inWork = 0;
  /** Somebody else changes something between a read and a write, so many times. */
  disturbances = 0;
  #transaction = 0;

  constructor(count: number) {
    this.encodings = Array.from({ length: count }, (_, index) => ({
      rid: `r${index}`,
      active: true,
      maxBitrate: 1000,
    }));
  }

  getParameters() {
    const parameters = {
      transactionId: String(++this.#transaction),
      encodings: structuredClone(this.encodings),
    };
    if (this.disturbances-- > 0) this.#transaction++;
    return parameters;
  }

  async setParameters(parameters: {
    transactionId: string;
    encodings: FakeSender['encodings'];
  }): Promise<void> {
    if (++this.inWork > 1) throw new Error('two at once');
    await new Promise(setImmediate);
    this.inWork--;
    if (parameters.transactionId !== String(this.#transaction)) throw new Error('InvalidModificationError');
    this.encodings = parameters.encodings;
    this.changes++;
  }

  get active(): boolean[] {
    return this.encodings.map(({ active }) => active);
  }

  get producer(): types.Producer {
    return { closed: false, rtpSender: this } as unknown as types.Producer;
  }
}

t.test('encodings follow the newest wish, one change at a time, and keep what else is set', async (t) => {
  const sender = new FakeSender(3);
  const encodings = new SenderEncodings();
  encodings.attach(sender.producer);
  encodings.want([true, false, false]);
  encodings.want([true, true, true]);
  encodings.want([true, true, false]);
  await until(() => sender.changes === 2);
  t.strictSame(sender.active, [true, true, false]);
  t.equal(sender.encodings[0].maxBitrate, 1000);
  const { changes } = sender;
  encodings.want([true, true, false]);
  await new Promise(setImmediate);
  t.equal(sender.changes, changes, 'nothing to change');
});

t.test('a change that another one crossed is made again', async (t) => {
  const sender = new FakeSender(2);
  sender.disturbances = 2;
  const encodings = new SenderEncodings();
  encodings.attach(sender.producer);
  encodings.want([true, false]);
  await until(() => sender.changes === 1);
  t.strictSame(sender.active, [true, false]);
});

t.test("single streams, foreign counts and the page's own choice are left alone", async (t) => {
  const single = new FakeSender(1);
  const encodings = new SenderEncodings();
  encodings.attach(single.producer);
  encodings.want([false]);
  await new Promise(setImmediate);
  t.strictSame(single.active, [true]);
  const pair = new FakeSender(2);
  encodings.attach(pair.producer, [{}, { active: false }]);
  pair.encodings[1].active = false;
  encodings.want([true]);
  encodings.want([false, true]);
  await until(() => pair.changes === 1);
  t.strictSame(pair.active, [false, false]);
  encodings.detach();
  encodings.want([true, true]);
  await new Promise(setImmediate);
  t.equal(pair.changes, 1);
});

t.test('what the server wants reaches the sender, and is caught up with after a lost socket', async (t) => {
  const { url, media } = await startGateway(t);
  const { client, sockets } = await joinPeer(t, url);
  const local = await client.publish(fakeTrack('video'), {
    source: 'camera',
    encodings: [{ rid: 'r0' }, { rid: 'r1' }],
  });
  const sender = new FakeSender(2);
  Object.defineProperty(local.producer, 'rtpSender', { get: () => sender });
  const producer = media.router.producers.get(local.producer!.id)!;
  producer.want([true, false]);
  await until(() => sender.changes === 1);
  t.strictSame(sender.active, [true, false]);
  sockets.cut();
  producer.want([true, true]);
  await until(() => sender.changes === 2);
  t.strictSame(sender.active, [true, true]);
});

t.test('a wish that comes when the last change is just made is not lost', async (t) => {
  // So many turns of the microtask queue after the browser's answer: one of them is the last of the change.
  for (let turns = 0; turns < 12; turns++) {
    const sender = new FakeSender(2);
    const encodings = new SenderEncodings();
    encodings.attach(sender.producer);
    const setParameters = sender.setParameters.bind(sender);
    sender.setParameters = async (parameters) => {
      sender.setParameters = setParameters;
      await setParameters(parameters);
      let later = Promise.resolve();
      for (let turn = 0; turn < turns; turn++) later = later.then(() => {});
      void later.then(() => encodings.want([false, true]));
    };
    encodings.want([true, false]);
    for (let turn = 0; turn < 6; turn++) await new Promise(setImmediate);
    t.strictSame(sender.active, [false, true], `${turns} turns later`);
  }
});

t.test('an encoding that somebody waits for is tried again, however often the browser refuses', async (t) => {
  const sender = new FakeSender(2);
  const encodings = new SenderEncodings();
  encodings.attach(sender.producer);
  sender.encodings[1].active = false;
  sender.disturbances = 5;
  encodings.want([true, true]);
  await until(() => sender.changes === 1);
  t.strictSame(sender.active, [true, true]);
});

t.test('wishes told before their producers are known reach each of them', async (t) => {
  const { url, media } = await startGateway(t);
  const { client } = await joinPeer(t, url);
  await client.publish(fakeTrack('audio'), { source: 'microphone' });
  const { router } = media;
  const [transport] = router.transports;
  const produce = transport.produce.bind(transport);
  const wishes: string[] = [];
  t.capture(SenderEncodings.prototype, 'want', (wish: boolean[]) => wishes.push(wish.join()));
  transport.produce = async (options) => {
    const producer = await produce(options);
    // Between the answer and the browser's own end of it.
    setImmediate(() => producer.want(wishes.length === 0 ? [true, false] : [false, true]));
    return producer;
  };
  const encodings = [{ rid: 'r0' }, { rid: 'r1' }];
  await Promise.all([
    client.publish(fakeTrack('video'), { source: 'camera', encodings }),
    client.publish(fakeTrack('video'), { source: 'screen', encodings }),
  ]);
  await until(() => wishes.length === 2);
});
