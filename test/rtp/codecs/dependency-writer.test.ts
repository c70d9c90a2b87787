import fc from 'fast-check';
import t from 'tap';
import { DependencyDescriptor } from '#src/rtp/codecs/dependency-descriptor.js';
import { DependencyStructure } from '#src/rtp/codecs/dependency-structure.js';
import {
  ACTIVE_DECODE_TARGETS_GROWTH,
  shiftFrameNumber,
  withActiveDecodeTargets,
  writeActiveDecodeTargets,
} from '#src/rtp/codecs/dependency-writer.js';
import { fromHex, withstands } from '../hostile.js';
import { descriptorBytes, type FrameSpec, L1T3, L3T3 } from './dependency-bits.js';

const LEAD = 3;

/** What a receiver sees of a frame. */
function read(bytes: Uint8Array, structure: DependencyStructure): object {
  const descriptor = new DependencyDescriptor();
  if (!descriptor.parse(bytes, 0, bytes.length, structure)) return { unreadable: true };
  const { startOfFrame, endOfFrame, frameNumber, templateId, spatialLayer, temporalLayer } = descriptor;
  return {
    startOfFrame,
    endOfFrame,
    frameNumber,
    templateId,
    spatialLayer,
    temporalLayer,
    structurePresent: descriptor.structurePresent,
    active: descriptor.activeDecodeTargets,
    dtis: [...descriptor.dtis.subarray(0, descriptor.decodeTargetCount)],
    fdiffs: [...descriptor.fdiffs.subarray(0, descriptor.fdiffCount)],
    chains: [...descriptor.chainFdiffs.subarray(0, descriptor.chainCount)],
    width: descriptor.width,
  };
}

function known(): DependencyStructure {
  const structure = new DependencyStructure();
  read(descriptorBytes({ templateId: 60, frameNumber: 1, structure: L3T3, active: [0x1f0, 9] }), structure);
  return structure;
}

function grown(bytes: Uint8Array, structure: DependencyStructure | null): Uint8Array {
  const out = new Uint8Array(LEAD + bytes.length + ACTIVE_DECODE_TARGETS_GROWTH + 2).fill(0xff);
  const source = Uint8Array.from([0xff, ...bytes, 0xff]);
  const length = withActiveDecodeTargets(source, 1, bytes.length, structure, out, LEAD);
  t.ok(length <= bytes.length + ACTIVE_DECODE_TARGETS_GROWTH);
  t.ok(
    out.subarray(LEAD + length).every((byte) => byte === 0xff),
    'nothing behind it was touched',
  );
  return out.slice(LEAD, LEAD + length);
}

const frames: Record<string, FrameSpec> = {
  'three bytes': { templateId: 61, frameNumber: 5 },
  'own values': { templateId: 62, frameNumber: 6, dtis: 'R-DSR-DSR', fdiffs: [1, 300], chains: [1, 2, 255] },
  'a structure': { templateId: 60, frameNumber: 7, structure: L3T3 },
  'a structure and own values': {
    templateId: 60,
    frameNumber: 8,
    structure: L3T3,
    fdiffs: [],
    chains: [0, 0, 0],
  },
  'its own bitmask': { templateId: 61, frameNumber: 9, active: [0x1f8, 9] },
  'a structure and its own bitmask': { templateId: 60, frameNumber: 10, structure: L3T3, active: [0x1c0, 9] },
};

for (const [name, frame] of Object.entries(frames)) {
  t.test(`a descriptor with ${name} says the same, and who gets it can be told`, async (t) => {
    const bytes = descriptorBytes(frame);
    const structure = known();
    const before = read(bytes, structure);
    const out = grown(bytes, structure);
    t.same(read(out, known()), before);
    t.ok(writeActiveDecodeTargets(out, 0, out.length, 0x1c7, 9));
    t.same(read(out, known()), { ...before, active: 0x1c7 });
  });
}

t.test('only the first packet of a frame has it', async (t) => {
  const bytes = descriptorBytes({ templateId: 61, frameNumber: 5, start: false });
  const out = grown(bytes, known());
  t.same(out, bytes);
  t.notOk(writeActiveDecodeTargets(out, 0, out.length, 1, 9));
});

t.test('what could not be read is copied', async (t) => {
  const bytes = descriptorBytes({ templateId: 61, frameNumber: 5, dtis: 'R-DSR-DSR' });
  t.same(grown(bytes, null), bytes);
  t.same(grown(bytes, new DependencyStructure()), bytes);
  t.same(grown(bytes.subarray(0, 2), known()), bytes.subarray(0, 2));
});

t.test('32 decode targets', async (t) => {
  const template = { spatial: 0, temporal: 0, dtis: 'S'.repeat(32), fdiffs: [], chains: [] };
  const structure = new DependencyStructure();
  const spec = { idOffset: 0, protectedBy: [], templates: [template] };
  read(descriptorBytes({ templateId: 0, frameNumber: 0, structure: spec }), structure);
  const out = grown(descriptorBytes({ templateId: 0, frameNumber: 1 }), structure);
  t.equal(out.length, 8);
  t.ok(writeActiveDecodeTargets(out, 0, out.length, 0x80000001, 32));
  t.match(read(out, structure), { active: 0x80000001 });
});

t.test('any frame survives', async () => {
  const frame = fc.record({
    templateId: fc.constantFrom(1, 2, 3, 4, 5),
    frameNumber: fc.nat(65535),
    start: fc.constant(true),
    end: fc.boolean(),
    structure: fc.option(fc.constant(L1T3), { nil: undefined }),
    fdiffs: fc.option(fc.array(fc.integer({ min: 1, max: 4096 }), { maxLength: 5 }), { nil: undefined }),
    chains: fc.option(fc.tuple(fc.nat(255)), { nil: undefined }),
  });
  fc.assert(
    fc.property(frame, fc.nat(7), (spec, mask) => {
      const start = (): DependencyStructure => {
        const structure = new DependencyStructure();
        read(descriptorBytes({ templateId: 1, frameNumber: spec.frameNumber, structure: L1T3 }), structure);
        return structure;
      };
      const bytes = descriptorBytes(spec);
      const structure = start();
      const before = read(bytes, structure);
      const out = new Uint8Array(bytes.length + ACTIVE_DECODE_TARGETS_GROWTH);
      const length = withActiveDecodeTargets(bytes, 0, bytes.length, structure, out, 0);
      writeActiveDecodeTargets(out, 0, length, mask, 3);
      const after = read(out.subarray(0, length), start());
      return JSON.stringify(after) === JSON.stringify({ ...before, active: mask });
    }),
  );
});

t.test('frame numbers wrap', async (t) => {
  const bytes = fromHex('ff c1 fffe');
  shiftFrameNumber(bytes, 1, 3);
  t.same(bytes, fromHex('ff c1 0001'));
  shiftFrameNumber(bytes, 1, -2);
  t.same(bytes, fromHex('ff c1 ffff'));
});

t.test('hostile bytes', async () => {
  const structure = known();
  withstands((bytes, offset, length) => {
    if (offset + length > bytes.length || length > 255) return { facts: [] };
    const out = new Uint8Array(600).fill(0xaa);
    const grownLength = withActiveDecodeTargets(bytes, offset, length, structure, out, 10);
    const written = writeActiveDecodeTargets(out, 10, grownLength, 0x1ff, 9);
    if (grownLength > length + ACTIVE_DECODE_TARGETS_GROWTH) throw new Error(`grew to ${grownLength}`);
    const outside = out.every((byte, at) => (at >= 10 && at < 10 + grownLength) || byte === 0xaa);
    if (!outside) throw new Error('wrote outside of the element');
    return { facts: [grownLength, written, [...out.subarray(10, 10 + grownLength)]] };
  }, Object.values(frames).map(descriptorBytes));
});
