import fc from 'fast-check';
import t from 'tap';
import {
  AbsCaptureTime,
  AudioLevel,
  PlayoutDelay,
  readAbsCaptureTime,
  readAbsSendTime,
  readAudioLevel,
  readExtensionString,
  readPlayoutDelay,
  readTransportSequence,
  readVideoOrientation,
  toAbsSendTime,
  VideoOrientation,
  writeAbsCaptureTime,
  writeAbsSendTime,
  writeAudioLevel,
  writeExtensionString,
  writePlayoutDelay,
  writeTransportSequence,
  writeVideoOrientation,
} from '#src/rtp/header-extensions.js';
import { fromHex, toHex, u16, u32, withstands } from './hostile.js';

t.test('audio level', async (t) => {
  const level = new AudioLevel();
  t.ok(readAudioLevel(fromHex('ff85'), 1, 1, level));
  t.same({ ...level }, { level: 5, voice: true });
  t.ok(readAudioLevel(fromHex('7f'), 0, 1, level));
  t.same({ ...level }, { level: 127, voice: false });
  t.notOk(readAudioLevel(fromHex('7f'), 0, 0, level));
  const bytes = new Uint8Array(2);
  t.equal(writeAudioLevel(bytes, 1, 5, true), 2);
  t.equal(toHex(bytes), '0085');
});

t.test('absolute send time', async (t) => {
  t.equal(toAbsSendTime(0), 0);
  t.equal(toAbsSendTime(1000), 1 << 18, 'one second');
  t.equal(toAbsSendTime(500), 1 << 17);
  t.equal(toAbsSendTime(64_000), 0, 'wraps after 64 s');
  t.equal(toAbsSendTime(63_999.9999), 0, 'rounding up wraps too');
  t.equal(toAbsSendTime(1_700_000_000_000 + 250), toAbsSendTime((1_700_000_000_000 % 64_000) + 250));
  const bytes = new Uint8Array(4);
  t.equal(writeAbsSendTime(bytes, 1, 0xabcdef), 4);
  t.equal(toHex(bytes), '00abcdef');
  t.equal(readAbsSendTime(bytes, 1, 3), 0xabcdef);
  t.equal(readAbsSendTime(bytes, 1, 2), -1);
});

t.test('transport sequence number', async (t) => {
  const bytes = new Uint8Array(3);
  t.equal(writeTransportSequence(bytes, 1, 0xfffe), 3);
  t.equal(readTransportSequence(bytes, 1, 2), 0xfffe);
  t.equal(readTransportSequence(bytes, 1, 1), -1);
});

t.test('video orientation', async (t) => {
  const orientation = new VideoOrientation();
  t.ok(readVideoOrientation(fromHex('0d'), 0, 1, orientation));
  t.same({ ...orientation }, { backCamera: true, flip: true, rotation: 90 });
  t.notOk(readVideoOrientation(fromHex('0d'), 0, 0, orientation));
  for (let value = 0; value < 16; value++) {
    const bytes = Uint8Array.of(value, 0);
    readVideoOrientation(bytes, 0, 1, orientation);
    t.equal(writeVideoOrientation(bytes, 1, orientation), 2);
    t.equal(bytes[1], value);
  }
});

t.test('playout delay', async (t) => {
  const delay = new PlayoutDelay();
  t.ok(readPlayoutDelay(fromHex('00a3e8'), 0, 3, delay));
  t.same({ ...delay }, { minMs: 100, maxMs: 10_000 });
  t.notOk(readPlayoutDelay(fromHex('00a3e8'), 0, 2, delay));
  const bytes = new Uint8Array(3);
  t.equal(writePlayoutDelay(bytes, 0, 109, 10_000), 3);
  t.equal(toHex(bytes), '00a3e8', 'rounded down to 10 ms');
  writePlayoutDelay(bytes, 0, -5, 1e9);
  t.equal(toHex(bytes), '000fff', 'held within the field');
});

t.test('absolute capture time', async (t) => {
  const bytes = new Uint8Array(16);
  fc.assert(
    fc.property(
      u32,
      u32,
      fc.option(fc.tuple(fc.integer({ min: -0x80000000, max: 0x7fffffff }), u32), { nil: null }),
      (ntpSeconds, ntpFraction, offset) => {
        const time = Object.assign(new AbsCaptureTime(), {
          ntpSeconds,
          ntpFraction,
          hasClockOffset: offset !== null,
          clockOffsetSeconds: offset?.[0] ?? 0,
          clockOffsetFraction: offset?.[1] ?? 0,
        });
        const end = writeAbsCaptureTime(bytes, 0, time);
        const read = new AbsCaptureTime();
        return (
          end === (offset === null ? 8 : 16) &&
          readAbsCaptureTime(bytes, 0, end, read) &&
          JSON.stringify(read) === JSON.stringify(time)
        );
      },
    ),
  );
  t.notOk(readAbsCaptureTime(bytes, 0, 7, new AbsCaptureTime()));
});

t.test('strings', async (t) => {
  t.equal(readExtensionString(fromHex('00 6869 00'), 1, 2), 'hi');
  t.equal(readExtensionString(fromHex('6869 0000'), 0, 4), 'hi', 'padding at the end');
  t.equal(readExtensionString(fromHex('6800 69'), 0, 3), '', 'a zero byte inside');
  t.equal(readExtensionString(fromHex('68c3a9'), 0, 3), '', 'not ASCII');
  t.equal(readExtensionString(fromHex('6820'), 0, 2), '', 'a space');
  t.equal(readExtensionString(new Uint8Array(4), 0, 4), '');
  const token = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)) });
  fc.assert(
    fc.property(token, (text) => {
      const bytes = new Uint8Array(text.length + 2);
      const end = writeExtensionString(bytes, 1, text);
      return end === text.length + 1 && readExtensionString(bytes, 1, text.length) === text;
    }),
  );
});

t.test('hostile bytes', async () => {
  const level = new AudioLevel();
  const orientation = new VideoOrientation();
  const delay = new PlayoutDelay();
  const time = new AbsCaptureTime();
  withstands(
    (bytes, offset, length) => {
      // These take a window that findExtension has checked, so one beyond the buffer cannot come.
      if (offset + length > bytes.length) return { facts: 'not asked' };
      const facts = [
        readAudioLevel(bytes, offset, length, level) && { ...level },
        readVideoOrientation(bytes, offset, length, orientation) && { ...orientation },
        readPlayoutDelay(bytes, offset, length, delay) && { ...delay },
        readAbsCaptureTime(bytes, offset, length, time) && { ...time },
        readAbsSendTime(bytes, offset, length),
        readTransportSequence(bytes, offset, length),
        readExtensionString(bytes, offset, length),
      ];
      return { facts };
    },
    [fromHex('6869'), new Uint8Array(16)],
  );
});

t.test('sequence and time fields survive the round trip', async () => {
  const bytes = new Uint8Array(8);
  fc.assert(
    fc.property(u16, fc.nat(0xffffff), (sequence, time) => {
      writeTransportSequence(bytes, 0, sequence);
      writeAbsSendTime(bytes, 2, time);
      return readTransportSequence(bytes, 0, 2) === sequence && readAbsSendTime(bytes, 2, 3) === time;
    }),
  );
});
