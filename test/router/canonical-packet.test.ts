import fc from 'fast-check';
import t from 'tap';
import { ExtensionIterator } from '#src/rtp/extension-block.js';
import { RtpPacket, RtpParseError } from '#src/rtp/rtp-packet.js';
import {
  CANONICAL_GROWTH,
  canonicalHeaderLength,
  CanonicalWriter,
  ReceiverHeader,
} from '#src/router/canonical-packet.js';
import { ascii, buildRtp } from '../support/rtp-builder.js';

const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const ABS_SEND_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
const TWCC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const DEPENDENCY = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

function parsed(bytes: Uint8Array, length = bytes.length): RtpPacket {
  const packet = new RtpPacket();
  if (packet.parse(bytes, 0, length) !== RtpParseError.Ok) throw new Error('not RTP');
  return packet;
}

function elements(packet: RtpPacket): Record<number, string> {
  const iterator = new ExtensionIterator();
  const found: Record<number, string> = {};
  iterator.begin(packet);
  while (iterator.next()) {
    found[iterator.id] = Buffer.from(
      packet.bytes.subarray(iterator.dataOffset, iterator.dataOffset + iterator.dataLength),
    ).toString('hex');
  }
  return found;
}

t.test('ids are mapped, hop-by-hop elements replaced by the receiver’s own', (t) => {
  const source = buildRtp({
    payloadType: 111,
    sequenceNumber: 7,
    timestamp: 9,
    ssrc: 1,
    marker: true,
    payload: Uint8Array.of(1, 2, 3),
    extensions: [
      { id: 13, data: ascii('a') },
      { id: 3, data: Uint8Array.of(0x85) },
      { id: 2, data: Uint8Array.of(1, 2, 3) },
      { id: 9, data: Uint8Array.of(7) },
    ],
  });
  const writer = new CanonicalWriter([
    { uri: MID, id: 13 },
    { uri: AUDIO_LEVEL, id: 3 },
    { uri: ABS_SEND_TIME, id: 2 },
  ]);
  const out = new Uint8Array(2000).fill(0xee);
  const length = writer.write(parsed(source), 100, out, 0, null);
  t.ok(length <= source.length + CANONICAL_GROWTH);
  const plain = parsed(out, length);
  t.equal(plain.payloadType, 100);
  t.equal(plain.marker, true);
  t.equal(plain.headerLength, canonicalHeaderLength(out, 0));
  t.same(elements(plain), { 6: '85' }, 'the unknown element 9 and the hop-by-hop ones are gone');
  t.same([...out.subarray(plain.payloadOffset, plain.payloadOffset + 3)], [1, 2, 3]);

  const header = new ReceiverHeader('42', [
    { uri: MID, id: 1 },
    { uri: ABS_SEND_TIME, id: 4 },
    { uri: TWCC, id: 5 },
  ]);
  header.apply(out, 0, 0xabcdef, 513);
  t.same(elements(parsed(out, length)), { 1: '3432', 4: 'abcdef', 5: '0201', 6: '85' });
  t.end();
});

t.test('what a receiver did not negotiate is padding', (t) => {
  const source = buildRtp({
    payloadType: 1,
    sequenceNumber: 1,
    timestamp: 1,
    ssrc: 1,
    payload: Uint8Array.of(9),
  });
  const out = new Uint8Array(500);
  const length = new CanonicalWriter([]).write(parsed(source), 1, out, 0, null);
  new ReceiverHeader('0', []).apply(out, 0, 1, 1);
  t.same(elements(parsed(out, length)), {});
  new ReceiverHeader('much-too-long-mid', [{ uri: MID, id: 1 }]).apply(out, 0, 1, 1);
  t.same(
    elements(parsed(out, length)),
    {},
    'a MID that does not fit is left out, a wrong one would be worse',
  );
  t.end();
});

t.test('a long dependency descriptor makes the two-byte form', (t) => {
  const descriptor = new Uint8Array(40).fill(5);
  const source = new Uint8Array(12 + 4 + 44 + 2);
  source.set([0x90, 45, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x10, 0x00, 0, 11, 12, 40]);
  source.set(descriptor, 18);
  source.set([8, 9], 60);
  const out = new Uint8Array(500);
  const length = new CanonicalWriter([{ uri: DEPENDENCY, id: 12 }]).write(parsed(source), 45, out, 0, null);
  new ReceiverHeader('1', [
    { uri: MID, id: 1 },
    { uri: TWCC, id: 5 },
  ]).apply(out, 0, 0, 77);
  const packet = parsed(out, length);
  t.equal(packet.extensionProfile, 0x1000);
  t.same(elements(packet), { 1: '31', 5: '004d', 7: '05'.repeat(40) });
  t.same([...out.subarray(packet.payloadOffset, length)], [8, 9]);
  t.end();
});

t.test('property: payload, marker and times survive whatever the header holds', (t) => {
  const fields = fc.record({
    payload: fc.uint8Array({ minLength: 1, maxLength: 1300 }),
    timestamp: fc.integer({ min: 0, max: 0xffffffff }),
    sequenceNumber: fc.integer({ min: 0, max: 65535 }),
    marker: fc.boolean(),
    padding: fc.integer({ min: 0, max: 255 }),
    extensions: fc.array(
      fc.record({
        id: fc.integer({ min: 1, max: 14 }),
        data: fc.uint8Array({ minLength: 1, maxLength: 16 }),
      }),
      { maxLength: 8 },
    ),
  });
  const writer = new CanonicalWriter([
    { uri: AUDIO_LEVEL, id: 1 },
    { uri: DEPENDENCY, id: 2 },
  ]);
  fc.assert(
    fc.property(fields, (f) => {
      const source = buildRtp({ payloadType: 96, ssrc: 5, ...f });
      const out = new Uint8Array(source.length + CANONICAL_GROWTH);
      const packet = parsed(source);
      const length = writer.write(packet, 97, out, 0, null);
      const copy = parsed(out, length);
      return (
        length <= out.length &&
        copy.timestamp === f.timestamp &&
        copy.sequenceNumber === f.sequenceNumber &&
        copy.marker === f.marker &&
        Buffer.from(out.subarray(copy.payloadOffset, length)).equals(Buffer.from(f.payload))
      );
    }),
  );
  t.end();
});
