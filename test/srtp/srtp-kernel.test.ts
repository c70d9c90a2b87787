import fc from 'fast-check';
import t from 'tap';
import { AesCounterKeystream } from '#src/srtp/aes-counter-keystream.js';
import { HmacSha1 } from '#src/srtp/hmac-sha1.js';
import { SrtpKernel } from '#src/srtp/srtp-kernel.js';
import { newKernel, wasm } from './kernel-support.js';
import { rfc2202 } from './rfc2202.js';
import { hex, toHex } from './support.js';

const kernel = newKernel();
const { packets } = kernel;
const SLOT = 2048;

interface Lane {
  length: number;
  tagLength: number;
  roc: number;
  seed: number;
}

const keys = [1, 2, 3].map((seed) => new HmacSha1(Uint8Array.from({ length: 20 }, (_, i) => seed * 40 + i)));
const states = keys.map(({ key }) => kernel.hmacStates(key));

function byteOf(seed: number, i: number): number {
  return (seed * 7 + i * 31 + (i >> 8)) & 0xff;
}

/** Signs packets that lie in slots one after the other; null when all bytes are what they should be. */
function signed(lanes: Lane[]): string | null {
  const expected = new Uint8Array(lanes.length * SLOT);
  for (const [n, { length, tagLength, roc, seed }] of lanes.entries()) {
    const at = n * SLOT;
    for (let i = 0; i < SLOT; i++) expected[at + i] = byteOf(seed, i);
    packets.set(expected.subarray(at, at + SLOT), at);
    const digest = keys[seed % 3].digestWithRoc(expected, at, length, roc);
    expected.set(digest.subarray(0, tagLength), at + length);
    const address = packets.byteOffset + at;
    kernel.lanes.add(address, length, roc, tagLength, states[seed % 3], keys[seed % 3]);
  }
  kernel.lanes.sign();
  for (let i = 0; i < expected.length; i++)
    if (packets[i] !== expected[i]) return `byte ${i % SLOT} of packet ${Math.floor(i / SLOT)}`;
  return null;
}

t.test('RFC 2202: the last four bytes of each message stand where the rollover counter is', (t) => {
  for (const { key, message, digest } of rfc2202) {
    const length = message.length - 4;
    const roc = Buffer.from(message).readInt32BE(length);
    for (const copies of [1, 4]) {
      for (let n = 0; n < copies; n++) {
        packets.set(message, n * SLOT);
        const address = packets.byteOffset + n * SLOT;
        kernel.lanes.add(address, length, roc, 10, kernel.hmacStates(key), new HmacSha1(key));
      }
      kernel.lanes.sign();
      for (let n = 0; n < copies; n++) {
        const at = n * SLOT + length;
        t.equal(toHex(packets.subarray(at, at + 10)), toHex(digest.subarray(0, 10)));
      }
    }
  }
  t.end();
});

t.test('RFC 3711 B.2: counter blocks and their keystream', (t) => {
  const cipher = new AesCounterKeystream(hex('2B7E151628AED2A6ABF7158809CF4F3C'));
  kernel.bytes.set(hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000'), kernel.counterBase);
  kernel.writeCounters(0, 0x280);
  const counters = kernel.counters(0x280);
  t.equal(toHex(counters.subarray(0xff * 16, 0x100 * 16)), 'f0f1f2f3f4f5f6f7f8f9fafbfcfd00ff');
  t.equal(toHex(counters.subarray(0x100 * 16, 0x101 * 16)), 'f0f1f2f3f4f5f6f7f8f9fafbfcfd0100');
  t.equal(toHex(counters.subarray(0x27f * 16)), 'f0f1f2f3f4f5f6f7f8f9fafbfcfd027f');
  t.equal(
    toHex(cipher.encrypt(counters).subarray(0, 48)),
    'e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0',
  );
  t.end();
});

t.test('keystream is applied to exactly the bytes that were asked for, at any place', (t) => {
  const keystream = 8192;
  for (let i = 0; i < 2048; i++) packets[keystream + i] = byteOf(9, i);
  const wrong: string[] = [];
  for (let length = 0; length <= 1300; length++) {
    const offset = length % 23;
    for (let i = 0; i < 1400; i++) packets[i] = byteOf(4, i);
    kernel.applyKeystream(packets.byteOffset + offset, packets.byteOffset + keystream, length);
    for (let i = 0; i < 1400; i++) {
      const inside = i >= offset && i < offset + length;
      const expected = inside ? byteOf(4, i) ^ byteOf(9, i - offset) : byteOf(4, i);
      if (packets[i] !== expected) wrong.push(`length ${length}, byte ${i}`);
    }
  }
  t.same(wrong, []);
  t.end();
});

t.test(
  'tags of all lengths equal those of node:crypto, four of one length and four of different ones',
  (t) => {
    const wrong: string[] = [];
    const check = (lanes: Lane[]) => {
      const fault = signed(lanes);
      if (fault !== null) wrong.push(`${JSON.stringify(lanes.map(({ length }) => length))}: ${fault}`);
    };
    for (let length = 0; length <= 1300; length++) {
      const lane = (n: number, by: number): Lane => ({
        length: (length + by) % 1301,
        tagLength: n === 2 ? 4 : 10,
        roc: (length * 65537 * n) >>> 0,
        seed: n + length,
      });
      check([lane(0, 0), lane(1, 0), lane(2, 0), lane(3, 0)]);
      check([lane(0, 0), lane(1, 1), lane(2, 64), lane(3, 700)]);
    }
    t.same(wrong, []);
    t.end();
  },
);

t.test('any number of packets of any lengths', (t) => {
  const anyLane = fc.record({
    length: fc.oneof(fc.constantFrom(0, 51, 52, 112, 115, 116, 1142), fc.nat(2000)),
    tagLength: fc.constantFrom(4, 10),
    roc: fc.integer({ min: 0, max: 0xffffffff }),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(fc.array(anyLane, { maxLength: 25 }), (lanes) => signed(lanes) === null),
    { numRuns: 200 },
  );
  t.pass('in every run');
  t.end();
});

t.test('more packets than lanes are signed on the way', (t) => {
  const lanes = Array.from({ length: 300 }, (_, n) => ({ length: 12 + n, tagLength: 10, roc: n, seed: n }));
  t.equal(signed(lanes), null);
  t.end();
});

t.test('what was left by an exception is forgotten', (t) => {
  packets.fill(0xee, 0, 64);
  kernel.lanes.add(packets.byteOffset, 20, 0, 10, states[0], keys[0]);
  kernel.lanes.clear();
  kernel.lanes.sign();
  t.ok(packets.subarray(0, 64).every((byte) => byte === 0xee));
  t.end();
});

t.test('where it cannot run there is none', (t) => {
  t.equal(SrtpKernel.create(new Uint8Array([1, 2, 3]), 4096), null, 'no module of this WebAssembly');
  t.equal(SrtpKernel.create(wasm, 2 ** 40), null, 'no such memory');
  t.end();
});

t.test('a module that does not fit in what is set aside for it is a fault of the build', (t) => {
  // (module (func (export "firstFree") (result i32) i32.const 8193))
  const large = hex(
    '0061736d 01000000 01050160 00017f 03020100 070d01 09 6669727374467265 65 0000 0a0801 06 00 4181c000 0b',
  );
  t.throws(
    () => SrtpKernel.create(large, 4096, 0),
    new RangeError('the SRTP kernel needs 8193 bytes for itself, 8192 are set aside: raise OWN_SIZE'),
  );
  t.end();
});

t.test('no key stays where it was hashed', (t) => {
  const fresh = newKernel(1 << 16, 0);
  const before = toHex(fresh.bytes.subarray(8192, 65536));
  fresh.hmacStates(keys[0].key);
  t.equal(toHex(fresh.bytes.subarray(8192, 65536)), before);
  t.end();
});

t.test('its memory is as large as was asked for', (t) => {
  const small = newKernel(100_000, 50_000);
  t.equal(small.packets.length, 100_000);
  t.ok(small.bytes.length >= 150_000);
  t.equal(small.packets.buffer, small.bytes.buffer);
  t.end();
});
