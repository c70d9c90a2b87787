import t from 'tap';
import { createRoomKey, keyIdOf } from '#src/client/e2ee/room-secret.js';
import { HOLD_BYTES, HOLD_MS } from '#src/client/e2ee/frame-receiver.js';
import { type EncodedFrame, Transformers } from '#src/client/e2ee/transformers.js';
import type { EpochKeys, TransformOptions, WorkerMessage } from '#src/client/e2ee/worker-messages.js';

const members = ['anna', 'bo'].map((peerId, index) => ({
  peerId,
  publicKey: new Uint8Array(65).fill(index),
}));

async function newEpoch(): Promise<EpochKeys> {
  const { key } = await createRoomKey();
  return { keyId: await keyIdOf(key), roomKey: key, members };
}

function frame(mimeType: string, bytes: number[], type?: string) {
  return { type, data: Uint8Array.from(bytes).buffer, getMetadata: () => ({ mimeType }) };
}

function worker() {
  const told: WorkerMessage[] = [];
  const clock = { now: 0 };
  return {
    told,
    clock,
    transformers: new Transformers({ tell: (message) => told.push(message), now: () => clock.now }),
  };
}

/** One transform, and what came out of it. */
function createTransform(transformers: Transformers, options: TransformOptions) {
  const passed: EncodedFrame[] = [];
  const asked = { count: 0 };
  const transform = transformers.create(options, {
    pass: (frame) => passed.push(frame),
    askForKeyFrame: () => asked.count++,
  });
  /** Whether it was passed on at once. */
  const give = async (given: EncodedFrame): Promise<boolean> => {
    await transform(given);
    return passed.at(-1) === given;
  };
  return { give, passed, asked };
}

const FROM_ANNA = { side: 'receive', source: 'camera', peerId: 'anna', trackId: '1' } as const;

/** A page that sends as Anna; one that receives gets copies. */
function sender() {
  const { transformers } = worker();
  const { give } = createTransform(transformers, { side: 'send', source: 'camera' });
  return async ({ keyId, ...rest }: EpochKeys, type: 'key' | 'delta' = 'delta', bytes = PICTURE) => {
    await transformers.update({ epochs: [{ keyId, ...rest }], sending: { keyId, peerId: 'anna' } });
    const sent = frame('video/VP8', bytes, type);
    await give(sent);
    return sent;
  };
}

const PICTURE = [0x31, 2, 0, ...Array.from({ length: 40 }, (_, index) => index)];

t.test('nothing leaves without a key or in a codec that cannot be encrypted', async (t) => {
  const { transformers, told } = worker();
  const { give: send } = createTransform(transformers, { side: 'send', source: 'camera' });
  t.equal(await send(frame('video/VP8', PICTURE)), false);
  const epoch = await newEpoch();
  await transformers.update({ epochs: [epoch], sending: { keyId: epoch.keyId, peerId: 'anna' } });
  t.equal(await send(frame('video/AV1', PICTURE)), false);
  t.equal(await send(frame('video/AV1', PICTURE)), false);
  t.equal(await send(frame('video/H264', [1, 2, 3])), false, 'none of its codec');
  const sent = frame('video/VP8', PICTURE);
  t.equal(await send(sent), true);
  t.ok(sent.data.byteLength > PICTURE.length);
  await transformers.update({ epochs: [epoch], sending: null });
  t.equal(await send(frame('video/VP8', PICTURE)), false);
  t.match(transformers.counters, { sealed: 1, dropped: { 'no-key': 2, 'unsupported-codec': 3 } });
  t.equal(told.filter(({ type }) => type === 'unsupported-codec').length, 1, 'told once');
});

t.test('each frame once, of its own source and sender, under a key that is here', async (t) => {
  const { transformers, told, clock } = worker();
  const epoch = await newEpoch();
  await transformers.update({ epochs: [epoch], sending: { keyId: epoch.keyId, peerId: 'anna' } });
  const { give: send } = createTransform(transformers, { side: 'send', source: 'camera' });
  const { give: receive, passed, asked } = createTransform(transformers, FROM_ANNA);
  const copy = (of: { data: ArrayBuffer }, type = 'delta') =>
    frame('video/VP8', [...new Uint8Array(of.data)], type);
  const sealed = frame('video/VP8', PICTURE);
  await send(sealed);

  const got = copy(sealed);
  t.equal(await receive(got), true);
  t.same([...new Uint8Array(got.data)], PICTURE);
  t.equal(await receive(copy(sealed)), false, 'a second time');
  t.equal(asked.count, 0, 'for which no picture is missing');
  const elsewhere = (source: 'camera' | 'screen', peerId: string) =>
    createTransform(transformers, { side: 'receive', source, peerId, trackId: '2' }).give(copy(sealed));
  t.equal(await elsewhere('camera', 'anna'), false, 'nor at a new receiver of the same source');
  t.equal(await elsewhere('screen', 'anna'), false, 'as another source');
  t.equal(await elsewhere('camera', 'bo'), false, 'as of another sender');
  t.equal(await receive(frame('video/VP8', PICTURE, 'delta')), false, 'unencrypted');
  t.match(transformers.counters.dropped, { replayed: 2, forged: 2, unencrypted: 1 });

  const next = await newEpoch();
  await transformers.update({ epochs: [next], sending: { keyId: next.keyId, peerId: 'anna' } });
  const later = frame('video/VP8', PICTURE);
  await send(later);
  await transformers.update({ epochs: [epoch], sending: null });
  t.equal(await receive(copy(later)), false);
  t.equal(await receive(copy(later)), false);
  t.same(
    told.filter(({ type }) => type === 'unknown-key'),
    [{ type: 'unknown-key', keyId: next.keyId, peerId: 'anna' }],
  );
  clock.now = 2_000;
  const last = copy(later);
  t.equal(await receive(last), false);
  t.equal(told.filter(({ type }) => type === 'unknown-key').length, 2, 'again after a second');
  t.equal(transformers.counters.dropped['unknown-key'], 2, 'both of before are too old by now');

  await transformers.update({ epochs: [next], sending: null });
  t.equal(passed.at(-1), last);
  t.same([...new Uint8Array(last.data)], PICTURE);
  t.equal(asked.count, 1, 'pictures are missing: a key frame is asked for');
});

t.test('frames that come before their key are passed on in their order as soon as it is here', async (t) => {
  const { transformers, clock } = worker();
  const send = sender();
  const epoch = await newEpoch();
  const { give, passed, asked } = createTransform(transformers, FROM_ANNA);
  const frames = [await send(epoch, 'key'), await send(epoch), await send(epoch)];
  for (const one of frames) {
    t.equal(await give(one), false);
    clock.now += HOLD_MS / 4;
  }
  const [fourth, fifth] = [await send(epoch), await send(epoch)];
  // Keys and a frame in the same turn: the frame does not overtake.
  const update = transformers.update({ epochs: [epoch], sending: null });
  const given = give(fourth);
  await Promise.all([update, given]);
  t.same(passed, [...frames, fourth]);
  t.equal(await give(fifth), true);
  t.equal(asked.count, 0, 'nothing is missing, so no key frame is asked for');
  t.match(transformers.counters, { opened: 5, dropped: { 'unknown-key': 0, replayed: 0 } });
});

t.test('who comes in holds frames of before in vain: they give way to the first that opens', async (t) => {
  const { transformers } = worker();
  const send = sender();
  const [before, own] = [await newEpoch(), await newEpoch()];
  const { give, passed, asked } = createTransform(transformers, FROM_ANNA);
  t.equal(await give(await send(before, 'key')), false);
  await transformers.update({ epochs: [own], sending: null });
  t.equal(await give(await send(before)), false);
  t.equal(transformers.counters.dropped['unknown-key'], 0, 'both are held');
  t.equal(await give(await send(own)), true);
  t.equal(transformers.counters.dropped['unknown-key'], 2);
  t.equal(asked.count, 1, 'at once');
  t.equal(await give(await send(own, 'key')), true);
  t.equal(await give(await send(own)), true);
  t.equal(asked.count, 1);
  await transformers.update({ epochs: [before, own], sending: null });
  t.equal(passed.length, 3, 'and are gone');
});

t.test('no more is held than so many bytes, and nothing for longer than its time', async (t) => {
  const { transformers, clock } = worker();
  const send = sender();
  const epoch = await newEpoch();
  const { give, passed, asked } = createTransform(transformers, FROM_ANNA);
  const large = Array.from({ length: HOLD_BYTES / 4 - 100 }, (_, index) => index & 0xfe);
  const frames: EncodedFrame[] = [];
  for (let n = 0; n < 6; n++) frames.push(await send(epoch, n === 0 ? 'key' : 'delta', large));
  for (const one of frames) await give(one);
  t.equal(transformers.counters.dropped['unknown-key'], 2, 'the oldest');
  const huge = await send(
    epoch,
    'delta',
    Array.from({ length: HOLD_BYTES }, () => 3),
  );
  await give(huge);
  t.equal(transformers.counters.dropped['unknown-key'], 7, 'and all with one that is too large by itself');
  const [inTime, late] = [await send(epoch), await send(epoch)];
  await give(late);
  clock.now = 1;
  await give(inTime);
  clock.now = HOLD_MS + 1;
  await transformers.update({ epochs: [epoch], sending: null });
  t.same(passed, [inTime]);
  t.equal(transformers.counters.dropped['unknown-key'], 8);
  t.equal(asked.count, 1);
});

t.test('a source begun anew, and an epoch that comes back, go on counting', async (t) => {
  const { transformers } = worker();
  const epoch = await newEpoch();
  const message = { epochs: [epoch], sending: { keyId: epoch.keyId, peerId: 'anna' } };
  const seen = new Set<string>();
  for (let n = 0; n < 6; n++) {
    if (n === 3) await transformers.update({ epochs: [], sending: null });
    await transformers.update(message);
    const source = n % 2 === 0 ? 'camera' : 'screen';
    const sealed = frame('video/VP8', PICTURE);
    await createTransform(transformers, { side: 'send', source }).give(sealed);
    // Source and counter: what makes the nonce.
    seen.add(new Uint8Array(sealed.data).slice(-10, -5).join());
  }
  t.equal(seen.size, 6);
});
