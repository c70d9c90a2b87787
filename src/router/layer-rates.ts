// Hot path: add() runs once per received packet. It allocates only at the first packet of a layer.
import { RateMeter } from '../stream/rate-meter.js';

/** Layers within one stream that are told apart; what is above them is counted with the highest. */
export const MAX_SPATIAL_LAYERS = 4;
export const MAX_TEMPORAL_LAYERS = 4;

/** A second is long enough for a handful of frames at the lowest frame rate of a temporal layer, and soon enough for allocation. */
const WINDOW_MS = 1000;
/** The first frames of a layer say little of its rate: they are spread over this time at the least. */
const LEAST_SPAN_MS = 500;
/** A key frame is as large as ten others; spread over this time it does not make the layer look dearer than it is. */
const KEY_FRAME_SPREAD_MS = 4000;
/** An encoder that starts a layer begins low and climbs: until then the layer counts for what is expected of it. */
const YOUNG_MS = 3000;
/** Milliseconds between looks at what the layers cost while they are sent. */
const MEMORY_STEP_MS = 250;
const MEMORY_GAIN = 1 / 8;
/** A still picture sends nothing at all, but it will; and layers that cost nothing could not be told apart. */
const STILL_SHARE = 1 / 4;
/** Milliseconds for which an answer is kept: all receivers that are asked about in one turn count alike. */
const ANSWER_MS = 20;

const LAYERS = MAX_SPATIAL_LAYERS * MAX_TEMPORAL_LAYERS;

/**
 * What the layers inside one stream cost, for those who share out a bitrate. Counted for every packet that is received,
 * watched or not; all answers are in bits per second and cumulative: everything up to and with the layer asked for.
 */
export class LayerRates {
  private readonly deltas: (RateMeter | null)[] = new Array<null>(LAYERS).fill(null);
  private readonly keys: (RateMeter | null)[] = new Array<null>(LAYERS).fill(null);
  private readonly present = new Float64Array(LAYERS);
  private presentAt = Number.NEGATIVE_INFINITY;
  private readonly memory = new Float64Array(LAYERS);
  private memoryDueAt = Number.POSITIVE_INFINITY;
  private beganAt = Number.NEGATIVE_INFINITY;
  private expected = 0;

  /**
   * The stream begins, or comes again after others went on without it.
   * @param expected bps of all its layers, 0 when nothing is known
   */
  began(now: number, expected: number): void {
    this.beganAt = now;
    this.expected = expected;
    this.memoryDueAt = now + WINDOW_MS;
    this.presentAt = Number.NEGATIVE_INFINITY;
  }

  /** @param keyFrame the packet belongs to a key frame */
  add(now: number, spatialLayer: number, temporalLayer: number, bytes: number, keyFrame = false): void {
    const index = layerIndex(spatialLayer, temporalLayer);
    if (keyFrame) {
      const meter = (this.keys[index] ??= new RateMeter(KEY_FRAME_SPREAD_MS, KEY_FRAME_SPREAD_MS));
      meter.add(now, bytes);
    } else {
      const meter = (this.deltas[index] ??= new RateMeter(WINDOW_MS, LEAST_SPAN_MS));
      meter.add(now, bytes);
    }
    if (now >= this.memoryDueAt) this.remember(now);
  }

  /** What the layers up to this one cost now, for allocation. 0 before the first packet of any of them. */
  bitrate(now: number, spatialLayer: number, temporalLayer: number): number {
    const index = layerIndex(spatialLayer, temporalLayer);
    this.measure(now);
    const measured = this.present[index];
    const still = this.memory[index] * STILL_SHARE;
    if (now - this.beganAt >= YOUNG_MS) return Math.round(Math.max(measured, still));
    const all = this.present[LAYERS - 1];
    const share = all > 0 ? measured / all : 0;
    return Math.round(Math.max(measured, still, this.expected * share));
  }

  /** What came in the last moments, for statistics. */
  measured(now: number, spatialLayer: number, temporalLayer: number): number {
    this.measure(now);
    return Math.round(this.present[layerIndex(spatialLayer, temporalLayer)]);
  }

  /** What all layers together cost when they were last sent; 0 when they never were, for a second at least. */
  get remembered(): number {
    return Math.round(this.memory[LAYERS - 1]);
  }

  /** mediasoup's `bitrateByLayer`: `'<spatial>.<temporal>'` to bps, for the layers that have ever come. */
  byLayer(now: number): Record<string, number> {
    const rates: Record<string, number> = {};
    for (let spatial = 0; spatial < MAX_SPATIAL_LAYERS; spatial++) {
      for (let temporal = 0; temporal < MAX_TEMPORAL_LAYERS; temporal++) {
        const index = layerIndex(spatial, temporal);
        if (this.deltas[index] === null && this.keys[index] === null) continue;
        rates[`${spatial}.${temporal}`] = this.measured(now, spatial, temporal);
      }
    }
    return rates;
  }

  private measure(now: number): void {
    if (now - this.presentAt < ANSWER_MS) return;
    this.presentAt = now;
    const { present } = this;
    for (let index = 0; index < LAYERS; index++) {
      present[index] = (this.deltas[index]?.rate(now) ?? 0) + (this.keys[index]?.rate(now) ?? 0);
    }
    accumulate(present);
  }

  private remember(now: number): void {
    this.memoryDueAt = now + MEMORY_STEP_MS;
    this.measure(now);
    const gain = this.memory[LAYERS - 1] === 0 ? 1 : MEMORY_GAIN;
    for (let index = 0; index < LAYERS; index++) {
      this.memory[index] += (this.present[index] - this.memory[index]) * gain;
    }
  }
}

function layerIndex(spatialLayer: number, temporalLayer: number): number {
  const spatial = spatialLayer < MAX_SPATIAL_LAYERS ? spatialLayer : MAX_SPATIAL_LAYERS - 1;
  const temporal = temporalLayer < MAX_TEMPORAL_LAYERS ? temporalLayer : MAX_TEMPORAL_LAYERS - 1;
  return spatial * MAX_TEMPORAL_LAYERS + temporal;
}

/** Single layers to sums over all that are at most as high in both directions. */
function accumulate(rates: Float64Array): void {
  for (let index = 0; index < LAYERS; index++) {
    if (index % MAX_TEMPORAL_LAYERS > 0) rates[index] += rates[index - 1];
  }
  for (let index = MAX_TEMPORAL_LAYERS; index < LAYERS; index++) {
    rates[index] += rates[index - MAX_TEMPORAL_LAYERS];
  }
}
