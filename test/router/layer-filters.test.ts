import fc from 'fast-check';
import t from 'tap';
import { DecoderModel } from '../support/decoder-model.js';
import { type LayeredPacket, LayeredStream, type LayeredStreamOptions } from '../support/layered-stream.js';

const STREAMS: Record<string, LayeredStreamOptions> = {
  'VP8 with three temporal layers': { coding: 'vp8', spatialLayers: 1 },
  'VP9 L3T3': { coding: 'vp9', spatialLayers: 3 },
  'VP9 L3T3, flexible mode': { coding: 'vp9-flexible', spatialLayers: 3 },
  'VP9 L3T3_KEY': { coding: 'vp9', spatialLayers: 3, dependencies: 'key' },
  'VP9 L3T3_KEY, flexible mode': { coding: 'vp9-flexible', spatialLayers: 3, dependencies: 'key' },
  'AV1 L1T3': { coding: 'av1', spatialLayers: 1 },
  'AV1 L3T3': { coding: 'av1', spatialLayers: 3 },
  'AV1 L3T3, template ids that stay': { coding: 'av1', spatialLayers: 3, renumber: false },
  'AV1 L3T3_KEY, template ids that stay': {
    coding: 'av1',
    spatialLayers: 3,
    dependencies: 'key',
    renumber: false,
  },
  'AV1 L3T3_KEY': { coding: 'av1', spatialLayers: 3, dependencies: 'key' },
};

interface Step {
  target: [number, number] | null;
  layers: number | null;
  /** For each packet of the picture: lost, late by so many packets, or in time. */
  fates: number[];
  keyFrame: boolean;
}

const LOST = -1;

const step = fc.record<Step>({
  target: fc.option(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), { freq: 6 }),
  layers: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 12 }),
  fates: fc.array(
    fc.oneof(
      { arbitrary: fc.constant(0), weight: 12 },
      { arbitrary: fc.constant(LOST), weight: 1 },
      { arbitrary: fc.integer({ min: 1, max: 30 }), weight: 1 },
    ),
    { minLength: 9, maxLength: 9 },
  ),
  keyFrame: fc.boolean(),
});

/** A network that loses and delays, and a sender that answers a request for a key frame when it comes to it. */
class Journey {
  readonly stream: LayeredStream;
  readonly model: DecoderModel;
  layers: number;
  private late: { at: number; packet: LayeredPacket }[] = [];
  private clock = 0;

  constructor(
    private readonly options: LayeredStreamOptions,
    target: [number, number],
  ) {
    this.stream = new LayeredStream({ ...options, packetsPerFrame: 3 });
    this.layers = options.spatialLayers;
    this.model = new DecoderModel(this.stream.mimeType, options.coding === 'av1');
    this.model.filter.setTarget(...target);
    this.model.receiveAll(this.stream.picture(true));
  }

  take({ target, layers, fates, keyFrame }: Step): void {
    if (target !== null) this.model.filter.setTarget(...target);
    if (layers !== null) this.layers = Math.min(layers, this.options.spatialLayers);
    const key = keyFrame && this.model.filter.needsKeyFrame;
    for (const [index, packet] of this.stream.picture(key, this.layers).entries()) {
      const fate = fates[index];
      if (fate === 0) this.model.receive(packet);
      else if (fate !== LOST) this.late.push({ at: this.clock + fate, packet });
      this.clock += 1;
      this.arrivals(this.clock);
    }
  }

  /** Everything that was late has come by `clock`. */
  arrivals(clock: number): void {
    const due = this.late.filter(({ at }) => at <= clock);
    this.late = this.late.filter(({ at }) => at > clock);
    for (const { packet } of due) this.model.receive(packet);
  }

  /** Nothing is lost any more: @returns whether the target is reached, and the key frames that it took. */
  settle(target: [number, number], pictures: number): { reached: string; keyFrames: number } {
    const { filter } = this.model;
    this.arrivals(Number.POSITIVE_INFINITY);
    filter.setTarget(...target);
    let keyFrames = 0;
    for (let count = 0; count < pictures; count++) {
      const key = filter.needsKeyFrame && count % 8 === 7;
      if (key) keyFrames += 1;
      this.model.receiveAll(this.stream.picture(key, this.layers));
    }
    const { spatialLayer, temporalLayer, needsKeyFrame } = filter;
    return { reached: `${spatialLayer}.${temporalLayer}${needsKeyFrame ? ' wanting' : ''}`, keyFrames };
  }
}

for (const [name, options] of Object.entries(STREAMS)) {
  t.test(`${name}: whatever is wished for, lost, late or dropped by the sender`, async (t) => {
    const wish = fc.tuple(fc.nat(options.spatialLayers - 1), fc.nat(2));
    fc.assert(
      fc.property(wish, fc.array(step, { maxLength: 120 }), wish, (start, steps, end) => {
        const journey = new Journey(options, start);
        for (const one of steps) journey.take(one);
        journey.layers = options.spatialLayers;
        const { reached } = journey.settle(end, 64);
        const faults = journey.model.faults();
        if (faults.length > 0) throw new Error(faults.slice(0, 5).join('\n'));
        if (reached !== end.join('.')) throw new Error(`wished for ${end.join('.')}, got ${reached}`);
      }),
      { numRuns: 120 },
    );
    t.pass();
  });

  t.test(`${name}: without loss a picture has one marker, on its last packet`, async (t) => {
    const stream = new LayeredStream({ ...options, packetsPerFrame: 2 });
    const model = new DecoderModel(stream.mimeType, options.coding === 'av1');
    const wishes: [number, number][] = [
      [2, 2],
      [0, 2],
      [0, 0],
      [1, 1],
      [2, 0],
    ];
    let pictures = 0;
    for (const wish of wishes) {
      model.filter.setTarget(...wish);
      for (let count = 0; count < 12; count++, pictures++) {
        model.receiveAll(stream.picture(pictures === 0 || (model.filter.needsKeyFrame && count % 5 === 4)));
        const sent = model.layersOf(pictures) === '' ? 0 : 1;
        t.equal(model.markersOf(pictures), sent, `picture ${pictures}: ${model.layersOf(pictures)}`);
      }
    }
    t.same(model.faults(), []);
  });
}
