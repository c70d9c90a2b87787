import t from 'tap';
import { createRoomKey, keyIdOf } from '#src/client/e2ee/room-secret.js';
import { Transformers } from '#src/client/e2ee/transformers.js';
import type { EpochKeys, WorkerMessage } from '#src/client/e2ee/worker-messages.js';

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

const PICTURE = [0x31, 2, 0, ...Array.from({ length: 40 }, (_, index) => index)];

t.test('nothing leaves without a key or in a codec that cannot be encrypted', async (t) => {
  const { transformers, told } = worker();
  const send = transformers.create({ side: 'send', source: 'camera' });
  t.equal(await send(frame('video/VP8', PICTURE)), false);
  const epoch = await newEpoch();
  transformers.update({ epochs: [epoch], sending: { keyId: epoch.keyId, peerId: 'anna' } });
  t.equal(await send(frame('video/AV1', PICTURE)), false);
  t.equal(await send(frame('video/AV1', PICTURE)), false);
  t.equal(await send(frame('video/H264', [1, 2, 3])), false, 'none of its codec');
  const sent = frame('video/VP8', PICTURE);
  t.equal(await send(sent), true);
  t.ok(sent.data.byteLength > PICTURE.length);
  transformers.update({ epochs: [epoch], sending: null });
  t.equal(await send(frame('video/VP8', PICTURE)), false);
  t.match(transformers.counters, { sealed: 1, dropped: { 'no-key': 2, 'unsupported-codec': 3 } });
  t.equal(told.filter(({ type }) => type === 'unsupported-codec').length, 1, 'told once');
});

t.test('each frame once, of its own source and sender, under a key that is here', async (t) => {
  const { transformers, told, clock } = worker();
  const epoch = await newEpoch();
  transformers.update({ epochs: [epoch], sending: { keyId: epoch.keyId, peerId: 'anna' } });
  const send = transformers.create({ side: 'send', source: 'camera' });
  let asked = 0;
  const receive = transformers.create(
    { side: 'receive', source: 'camera', peerId: 'anna', trackId: '1' },
    () => asked++,
  );
  const copy = (of: { data: ArrayBuffer }, type = 'delta') =>
    frame('video/VP8', [...new Uint8Array(of.data)], type);
  const sealed = frame('video/VP8', PICTURE);
  await send(sealed);

  const got = copy(sealed);
  t.equal(await receive(got), true);
  t.same([...new Uint8Array(got.data)], PICTURE);
  t.equal(await receive(copy(sealed)), false, 'a second time');
  t.equal(asked, 0, 'for which no picture is missing');
  const elsewhere = (source: 'camera' | 'screen', peerId: string) =>
    transformers.create({ side: 'receive', source, peerId, trackId: '2' })(copy(sealed));
  t.equal(await elsewhere('camera', 'anna'), false, 'nor at a new receiver of the same source');
  t.equal(await elsewhere('screen', 'anna'), false, 'as another source');
  t.equal(await elsewhere('camera', 'bo'), false, 'as of another sender');
  t.equal(await receive(frame('video/VP8', PICTURE, 'delta')), false, 'unencrypted');
  t.match(transformers.counters.dropped, { replayed: 2, forged: 2, unencrypted: 1 });

  const next = await newEpoch();
  transformers.update({ epochs: [next], sending: { keyId: next.keyId, peerId: 'anna' } });
  const later = frame('video/VP8', PICTURE);
  await send(later);
  transformers.update({ epochs: [epoch], sending: null });
  t.equal(await receive(copy(later)), false);
  t.equal(await receive(copy(later)), false);
  t.same(
    told.filter(({ type }) => type === 'unknown-key'),
    [{ type: 'unknown-key', keyId: next.keyId, peerId: 'anna' }],
  );
  clock.now = 2_000;
  await receive(copy(later));
  t.equal(told.filter(({ type }) => type === 'unknown-key').length, 2, 'again after a second');

  transformers.update({ epochs: [next], sending: null });
  t.equal(await receive(copy(later)), true);
  t.equal(asked, 1, 'pictures are missing: a key frame is asked for');
});

t.test('a source begun anew, and an epoch that comes back, go on counting', async (t) => {
  const { transformers } = worker();
  const epoch = await newEpoch();
  const message = { epochs: [epoch], sending: { keyId: epoch.keyId, peerId: 'anna' } };
  const seen = new Set<string>();
  for (let n = 0; n < 6; n++) {
    if (n === 3) transformers.update({ epochs: [], sending: null });
    transformers.update(message);
    const source = n % 2 === 0 ? 'camera' : 'screen';
    const sealed = frame('video/VP8', PICTURE);
    await transformers.create({ side: 'send', source })(sealed);
    // Source and counter: what makes the nonce.
    seen.add(new Uint8Array(sealed.data).slice(-10, -5).join());
  }
  t.equal(seen.size, 6);
});
