import t from 'tap';
import { classifyDatagram, datagramKindNames, isRtcp } from '#src/rtp/demux.js';
import { fromHex, withstands } from './hostile.js';

function kind(first: number, second: number, length: number, cookie = true): string {
  const bytes = new Uint8Array(length);
  if (length > 0) bytes[0] = first;
  if (length > 1) bytes[1] = second;
  if (cookie && length >= 8) bytes.set(fromHex('2112a442'), 4);
  return datagramKindNames[classifyDatagram(bytes, 0, length)];
}

t.test('the ranges of RFC 7983', async (t) => {
  for (let first = 0; first < 256; first++) {
    const expected =
      first <= 3
        ? 'stun'
        : first >= 20 && first <= 63
          ? 'dtls'
          : first >= 128 && first <= 191
            ? 'rtp'
            : 'unknown';
    t.equal(kind(first, 0, 100), expected, `first byte ${first}`);
  }
});

t.test('the ranges of RFC 5761', async (t) => {
  for (let second = 0; second < 256; second++) {
    const expected = second >= 192 && second <= 223 ? 'rtcp' : 'rtp';
    t.equal(kind(0x80, second, 100), expected, `second byte ${second}`);
  }
});

t.test('what is too short is nothing', async (t) => {
  t.equal(kind(0, 1, 0), 'unknown');
  t.equal(kind(0, 1, 19), 'unknown');
  t.equal(kind(0, 1, 20), 'stun');
  t.equal(kind(0, 1, 20, false), 'unknown', 'no magic cookie');
  t.equal(kind(22, 0xfe, 12), 'unknown');
  t.equal(kind(22, 0xfe, 13), 'dtls');
  t.equal(kind(0x80, 0, 11), 'unknown');
  t.equal(kind(0x80, 0, 12), 'rtp');
  t.equal(kind(0x80, 200, 3), 'unknown');
  t.equal(kind(0x80, 200, 4), 'rtcp');
});

t.test('isRtcp', async (t) => {
  t.ok(isRtcp(fromHex('0080c90001'), 1, 4));
  t.notOk(isRtcp(fromHex('40c90001'), 0, 4), 'version 1');
  t.notOk(isRtcp(fromHex('80c90001'), 1, 4), 'window beyond the buffer');
});

t.test('hostile bytes', async () => {
  withstands(
    (bytes, offset, length) => ({
      facts: [classifyDatagram(bytes, offset, length), isRtcp(bytes, offset, length)],
    }),
    [
      fromHex('000100002112a442000000000000000000000000'),
      fromHex('80c9000100000001'),
      fromHex('80600001' + '00'.repeat(12)),
    ],
  );
});
