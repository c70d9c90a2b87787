import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { AesCounterKeystream } from '#src/srtp/aes-counter-keystream.js';
import { KeystreamAhead } from '#src/srtp/keystream-ahead.js';
import { KEYSTREAM_PAGE, LARGE_CHUNK, SMALL_CHUNK } from '#src/srtp/keystream-pool.js';
import { RTP_INDEX_LIMIT } from '#src/srtp/packet-index.js';
import type { SrtpKernel } from '#src/srtp/srtp-kernel.js';
import { newKernel } from './kernel-support.js';
import { toHex } from './support.js';

const KEY = Uint8Array.from({ length: 16 }, (_, i) => 3 * i + 1);
const SALT = Uint8Array.from({ length: 14 }, (_, i) => 0xf0 - i);

const cipher = { rtpKeystream: new AesCounterKeystream(KEY), rtpSalt: SALT };

function newStream(kernel: SrtpKernel, ssrc: number) {
  const stream = new KeystreamAhead(ssrc, false);
  return { take: (index: number, length: number) => stream.take(kernel, cipher, index, length) };
}

/** What RFC 3711 4.1.1 says that it is. */
function expectedKeystream(ssrc: number, index: number, length: number): string {
  const iv = Buffer.alloc(16);
  iv.set(SALT);
  for (const [i, byte] of [...wordBytes(ssrc), ...wordBytes(Math.floor(index / 0x10000))].entries())
    iv[4 + i] ^= byte;
  iv[12] ^= (index >>> 8) & 0xff;
  iv[13] ^= index & 0xff;
  return createCipheriv('aes-128-ctr', KEY, iv).update(Buffer.alloc(length)).toString('hex');
}

function wordBytes(word: number): number[] {
  return [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff];
}

function read(kernel: SrtpKernel, address: number, length: number): string {
  return toHex(kernel.bytes.subarray(address, address + length));
}

t.test('a stream in order gets nearly all of its keystream from windows, over wraps of the number', (t) => {
  const kernel = newKernel();
  for (const [length, packets] of [
    [100, 32],
    [1130, 9],
  ]) {
    const first = 3 * 0x10000 - 1000;
    const stream = newStream(kernel, 0xcafebabe);
    let without = 0;
    const wrong: number[] = [];
    for (let index = first; index < first + 2000; index++) {
      const address = stream.take(index, length);
      if (address === 0) without++;
      else if (read(kernel, address, length) !== expectedKeystream(0xcafebabe, index, length))
        wrong.push(index);
    }
    t.same(wrong, []);
    t.equal(without, 2, `all but the run-up, in windows of ${packets}`);
  }
  t.equal(kernel.keystreams.lent, SMALL_CHUNK + LARGE_CHUNK);
  t.end();
});

/** One stream is asked for what a sender might ask for: on, a gap, a leap, back to what was, the same again. */
const anySteps = fc.array(
  fc.record({
    step: fc.oneof(
      { weight: 20, arbitrary: fc.constant(1) },
      { weight: 5, arbitrary: fc.integer({ min: -40, max: 80 }) },
      { weight: 2, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -30000, max: 30000 }) },
    ),
    length: fc.oneof(fc.constantFrom(0, 100, 1130), fc.nat(3000)),
    stream: fc.nat(2),
    sweeps: fc.integer({ min: -12, max: 2 }),
  }),
  { minLength: 1, maxLength: 400 },
);

t.test('keystream belongs to one packet: always the right one, whatever the order', (t) => {
  // A memory of one page: streams take it from each other.
  const kernel = newKernel(2 * (1 << 16) - KEYSTREAM_PAGE - 64, KEYSTREAM_PAGE + 64);
  fc.assert(
    fc.property(
      anySteps,
      fc.constantFrom(0, 5, 0xfff0, 7 * 0x10000 - 20, RTP_INDEX_LIMIT - 60),
      (steps, first) => {
        const ssrcs = [1, 2, -0x7ffffff3];
        const streams = ssrcs.map((ssrc) => newStream(kernel, ssrc));
        const at = ssrcs.map(() => first);
        const blocks = new Map<string, string>();
        for (const { step, length, stream, sweeps } of steps) {
          const index = at[stream] + step;
          if (index < 0 || index >= RTP_INDEX_LIMIT) continue;
          at[stream] = index;
          for (let i = 0; i < sweeps; i++) kernel.keystreams.sweep();
          const address = streams[stream].take(index, length);
          if (address === 0) continue;
          const packet = `${stream} ${index}`;
          const keystream = read(kernel, address, length);
          if (keystream !== expectedKeystream(ssrcs[stream], index, length))
            throw new Error(`${packet} has another's keystream`);
          for (let i = 0; i + 32 <= keystream.length; i += 32) {
            const owner = blocks.get(keystream.slice(i, i + 32));
            const block = `block ${i / 32} of ${packet}`;
            if (owner !== undefined && owner !== block) throw new Error(`${block} is ${owner}`);
            blocks.set(keystream.slice(i, i + 32), block);
          }
        }
        for (let i = 0; i < 2; i++) kernel.keystreams.sweep();
        return kernel.keystreams.lent === 0;
      },
    ),
    { numRuns: 300 },
  );
  t.ok(kernel.keystreams.refused > 0, 'at times there was none');
  t.end();
});

t.test('of streams that carry the same packets, few make their windows at the same one', (t) => {
  class Counted extends AesCounterKeystream {
    calls = 0;
    override encrypt(counters: Uint8Array): Uint8Array {
      this.calls++;
      return super.encrypt(counters);
    }
  }
  const kernel = newKernel();
  const counted = { rtpKeystream: new Counted(KEY), rtpSalt: SALT };
  // As random as RFC 3550 8.1 wants them.
  const streams = Array.from(
    { length: 64 },
    (_, n) => new KeystreamAhead(Math.imul(n + 1, 0x9e3779b1) | 0, false),
  );
  let most = 0;
  for (let index = 500; index < 600; index++) {
    const before = counted.rtpKeystream.calls;
    for (const stream of streams) stream.take(kernel, counted, index, 1130);
    // The first windows begin together, since the streams do.
    if (index > 510) most = Math.max(most, counted.rtpKeystream.calls - before);
  }
  t.ok(most >= 64 / 8, `${most} at once, in windows of eight or nine`);
  t.ok(most < 64 / 3, `${most} at once`);
  t.end();
});

t.test('packets that change places, or go out again, use what was made for them', (t) => {
  const kernel = newKernel();
  const stream = newStream(kernel, 1);
  for (let index = 100; index < 103; index++) stream.take(index, 50);
  t.not(stream.take(105, 50), 0);
  const address = stream.take(103, 50);
  t.not(address, 0);
  t.equal(stream.take(103, 50), address, 'once more');
  t.equal(stream.take(101, 50), 0, 'from before the window');
  t.not(stream.take(104, 50), 0);
  t.equal(stream.take(106, 500), 0, 'longer than its slot');
  t.not(stream.take(106, 50), 0, 'which stays for one that fits');
  t.end();
});

t.test('only a stream that goes on has memory; a leap ends that, a gap does not', (t) => {
  const kernel = newKernel();
  const stream = newStream(kernel, 1);
  t.equal(stream.take(0, 50), 0);
  t.equal(stream.take(1, 50), 0);
  t.equal(kernel.keystreams.lent, 0);
  t.not(stream.take(2, 50), 0);
  t.equal(kernel.keystreams.lent, SMALL_CHUNK);
  t.not(stream.take(2 + 32 + 20, 50), 0, 'some are missing');
  t.equal(stream.take(10000, 50), 0);
  t.equal(stream.take(20000, 50), 0);
  t.end();
});

t.test('the stride follows the payloads, up and down', (t) => {
  const kernel = newKernel();
  const stream = newStream(kernel, 1);
  let index = 0;
  const lentAfter = (packets: number, length: number) => {
    for (let i = 0; i < packets; i++) stream.take(index++, length);
    return kernel.keystreams.lent;
  };
  t.equal(lentAfter(10, 100), SMALL_CHUNK);
  t.equal(lentAfter(40, 1100), LARGE_CHUNK);
  t.equal(lentAfter(60, 100), SMALL_CHUNK);
  t.equal(lentAfter(60, 9000), SMALL_CHUNK, 'too long for any');
  kernel.keystreams.sweep();
  kernel.keystreams.sweep();
  t.equal(kernel.keystreams.lent, 0, 'idle');
  lentAfter(3, 100);
  t.end();
});

t.test('a stream that finds no memory goes without, and has some when there is', (t) => {
  const kernel = newKernel();
  const full = kernel.keystreams.lend(SMALL_CHUNK);
  while (kernel.keystreams.lend(SMALL_CHUNK) !== 0);
  const stream = newStream(kernel, 1);
  for (let index = 0; index < 50; index++) t.equal(stream.take(index, 100), 0);
  kernel.keystreams.takeBack(full, SMALL_CHUNK);
  t.equal(stream.take(50, 100), full);
  t.end();
});

t.test('what was made and not used is gone with its chunk', (t) => {
  const kernel = newKernel();
  const stream = newStream(kernel, 1);
  for (let index = 0; index < 2; index++) stream.take(index, 100);
  const chunk = stream.take(2, 100);
  t.not(read(kernel, chunk, SMALL_CHUNK), '00'.repeat(SMALL_CHUNK));
  for (let i = 0; i < 2; i++) kernel.keystreams.sweep();
  t.equal(read(kernel, chunk, SMALL_CHUNK), '00'.repeat(SMALL_CHUNK));
  t.end();
});

t.test('a window is given up before its slots change their size', (t) => {
  const kernel = newKernel();
  const stream = newStream(kernel, 1);
  for (let index = 0; index < 3; index++) stream.take(index, 100);
  while (kernel.keystreams.lend(LARGE_CHUNK) !== 0);
  t.equal(stream.take(40, 1100), 0, 'there is no chunk for these');
  t.equal(stream.take(5, 100), 0, 'its slot lay elsewhere');
  t.end();
});

t.test('what was given out before memory was taken away is not made again', (t) => {
  const kernel = newKernel();
  const stream = newStream(kernel, 1);
  for (let index = 0; index < 30; index++) stream.take(index, 100);
  kernel.keystreams.sweep();
  kernel.keystreams.sweep();
  t.equal(kernel.keystreams.lent, 0);
  for (let index = 10; index < 30; index++) t.equal(stream.take(index, 100), 0);
  t.equal(kernel.keystreams.lent, 0);
  t.end();
});

t.test('no window goes beyond the last index', (t) => {
  const kernel = newKernel();
  const stream = newStream(kernel, 1);
  for (let left = 5; left > 0; left--) stream.take(RTP_INDEX_LIMIT - left, 100);
  t.equal(kernel.keystreams.lent, SMALL_CHUNK);
  for (let beyond = 0; beyond < 8; beyond++) t.equal(stream.take(RTP_INDEX_LIMIT + beyond, 100), 0);
  t.end();
});
