import fc from 'fast-check';
import t from 'tap';
import { H264Payload, NalType } from '#src/rtp/codecs/h264.js';
import { fromHex, withstands } from '../hostile.js';

function parse(hex: string): H264Payload | null {
  const bytes = fromHex(hex);
  const payload = new H264Payload();
  return payload.parse(bytes, 0, bytes.length) ? payload : null;
}

t.test('single NAL units', async (t) => {
  t.match(parse('67 42'), { payloadNalType: 7, nalType: 7, hasSps: true, keyFrame: true, startOfNal: true });
  t.match(parse('65'), { hasIdr: true, keyFrame: true, endOfNal: true });
  t.match(parse('68'), { hasPps: true, keyFrame: false });
  t.match(parse('41'), { nalType: NalType.Slice, keyFrame: false });
  t.match(parse('06'), { nalType: NalType.Sei, keyFrame: false });
});

t.test('STAP-A', async (t) => {
  t.match(parse('78 0002 6742 0001 68 0003 65aabb'), {
    payloadNalType: NalType.StapA,
    nalType: 7,
    hasSps: true,
    hasPps: true,
    hasIdr: true,
    keyFrame: true,
    startOfNal: true,
    endOfNal: true,
  });
  t.match(parse('78 0001 06 0001 41'), { nalType: 6, keyFrame: false });
  t.equal(parse('78'), null, 'empty');
  t.equal(parse('78 0000 0001 67'), null, 'a unit of no bytes');
  t.equal(parse('78 0001 67 0003 6842'), null, 'a unit longer than the packet');
  t.equal(parse('78 0001 67 00'), null, 'cut in a length');
});

t.test('FU-A', async (t) => {
  t.match(parse('7c 85 aa'), {
    payloadNalType: 28,
    nalType: 5,
    startOfNal: true,
    endOfNal: false,
    keyFrame: true,
  });
  t.match(
    parse('7c 05 aa'),
    { nalType: 5, startOfNal: false, endOfNal: false, keyFrame: false },
    'a later part',
  );
  t.match(parse('7c 45 aa'), { endOfNal: true, keyFrame: false });
  t.match(parse('7c 81 aa'), { nalType: 1, startOfNal: true, keyFrame: false });
  t.equal(parse('7c 85'), null, 'nothing in it');
});

t.test('types not used with WebRTC', async (t) => {
  for (const type of [0, 25, 26, 27, 29, 30, 31]) {
    t.equal(parse(`${(0x60 | type).toString(16)} 0000 0001 67`), null, `type ${type}`);
  }
  t.equal(parse(''), null);
  t.notOk(new H264Payload().parse(fromHex('67'), 0, 2), 'window beyond the buffer');
});

t.test('every aggregate tells what starts in it', async () => {
  const nal = fc.record({ type: fc.integer({ min: 1, max: 23 }), body: fc.uint8Array({ maxLength: 300 }) });
  fc.assert(
    fc.property(fc.array(nal, { minLength: 1, maxLength: 6 }), (nals) => {
      const bytes = [0x78];
      for (const { type, body } of nals) {
        const size = body.length + 1;
        bytes.push(size >> 8, size & 0xff, 0x60 | type, ...body);
      }
      const payload = new H264Payload();
      const has = (type: number) => nals.some((one) => one.type === type);
      return (
        payload.parse(Uint8Array.from(bytes), 0, bytes.length) &&
        payload.nalType === nals[0].type &&
        payload.hasSps === has(7) &&
        payload.hasPps === has(8) &&
        payload.hasIdr === has(5) &&
        payload.keyFrame === (has(7) || has(5))
      );
    }),
  );
});

t.test('hostile bytes', async () => {
  const payload = new H264Payload();
  withstands(
    (bytes, offset, length) => ({ facts: [payload.parse(bytes, offset, length), { ...payload }] }),
    [fromHex('78 0002 6742 0001 68 0003 65aabb'), fromHex('7c 85 aa'), fromHex('65')],
  );
});
