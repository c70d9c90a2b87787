import t from 'tap';
import { RtpPacket } from '#src/rtp/rtp-packet.js';
import { mapRedPayloadTypes, NO_PAYLOAD_TYPE } from '#src/rtp/codecs/red.js';
import { type RtpMapping, type RtpParameters } from '#src/rtp/rtp-parameters.js';
import { CanonicalWriter, canonicalHeaderLength } from '#src/router/canonical-packet.js';
import { redBlockMapping, RedStripper } from '#src/router/red-stripper.js';
import { fromHex, toHex, withstands } from '../rtp/hostile.js';
import { buildRtp } from '../support/rtp-builder.js';

const opus = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2 };
const red = { mimeType: 'audio/red', payloadType: 63, clockRate: 48000, channels: 2 };
const sender: RtpParameters = { codecs: [red, opus] };
const rtpMapping: RtpMapping = {
  codecs: [
    { payloadType: 63, mappedPayloadType: 101 },
    { payloadType: 111, mappedPayloadType: 100 },
  ],
  encodings: [],
};
const receiver: RtpParameters = { codecs: [{ ...opus, payloadType: 100 }] };
const receiverWithRed: RtpParameters = { codecs: [...receiver.codecs, { ...red, payloadType: 101 }] };

const SOURCE = 64;
const TARGET = 1024;

/** One redundant block and a primary one of 4 bytes, as the sender writes them. */
const PAYLOAD = fromHex('ef 0f0003 6f a1a2a3 c1c2c3c4');

/** An arena with a canonical packet of the router, as Producer keeps it. */
function kept(payload = PAYLOAD, marker = false) {
  const packet = new RtpPacket();
  const datagram = buildRtp({ payloadType: 63, sequenceNumber: 7, timestamp: 960, ssrc: 1, marker, payload });
  packet.parse(datagram, 0, datagram.length);
  const mapping = redBlockMapping(sender, rtpMapping)!;
  mapRedPayloadTypes(packet.bytes, packet.payloadOffset, packet.payloadLength, mapping);
  const bytes = new Uint8Array(2048);
  const length = new CanonicalWriter([]).write(packet, 101, bytes, SOURCE, null);
  return { bytes, length, headerLength: canonicalHeaderLength(bytes, SOURCE) };
}

void t.test('only for a receiver without RED of a sender with it', (t) => {
  t.equal(RedStripper.create(sender, rtpMapping, receiver)?.payloadType, 101);
  t.equal(RedStripper.create(sender, rtpMapping, receiverWithRed), null);
  t.equal(RedStripper.create({ codecs: [opus] }, rtpMapping, receiver), null);
  t.equal(redBlockMapping({ codecs: [opus] }, rtpMapping), null);
  t.end();
});

void t.test('blocks may hold what was negotiated, but no RED', (t) => {
  const mapping = redBlockMapping(sender, rtpMapping)!;
  t.equal(mapping[111], 100);
  t.equal(mapping[63], NO_PAYLOAD_TYPE);
  t.equal(mapping[0], NO_PAYLOAD_TYPE);
  t.end();
});

void t.test('the header with the payload type of Opus, and the primary block', (t) => {
  for (const marker of [false, true]) {
    const { bytes, length, headerLength } = kept(PAYLOAD, marker);
    const before = toHex(bytes.subarray(SOURCE, SOURCE + length));
    const stripper = RedStripper.create(sender, rtpMapping, receiver)!;
    t.ok(stripper.accepts(bytes, SOURCE, length, headerLength));
    t.same([stripper.primaryPayloadType, stripper.primaryLength], [100, 4]);
    const written = stripper.copy(bytes, TARGET, SOURCE, length, headerLength, 0);
    t.equal(written, headerLength + 4);
    const packet = new RtpPacket();
    packet.parse(bytes, TARGET, written);
    t.match(packet, { payloadType: 100, marker, sequenceNumber: 7, timestamp: 960, payloadLength: 4 });
    t.equal(toHex(bytes.subarray(packet.payloadOffset, packet.payloadOffset + 4)), 'c1c2c3c4');
    t.equal(toHex(bytes.subarray(SOURCE, SOURCE + length)), before, 'the kept packet is for the others too');
  }
  t.end();
});

void t.test('a retransmission is the same packet, with room for its number', (t) => {
  const { bytes, length, headerLength } = kept();
  const stripper = RedStripper.create(sender, rtpMapping, receiver)!;
  const first = stripper.copy(bytes, TARGET, SOURCE, length, headerLength, 0);
  const sent = bytes.slice(TARGET, TARGET + first);
  const again = stripper.copy(bytes, TARGET, SOURCE, length, headerLength, 2);
  t.equal(again, first + 2);
  t.same(bytes.slice(TARGET, TARGET + headerLength), sent.slice(0, headerLength));
  t.same(bytes.slice(TARGET + headerLength + 2, TARGET + again), sent.slice(headerLength));
  t.end();
});

void t.test('what is no RED, or of another codec inside, is not for this receiver', (t) => {
  const stripper = RedStripper.create(sender, rtpMapping, receiver)!;
  for (const payload of ['ef 0f0003 6f a1a2a3', '6f', '70 c1', 'ef 0f00', '80']) {
    const { bytes, length, headerLength } = kept(fromHex(payload));
    t.notOk(stripper.accepts(bytes, SOURCE, length, headerLength), payload);
    t.equal(stripper.copy(bytes, TARGET, SOURCE, length, headerLength, 0), 0);
    t.ok(
      bytes.subarray(TARGET).every((byte) => byte === 0),
      'and nothing is written',
    );
  }
  t.end();
});

void t.test('random and damaged payloads', (t) => {
  const stripper = RedStripper.create(sender, rtpMapping, receiver)!;
  withstands(
    (bytes, offset, length) => {
      const accepted = stripper.accepts(bytes, offset, length, 0);
      return { facts: accepted && [stripper.primaryPayloadType, stripper.primaryLength] };
    },
    [fromHex('e4 0f0003 64 a1a2a3 c1c2c3c4')],
  );
  t.end();
});
