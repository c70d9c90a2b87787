import fc from 'fast-check';
import t from 'tap';
import { encryptedCodec, type EncryptedCodec } from '#src/client/e2ee/clear-bytes.js';
import {
  FRAME_OVERHEAD,
  MAX_COUNTER,
  openFrame,
  sealFrame,
  splitFrame,
} from '#src/client/e2ee/frame-crypto.js';
import { firstSlice, preventEmulation, undoPrevention } from '#src/client/e2ee/nal-units.js';
import { ReplayWindow, REPLAY_WINDOW } from '#src/client/e2ee/replay-window.js';
import { createRoomKey, keyIdOf, senderKey } from '#src/client/e2ee/room-secret.js';
import { H264Payload } from '#src/rtp/codecs/h264.js';
import { Vp8Descriptor } from '#src/rtp/codecs/vp8.js';

const anna = { peerId: 'anna', publicKey: new Uint8Array(65).fill(1) };
const bo = { peerId: 'bo', publicKey: new Uint8Array(65).fill(2) };

const VP8_KEY = Uint8Array.of(0x10, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0, ...counting(200));
const VP8_DELTA = Uint8Array.of(0x31, 2, 0, ...counting(60));
const OPUS = Uint8Array.of(0x78, ...counting(50));
const H264_KEY = Uint8Array.of(
  ...[0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0xda],
  ...[0, 0, 0, 1, 0x68, 0xce, 0x38, 0x80],
  ...[0, 0, 0, 1, 0x65, 0xb8, 0, 4, 0, 0, 3, 0, ...counting(90), 0, 0, 1, 0x65, 0x12, 9, 9],
);
const H264_DELTA = Uint8Array.of(0, 0, 1, 0x41, 0xe0, ...counting(40));

const frames: [EncryptedCodec, string, Uint8Array][] = [
  ['video/vp8', 'VP8 key frame', VP8_KEY],
  ['video/vp8', 'VP8 delta frame', VP8_DELTA],
  ['video/vp9', 'VP9', Uint8Array.from(counting(80))],
  ['audio/opus', 'Opus', OPUS],
  ['audio/opus', 'Opus in silence', Uint8Array.of(0x78)],
  ['audio/opus', 'nothing at all', new Uint8Array()],
  ['video/h264', 'H.264 key frame of two slices', H264_KEY],
  ['video/h264', 'H.264 delta frame', H264_DELTA],
  ['video/h264', 'H.264 in four bytes', Uint8Array.of(0, 0, 1, 0x41)],
];

function counting(length: number): number[] {
  return Array.from({ length }, (_, index) => (index * 37 + 11) & 0xff);
}

async function newKey(member = anna) {
  const { key } = await createRoomKey();
  return { key: await senderKey(key, 'frame', member), keyId: await keyIdOf(key), roomKey: key };
}

t.test('what is sealed can be opened, and the clear bytes are what others need', async (t) => {
  const { key, keyId } = await newKey();
  for (const [codec, name, frame] of frames) {
    const sealed = await sealFrame(key, codec, frame, { source: 1, counter: 7, keyId });
    const split = splitFrame(sealed)!;
    t.match(split, { source: 1, counter: 7, keyId }, name);
    t.strictSame([...(await openFrame(key, split))], [...frame], name);
    t.ok(sealed.length >= frame.length + FRAME_OVERHEAD);
    if (frame.length > 40) t.notOk(includes(sealed, frame.subarray(frame.length - 20)), `${name} is hidden`);
  }
  const vp8 = new Vp8Descriptor();
  const packet = Uint8Array.of(
    0x10,
    ...(await sealFrame(key, 'video/vp8', VP8_KEY, { source: 1, counter: 8, keyId })),
  );
  t.ok(vp8.parse(packet, 0, packet.length));
  t.match(vp8, { keyFrame: true, width: 320, height: 180 });
  const delta = Uint8Array.of(
    0x10,
    ...(await sealFrame(key, 'video/vp8', VP8_DELTA, { source: 1, counter: 9, keyId })),
  );
  vp8.parse(delta, 0, delta.length);
  t.equal(vp8.keyFrame, false);
  const h264 = new H264Payload();
  const sealed = await sealFrame(key, 'video/h264', H264_KEY, { source: 1, counter: 9, keyId });
  const nal = sealed.subarray(firstSlice(sealed));
  t.ok(h264.parse(nal, 0, nal.length));
  t.match(h264, { keyFrame: true, startOfPicture: true });
});

t.test('every changed byte of a frame is found', async (t) => {
  const { key, keyId } = await newKey();
  for (const [codec, name, frame] of frames) {
    const sealed = await sealFrame(key, codec, frame, { source: 1, counter: 7, keyId });
    const from = codec === 'video/h264' ? firstSlice(sealed) : 0;
    for (let at = from; at < sealed.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const changed = sealed.slice();
        changed[at] ^= flip;
        if (await opens(key, changed)) t.fail(`${name}: byte ${at} was changed by ${flip} unnoticed`);
      }
    }
    for (let length = from; length < sealed.length; length++) {
      if (await opens(key, sealed.subarray(0, length))) t.fail(`${name}: cut to ${length} unnoticed`);
    }
    t.pass(name);
  }
});

t.test('another sender, epoch, source or counter is another key or nonce', async (t) => {
  const { key, keyId, roomKey } = await newKey();
  const sealed = await sealFrame(key, 'audio/opus', OPUS, { source: 0, counter: 1, keyId });
  t.ok(await opens(key, sealed));
  t.notOk(await opens(await senderKey(roomKey, 'frame', bo), sealed), 'of another peer');
  t.notOk(
    await opens(await senderKey(roomKey, 'frame', { ...anna, publicKey: bo.publicKey }), sealed),
    'of the same peer id with another key pair',
  );
  t.notOk(await opens(await senderKey(roomKey, 'message', anna), sealed), 'for another purpose');
  t.notOk(await opens((await newKey()).key, sealed), 'of another epoch');
  const others = await Promise.all(
    [
      { source: 1, counter: 1 },
      { source: 0, counter: 2 },
    ].map((other) => sealFrame(key, 'audio/opus', OPUS, { ...other, keyId })),
  );
  for (const other of others) t.notSame(other.subarray(1, OPUS.length), sealed.subarray(1, OPUS.length));
  await t.rejects(sealFrame(key, 'audio/opus', OPUS, { source: 0, counter: MAX_COUNTER + 1, keyId }));
});

t.test('arbitrary frames come back; arbitrary bytes never open nor throw', async () => {
  const { key, keyId } = await newKey();
  const codecs = ['audio/opus', 'video/vp8', 'video/vp9', 'video/h264'] as const;
  // Many zeros and small numbers: what emulation prevention is about.
  const byte = fc.oneof(fc.constantFrom(0, 0, 0, 1, 2, 3), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...codecs),
      fc.uint8Array({ maxLength: 300 }),
      fc.array(byte, { maxLength: 120 }),
      fc.nat(MAX_COUNTER),
      async (codec, some, small, counter) => {
        const start = codec === 'video/h264' ? [0, 0, 1, 0x65] : [];
        const frame = Uint8Array.of(...start, ...small, ...some);
        const sealed = await sealFrame(key, codec, frame, { source: 2, counter, keyId });
        if (codec === 'video/h264') {
          const tail = sealed.subarray(4 + 7 - 2);
          // Behind the clear bytes no start code begins, nor anything else that may not stand in a NAL unit.
          for (let at = 2; at < tail.length; at++) {
            if (tail[at - 2] === 0 && tail[at - 1] === 0 && tail[at] < 3 && at > 2) return false;
          }
        }
        const opened = await openFrame(key, splitFrame(sealed)!);
        return Buffer.compare(opened, frame) === 0;
      },
    ),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(1, 2), async (bytes, format) => {
      const frame = Uint8Array.of(0, 0, 1, 0x65, ...bytes, format);
      return !(await opens(key, frame)) && !(await opens(key, bytes));
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.array(byte), fc.array(byte), (before, body) => {
      const [front, back] = [Uint8Array.from(before), Uint8Array.from(body)];
      return Buffer.compare(undoPrevention(front, preventEmulation(front, back)), back) === 0;
    }),
  );
});

t.test('no counter twice, and none from far behind', async (t) => {
  const window = new ReplayWindow();
  t.ok(window.take(5));
  t.notOk(window.take(5));
  t.ok(window.take(3), 'a little late');
  t.notOk(window.take(3));
  t.ok(window.take(REPLAY_WINDOW + 4));
  t.notOk(window.isFresh(4), 'too late to tell');
  t.ok(window.isFresh(6));
  t.ok(window.take(10 * REPLAY_WINDOW));
  t.ok(window.take(9 * REPLAY_WINDOW + 1));
  fc.assert(
    fc.property(fc.array(fc.nat(3 * REPLAY_WINDOW), { maxLength: 400 }), (counters) => {
      const seen = new Set<number>();
      const some = new ReplayWindow();
      let newest = -1;
      return counters.every((counter) => {
        const fresh = !seen.has(counter) && counter > newest - REPLAY_WINDOW;
        newest = Math.max(newest, counter);
        seen.add(counter);
        return some.take(counter) === fresh;
      });
    }),
  );
});

t.test('codecs that would break are not offered', async (t) => {
  t.equal(encryptedCodec('video/VP8'), 'video/vp8');
  t.equal(encryptedCodec('video/AV1'), null);
  t.equal(encryptedCodec('audio/red'), null);
  t.equal(encryptedCodec(undefined), null);
});

async function opens(key: CryptoKey, frame: Uint8Array): Promise<boolean> {
  const split = splitFrame(frame);
  return (
    split !== null &&
    openFrame(key, split).then(
      () => true,
      () => false,
    )
  );
}

function includes(whole: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(whole).includes(Buffer.from(part));
}
