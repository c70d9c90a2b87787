import fc from 'fast-check';
import t from 'tap';
import { RtpPacket, RtpParseError } from '#src/rtp/rtp-packet.js';
import { restoreFromRtx, writeRtx } from '#src/stream/rtx.js';
import { writeU16, writeU32 } from '#src/rtp/bytes.js';
import { buildRtp } from '../support/rtp-builder.js';

t.test('property: what writeRtx wraps, restoreFromRtx gives back', (t) => {
  const fields = fc.record({
    sequenceNumber: fc.integer({ min: 0, max: 65535 }),
    timestamp: fc.integer({ min: 0, max: 0xffffffff }),
    marker: fc.boolean(),
    payload: fc.uint8Array({ minLength: 1, maxLength: 1200 }),
  });
  fc.assert(
    fc.property(fields, ({ sequenceNumber, timestamp, marker, payload }) => {
      const original = buildRtp({ payloadType: 96, ssrc: 1, sequenceNumber, timestamp, marker, payload });
      const bytes = new Uint8Array(4096);
      bytes.set(original, 0);
      const length = writeRtx(bytes, 2048, 0, original.length, 12, sequenceNumber);
      bytes[2049] = (bytes[2049] & 0x80) | 97;
      writeU16(bytes, 2050, 7);
      writeU32(bytes, 2056, 2);
      const packet = new RtpPacket();
      if (packet.parse(bytes, 2048, length) !== RtpParseError.Ok) return false;
      const restored = restoreFromRtx(packet, 96, 1);
      return Buffer.from(bytes.subarray(2048, 2048 + restored)).equals(Buffer.from(original));
    }),
  );
  t.end();
});

t.test('an RTX packet with nothing inside is a probe', (t) => {
  const bytes = buildRtp({
    payloadType: 97,
    ssrc: 2,
    sequenceNumber: 1,
    timestamp: 1,
    payload: new Uint8Array(0),
    padding: 200,
  });
  const packet = new RtpPacket();
  t.equal(packet.parse(bytes, 0, bytes.length), RtpParseError.Ok);
  t.equal(restoreFromRtx(packet, 96, 1), -1);
  t.end();
});
