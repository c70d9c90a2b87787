import fc from 'fast-check';
import t, { type Test } from 'tap';
import { DependencyDescriptor } from '#src/rtp/codecs/dependency-descriptor.js';
import { DependencyStructure } from '#src/rtp/codecs/dependency-structure.js';
import { fromHex, withstands } from '../hostile.js';
import { descriptorBytes, type FrameSpec, L1T3, L3T3, type StructureSpec } from './dependency-bits.js';

/** One receiver of one stream. */
class Stream {
  readonly structure = new DependencyStructure();
  readonly descriptor = new DependencyDescriptor();

  receive(frame: FrameSpec): boolean {
    const bytes = descriptorBytes(frame);
    return this.descriptor.parse(bytes, 0, bytes.length, this.structure);
  }

  get dtis(): string {
    const { dtis, decodeTargetCount } = this.descriptor;
    return Array.from(dtis.subarray(0, decodeTargetCount), (dti) => '-DSR'[dti]).join('');
  }

  get fdiffs(): number[] {
    return [...this.descriptor.fdiffs.subarray(0, this.descriptor.fdiffCount)];
  }

  get chains(): number[] {
    return [...this.descriptor.chainFdiffs.subarray(0, this.descriptor.chainCount)];
  }
}

function everyTemplate(t: Test, spec: StructureSpec): Stream {
  const stream = new Stream();
  t.ok(stream.receive({ templateId: spec.idOffset, frameNumber: 65530, structure: spec }));
  t.match(stream.descriptor, { structurePresent: true, keyFrame: true, frameNumber: 65530 });
  for (const [i, template] of spec.templates.entries()) {
    const templateId = (spec.idOffset + i) % 64;
    t.ok(stream.receive({ templateId, frameNumber: (65530 + i) % 65536 }), `template ${i}`);
    t.match(stream.descriptor, {
      templateId,
      frameNumber: (65530 + i) % 65536,
      spatialLayer: template.spatial,
      temporalLayer: template.temporal,
      keyFrame: false,
    });
    t.equal(stream.dtis, template.dtis);
    t.same(stream.fdiffs, template.fdiffs);
    t.same(stream.chains, template.chains);
    const [width, height] = spec.resolutions?.[template.spatial] ?? [0, 0];
    t.match(stream.descriptor, { width, height });
  }
  return stream;
}

t.test('L1T3 as in the specification', async (t) => {
  const { structure } = everyTemplate(t, L1T3);
  t.match(structure, {
    templateCount: 5,
    decodeTargetCount: 3,
    chainCount: 1,
    maxSpatialLayer: 0,
    maxTemporalLayer: 2,
    hasResolutions: false,
    activeDecodeTargets: 0b111,
  });
  t.same([...structure.decodeTargetTemporalLayers.subarray(0, 3)], [2, 1, 0]);
});

t.test('L3T3, with template ids across 63', async (t) => {
  const { structure } = everyTemplate(t, L3T3);
  t.match(structure, {
    templateCount: 12,
    decodeTargetCount: 9,
    chainCount: 3,
    maxSpatialLayer: 2,
    maxTemporalLayer: 2,
    activeDecodeTargets: 0x1ff,
  });
  t.same([...structure.decodeTargetSpatialLayers.subarray(0, 9)], [2, 2, 2, 1, 1, 1, 0, 0, 0]);
  t.same([...structure.decodeTargetTemporalLayers.subarray(0, 9)], [2, 1, 0, 2, 1, 0, 2, 1, 0]);
  t.same([...structure.protectedBy.subarray(0, 9)], L3T3.protectedBy);
});

t.test('the three mandatory bytes', async (t) => {
  const stream = new Stream();
  t.ok(stream.receive({ templateId: 1, frameNumber: 0, structure: L1T3 }));
  const bytes = fromHex('43 1234');
  t.ok(stream.descriptor.parse(bytes, 0, 3, stream.structure));
  t.match(stream.descriptor, { startOfFrame: false, endOfFrame: true, templateId: 3, frameNumber: 0x1234 });
  t.notOk(stream.descriptor.parse(bytes, 0, 2, stream.structure), 'two of them');
  t.notOk(stream.descriptor.parse(bytes, 1, 3, stream.structure), 'window beyond the buffer');
});

t.test('values of a single frame', async (t) => {
  const stream = new Stream();
  t.ok(stream.receive({ templateId: 60, frameNumber: 1, structure: L3T3 }));
  t.ok(
    stream.receive({
      templateId: 61,
      frameNumber: 2,
      dtis: 'R-DSR-DSR',
      fdiffs: [1, 16, 17, 256, 257, 4096],
      chains: [0, 16, 255],
    }),
  );
  t.equal(stream.dtis, 'R-DSR-DSR');
  t.same(stream.fdiffs, [1, 16, 17, 256, 257, 4096]);
  t.same(stream.chains, [0, 16, 255]);
  t.ok(stream.receive({ templateId: 61, frameNumber: 3, fdiffs: [] }));
  t.same(stream.fdiffs, [], 'a frame may say that it needs no other');
  t.equal(stream.dtis, L3T3.templates[1].dtis, 'the templates are untouched');
  t.notOk(
    stream.receive({ templateId: 61, frameNumber: 4, fdiffs: new Array<number>(33).fill(1) }),
    'too many',
  );
});

t.test('active decode targets hold until they change', async (t) => {
  const stream = new Stream();
  t.ok(stream.receive({ templateId: 60, frameNumber: 10, structure: L3T3, active: [0b111111, 9] }));
  t.match(stream.descriptor, { activeDecodeTargetsPresent: true, activeDecodeTargets: 0b111111 });
  t.ok(stream.receive({ templateId: 61, frameNumber: 11 }));
  t.match(stream.descriptor, { activeDecodeTargetsPresent: false, activeDecodeTargets: 0b111111 });
  t.ok(stream.receive({ templateId: 61, frameNumber: 13, active: [0b111, 9] }));
  t.ok(stream.receive({ templateId: 61, frameNumber: 12, active: [0b1, 9] }), 'a late packet');
  t.equal(stream.descriptor.activeDecodeTargets, 1, 'tells of its own frame');
  t.equal(stream.structure.activeDecodeTargets, 0b111, 'but does not undo what came after it');
  t.ok(stream.receive({ templateId: 60, frameNumber: 14, structure: L3T3 }));
  t.equal(stream.structure.activeDecodeTargets, 0x1ff, 'a structure without a bitmask: all of them');
});

t.test('active decode targets that overtook their structure hold against those from between', async (t) => {
  const stream = new Stream();
  t.ok(stream.receive({ templateId: 60, frameNumber: 10, structure: L3T3 }));
  t.ok(stream.receive({ templateId: 61, frameNumber: 33, active: [0b111111, 9] }));
  t.ok(stream.receive({ templateId: 60, frameNumber: 20, structure: L3T3 }), 'late, with all targets');
  t.equal(stream.structure.activeDecodeTargets, 0b111111);
  t.ok(stream.receive({ templateId: 61, frameNumber: 30, active: [0b111, 9] }), 'later still');
  t.equal(stream.structure.activeDecodeTargets, 0b111111);
  t.ok(stream.receive({ templateId: 61, frameNumber: 34, active: [0b11, 9] }));
  t.equal(stream.structure.activeDecodeTargets, 0b11);
});

t.test('32 decode targets', async (t) => {
  const stream = new Stream();
  const structure = {
    idOffset: 0,
    protectedBy: Array.from({ length: 32 }, (_, i) => i),
    templates: [
      { spatial: 0, temporal: 0, dtis: 'S'.repeat(32), fdiffs: [], chains: new Array<number>(32).fill(7) },
    ],
  };
  t.ok(stream.receive({ templateId: 0, frameNumber: 0, structure }));
  t.equal(stream.structure.activeDecodeTargets, 0xffffffff);
  t.equal(stream.structure.chainCount, 32);
  t.same([...stream.structure.protectedBy], structure.protectedBy);
  t.ok(stream.receive({ templateId: 0, frameNumber: 1, active: [0x80000001, 32] }));
  t.equal(stream.structure.activeDecodeTargets, 0x80000001);
});

t.test('a frame of a structure that we do not have', async (t) => {
  const stream = new Stream();
  t.notOk(stream.receive({ templateId: 1, frameNumber: 0 }), 'none yet');
  t.ok(stream.receive({ templateId: 1, frameNumber: 0, structure: L1T3 }));
  t.notOk(stream.receive({ templateId: 0, frameNumber: 1 }), 'below');
  t.notOk(stream.receive({ templateId: 6, frameNumber: 1 }), 'above');
  stream.structure.reset();
  t.notOk(stream.receive({ templateId: 1, frameNumber: 1 }));
});

t.test('a new structure replaces the old one; a late one does not', async (t) => {
  const stream = new Stream();
  t.ok(stream.receive({ templateId: 1, frameNumber: 100, structure: L1T3 }));
  t.ok(stream.receive({ templateId: 60, frameNumber: 200, structure: L3T3 }));
  t.equal(stream.structure.templateCount, 12);
  t.ok(stream.receive({ templateId: 1, frameNumber: 100, structure: L1T3 }), 'sent again, late');
  t.equal(stream.descriptor.decodeTargetCount, 3, 'it is read by its own structure');
  t.equal(stream.structure.templateCount, 12, 'and changes nothing');
  t.ok(stream.receive({ templateId: 1, frameNumber: 50_000, structure: L1T3 }), 'a stream that started anew');
  t.equal(stream.structure.templateCount, 5);
});

t.test('a malformed structure leaves the one in use alone', async (t) => {
  const stream = new Stream();
  t.ok(stream.receive({ templateId: 1, frameNumber: 0, structure: L1T3 }));
  const before = JSON.stringify(stream.structure);
  const bytes = descriptorBytes({ templateId: 60, frameNumber: 1, structure: L3T3 });
  for (let length = 0; length < bytes.length; length++) {
    t.notOk(
      stream.descriptor.parse(bytes, 0, length, stream.structure),
      `${length} of ${bytes.length} bytes`,
    );
    t.notOk(stream.descriptor.keyFrame);
  }
  t.equal(JSON.stringify(stream.structure), before);
  const tooMany = (patch: Partial<StructureSpec['templates'][number]>, count: number) => ({
    idOffset: 0,
    protectedBy: [],
    templates: Array.from({ length: count }, () => ({
      spatial: 0,
      temporal: 0,
      dtis: 'S',
      fdiffs: [],
      chains: [],
      ...patch,
    })),
  });
  t.notOk(stream.receive({ templateId: 0, frameNumber: 1, structure: tooMany({}, 65) }), '65 templates');
  t.notOk(
    stream.receive({
      templateId: 0,
      frameNumber: 1,
      structure: tooMany({ fdiffs: new Array<number>(17).fill(1) }, 1),
    }),
    '17 frame differences',
  );
  t.equal(JSON.stringify(stream.structure), before);
  t.ok(stream.receive({ templateId: 0, frameNumber: 1, structure: tooMany({}, 64) }), '64 templates');
});

t.test('too many layers', async (t) => {
  const stream = new Stream();
  const layers = (count: number, key: 'spatial' | 'temporal') => ({
    idOffset: 0,
    protectedBy: [],
    templates: Array.from({ length: count }, (_, i) => {
      return { spatial: 0, temporal: 0, dtis: 'S', fdiffs: [], chains: [], [key]: i };
    }),
  });
  t.ok(stream.receive({ templateId: 0, frameNumber: 1, structure: layers(4, 'spatial') }));
  t.notOk(stream.receive({ templateId: 0, frameNumber: 1, structure: layers(5, 'spatial') }));
  t.ok(stream.receive({ templateId: 0, frameNumber: 1, structure: layers(8, 'temporal') }));
  t.notOk(stream.receive({ templateId: 0, frameNumber: 1, structure: layers(9, 'temporal') }));
});

const structures = fc
  .record({
    targets: fc.integer({ min: 1, max: 32 }),
    count: fc.integer({ min: 1, max: 64 }),
    idOffset: fc.nat(63),
  })
  .chain(({ targets, count, idOffset }) =>
    fc.nat(targets).chain((chainCount) => {
      const fill = { minLength: chainCount, maxLength: chainCount };
      const template = fc.record({
        step: fc.nat(2),
        dtis: fc.string({
          unit: fc.constantFrom('-', 'D', 'S', 'R'),
          minLength: targets,
          maxLength: targets,
        }),
        fdiffs: fc.array(fc.integer({ min: 1, max: 16 }), { maxLength: 16 }),
        chains: fc.array(fc.nat(15), fill),
      });
      return fc.record({
        idOffset: fc.constant(idOffset),
        protectedBy: fc.array(fc.nat(Math.max(0, chainCount - 1)), {
          minLength: targets,
          maxLength: targets,
        }),
        templates: fc.array(template, { minLength: count, maxLength: count }).map((list) => {
          let spatial = 0;
          let temporal = 0;
          return list.map(({ step, ...rest }, i) => {
            if (i > 0 && step === 1 && temporal < 7) temporal++;
            else if (i > 0 && step === 2 && spatial < 3) {
              spatial++;
              temporal = 0;
            }
            return { ...rest, spatial, temporal };
          });
        }),
      });
    }),
  );

t.test('any structure survives the round trip', async () => {
  fc.assert(
    fc.property(structures, fc.nat(63), (structure, pick) => {
      const index = pick % structure.templates.length;
      const template = structure.templates[index];
      const stream = new Stream();
      const templateId = (structure.idOffset + index) % 64;
      for (const frame of [{ structure }, {}]) {
        if (!stream.receive({ templateId, frameNumber: 7, ...frame })) return false;
        const { spatialLayer, temporalLayer } = stream.descriptor;
        if (spatialLayer !== template.spatial || temporalLayer !== template.temporal) return false;
        if (stream.dtis !== template.dtis) return false;
        if (
          JSON.stringify([stream.fdiffs, stream.chains]) !==
          JSON.stringify([template.fdiffs, template.chains])
        ) {
          return false;
        }
      }
      return stream.structure.activeDecodeTargets === 2 ** template.dtis.length - 1;
    }),
    { numRuns: 150 },
  );
});

t.test('hostile bytes', async () => {
  const samples = [
    descriptorBytes({ templateId: 1, frameNumber: 5, structure: L1T3 }),
    descriptorBytes({ templateId: 60, frameNumber: 5, structure: L3T3, active: [5, 9] }),
    descriptorBytes({
      templateId: 61,
      frameNumber: 6,
      active: [3, 9],
      dtis: 'RRRRRRRRR',
      fdiffs: [300],
      chains: [1, 2, 3],
    }),
    descriptorBytes({ templateId: 62, frameNumber: 7 }),
  ];
  withstands((bytes, offset, length) => {
    const stream = new Stream();
    stream.receive({ templateId: 60, frameNumber: 1, structure: L3T3 });
    const ok = stream.descriptor.parse(bytes, offset, length, stream.structure);
    if (!ok) return { facts: [false, stream.descriptor.keyFrame, stream.structure.templateCount] };
    const { spatialLayer, temporalLayer, width, height, activeDecodeTargets } = stream.descriptor;
    if (spatialLayer > 3 || temporalLayer > 7) throw new Error(`layer ${spatialLayer}, ${temporalLayer}`);
    return {
      facts: [
        spatialLayer,
        temporalLayer,
        width,
        height,
        activeDecodeTargets,
        stream.dtis,
        stream.fdiffs,
        stream.chains,
      ],
    };
  }, samples);
});
