import fc from 'fast-check';
import t from 'tap';
import { RtpPacket, RtpParseError, rtpParseErrorNames } from '#src/rtp/rtp-packet.js';
import { fromHex, u16, u32, u8, withstands } from './hostile.js';

/** Version 2, one CSRC, one-byte extensions 1 = aa bb, padding, 5 = cc; payload 01 02 03; 2 bytes of padding. */
const oneByte = fromHex('b1 e0 1234 01020304 0a0b0c0d deadbeef bede0002 11aabb 00 50cc 0000 010203 0002');
/** Two-byte extensions (app bits 5): 1 = aa bb cc, 20 empty, 200 = dd. */
const twoByte = fromHex('90 60 ffff 00000000 00000001 10050003 0103aabbcc 1400 00 c801dd 00 99');

t.test('a packet with everything', async (t) => {
  const packet = new RtpPacket();
  t.equal(packet.parse(oneByte, 0, oneByte.length), RtpParseError.Ok);
  t.match(packet, {
    marker: true,
    payloadType: 96,
    sequenceNumber: 0x1234,
    timestamp: 0x01020304,
    ssrc: 0x0a0b0c0d,
    csrcCount: 1,
    headerLength: 28,
    payloadOffset: 28,
    payloadLength: 3,
    paddingLength: 2,
    extensionProfile: 0xbede,
    extensionOffset: 20,
    extensionLength: 8,
  });
  t.equal(packet.findExtension(1), 21);
  t.equal(packet.extensionDataLength, 2);
  t.equal(packet.findExtension(5), 25);
  t.equal(packet.extensionDataLength, 1);
  t.equal(packet.findExtension(2), -1);
  t.equal(packet.extensionDataLength, 0);
});

t.test('offsets count from the start of the buffer', async (t) => {
  const buffer = new Uint8Array(200);
  buffer.set(oneByte, 50);
  const packet = new RtpPacket();
  t.equal(packet.parse(buffer, 50, oneByte.length), RtpParseError.Ok);
  t.equal(packet.payloadOffset, 78);
  t.equal(packet.findExtension(5), 75);
});

t.test('two-byte elements', async (t) => {
  const packet = new RtpPacket();
  t.equal(packet.parse(twoByte, 0, twoByte.length), RtpParseError.Ok);
  t.equal(packet.extensionProfile, 0x1005);
  t.equal(packet.findExtension(1), 18);
  t.equal(packet.extensionDataLength, 3);
  t.equal(packet.findExtension(20), 23, 'an empty element is found');
  t.equal(packet.extensionDataLength, 0);
  t.equal(packet.findExtension(200), 26);
  t.equal(packet.extensionDataLength, 1);
  t.equal(packet.payloadLength, 1);
});

t.test('what ends the search for an element', async (t) => {
  const packet = new RtpPacket();
  const parse = (extension: string, profile = 'bede') => {
    const words = (extension.length / 8).toString(16).padStart(4, '0');
    const bytes = fromHex(`90600001 00000000 00000001 ${profile} ${words} ${extension}`);
    t.equal(packet.parse(bytes, 0, bytes.length), RtpParseError.Ok, 'the packet itself is well formed');
  };
  parse('f020aa00');
  t.equal(packet.findExtension(2), -1, 'id 15');
  parse('0120aa20bb000000');
  t.equal(packet.findExtension(2), -1, 'id 0 with a length');
  parse('10aa21bb');
  t.equal(packet.findExtension(1), 17);
  t.equal(packet.findExtension(2), -1, 'an element longer than the block');
  parse('01aa0203', '1000');
  t.equal(packet.findExtension(1), -1, 'the same with two bytes');
  parse('0100aa03', '1000');
  t.equal(packet.findExtension(1), 18);
  parse('0100020200000302', '1000');
  t.equal(packet.findExtension(2), 20);
  t.equal(packet.findExtension(3), -1, 'two bytes announced, none there');
  parse('000201aa00020201', '1000');
  t.equal(packet.findExtension(1), -1, 'inside the data of another element');
  parse('01000002', '1000');
  t.equal(packet.findExtension(2), -1, 'an id without its length');
  parse('10aa0000', '1234');
  t.equal(packet.findExtension(1), -1, 'another profile');
});

t.test('each reason to refuse', async (t) => {
  const packet = new RtpPacket();
  const error = (hex: string) => {
    const bytes = fromHex(hex);
    return rtpParseErrorNames[packet.parse(bytes, 0, bytes.length)];
  };
  const rest = '60000100000000000000';
  t.equal(error(`80${rest}`), 'too-short');
  t.equal(error(`40${rest}01`), 'bad-version');
  t.equal(error(`81${rest}01`), 'csrc-overrun');
  t.equal(error(`90${rest}01`), 'extension-overrun', 'no block header');
  t.equal(error(`90${rest}01bede0001`), 'extension-overrun', 'block cut short');
  t.equal(error(`a0${rest}01`), 'bad-padding', 'no room for its length');
  t.equal(error(`a0${rest}010000`), 'bad-padding', 'zero');
  t.equal(error(`a0${rest}010003`), 'bad-padding', 'reaches into the header');
  t.equal(error(`a0${rest}010002`), 'ok', 'all of the payload is padding');
  t.equal(packet.payloadLength, 0);
  t.equal(packet.paddingLength, 2);
  t.equal(packet.parse(new Uint8Array(20), 10, 12), RtpParseError.TooShort, 'window beyond the buffer');
  t.equal(packet.parse(new Uint8Array(20), -1, 12), RtpParseError.TooShort);
});

t.test('fields survive the round trip', async () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.nat(127),
      u16,
      u32,
      u32,
      fc.array(u32, { maxLength: 15 }),
      u8,
      (...fields) => {
        const [marker, payloadType, sequence, timestamp, ssrc, csrcs, payloadLength] = fields;
        const bytes = new Uint8Array(12 + csrcs.length * 4 + payloadLength);
        const view = new DataView(bytes.buffer);
        view.setUint8(0, 0x80 | csrcs.length);
        view.setUint8(1, (marker ? 0x80 : 0) | payloadType);
        view.setUint16(2, sequence);
        view.setUint32(4, timestamp);
        view.setUint32(8, ssrc);
        const packet = new RtpPacket();
        return (
          packet.parse(bytes, 0, bytes.length) === RtpParseError.Ok &&
          packet.marker === marker &&
          packet.payloadType === payloadType &&
          packet.sequenceNumber === sequence &&
          packet.timestamp === timestamp &&
          packet.ssrc === ssrc &&
          packet.csrcCount === csrcs.length &&
          packet.payloadOffset === 12 + csrcs.length * 4 &&
          packet.payloadLength === payloadLength &&
          packet.extensionProfile === 0
        );
      },
    ),
  );
});

t.test('hostile bytes', async () => {
  const packet = new RtpPacket();
  withstands(
    (bytes, offset, length) => {
      const error = packet.parse(bytes, offset, length);
      if (error !== RtpParseError.Ok) return { facts: rtpParseErrorNames[error] };
      const ranges = [
        { offset: packet.payloadOffset, length: packet.payloadLength + packet.paddingLength },
        { offset: packet.extensionOffset, length: packet.extensionLength },
      ];
      for (let id = 1; id <= 255; id++) {
        const at = packet.findExtension(id);
        if (at >= 0) ranges.push({ offset: at, length: packet.extensionDataLength });
      }
      return { facts: { ...packet, bytes: null }, ranges };
    },
    [oneByte, twoByte],
  );
});
