import { type Rung } from '../bwe/congestion-types.js';
import { type ConsumerLayers, type ConsumerType } from '../rtp/rtp-parameters.js';
import { MAX_SPATIAL_LAYERS, MAX_TEMPORAL_LAYERS } from './layer-rates.js';
import { type Producer } from './producer.js';

/** Stands for "as high as there is". */
export const ANY_LAYER = 7;

/**
 * What one receiver is to get of a producer: what the application prefers, as far as the allocated bitrate reaches, as far
 * as it arrives. In simulcast the spatial layer is the encoding; in SVC it is a layer inside the only one.
 */
export class LayerChoice {
  /** What the application asked for; undefined when there is nothing to choose. */
  preferred: ConsumerLayers | undefined;
  private allocatedSpatial = ANY_LAYER;
  private allocatedTemporal = ANY_LAYER;
  /** Nothing at or below the desired encoding arrives, so what is above it stands in. */
  private arrivesInstead = false;
  private readonly list: Rung[] = [];

  constructor(
    private readonly type: ConsumerType,
    readonly counts: { spatialLayers: number; temporalLayers: number },
    preferred?: ConsumerLayers,
  ) {
    // Like mediasoup: without a wish, the best layers are the wish.
    this.setPreferred(preferred ?? { spatialLayer: ANY_LAYER, temporalLayer: ANY_LAYER });
  }

  /** Layers that do not exist become the highest that do. A simple stream has none (mediasoup: undefined). */
  setPreferred(layers: ConsumerLayers): ConsumerLayers | undefined {
    if (this.type !== 'simulcast' && this.type !== 'svc') return undefined;
    this.preferred = {
      spatialLayer: Math.min(layers.spatialLayer, this.counts.spatialLayers - 1),
      temporalLayer: Math.min(layers.temporalLayer ?? ANY_LAYER, this.counts.temporalLayers - 1),
    };
    return this.preferred;
  }

  /** What the bitrate of the transport allows; -1: nothing. @returns whether that is news */
  allocate(spatialLayer: number, temporalLayer: number): boolean {
    if (spatialLayer === this.allocatedSpatial && temporalLayer === this.allocatedTemporal) return false;
    this.allocatedSpatial = spatialLayer;
    this.allocatedTemporal = temporalLayer;
    return true;
  }

  /** Index of the step that is allocated, or of the highest below it; -1 when there is none. */
  allocatedIn(rungs: readonly Rung[]): number {
    let index = rungs.length - 1;
    while (index >= 0 && this.exceeds(rungs[index])) index--;
    return index;
  }

  private exceeds({ spatialLayer, temporalLayer }: Rung): boolean {
    if (spatialLayer !== this.allocatedSpatial) return spatialLayer > this.allocatedSpatial;
    return temporalLayer > this.allocatedTemporal;
  }

  /** There is no bitrate for it at present. */
  get starved(): boolean {
    return this.allocatedSpatial < 0;
  }

  /** The encoding that should be forwarded, whether it arrives or not. */
  get desiredEncoding(): number {
    return this.type === 'simulcast' ? this.spatialLayer : 0;
  }

  /** Spatial layer within the stream. */
  get spatialInStream(): number {
    return this.type === 'svc' ? this.spatialLayer : ANY_LAYER;
  }

  /**
   * Temporal layer to forward of `encoding`. While a lower encoding is waited for, the one still being shown gives way as far
   * as it can at once; while a higher one is waited for, it is shown in full.
   */
  temporalOf(encoding: number): number {
    const desired = this.desiredEncoding;
    if (encoding > desired) return this.arrivesInstead ? this.temporalLayer : 0;
    return encoding < desired ? ANY_LAYER : this.temporalLayer;
  }

  /** Index of the encoding that can be forwarded now: the desired one, or the nearest that arrives, below it first. */
  target(producer: Producer): number {
    const wanted = this.desiredEncoding;
    this.arrivesInstead = false;
    if (this.type !== 'simulcast') return producer.encodings[0].stream === null ? -1 : 0;
    for (let index = wanted; index >= 0; index--) if (producer.arrives(index)) return index;
    for (let index = wanted + 1; index < producer.encodings.length; index++) {
      this.arrivesInstead = true;
      if (producer.arrives(index)) return index;
    }
    return -1;
  }

  /**
   * How many layers there are, as negotiated.
   * @param scalabilityMode of the consumer's encoding
   */
  static counts(
    type: ConsumerType,
    encodings: number,
    scalabilityMode = '',
  ): { spatialLayers: number; temporalLayers: number } {
    const [, spatial = 1, temporal = 1] = /^[LS](\d+)T(\d+)/.exec(scalabilityMode) ?? [];
    const spatialLayers = type === 'simulcast' ? encodings : Number(spatial);
    return { spatialLayers, temporalLayers: Number(temporal) };
  }

  /** What could be forwarded, step by step, with what it costs. One array, reused. */
  rungs(now: number, producer: Producer): readonly Rung[] {
    const { list } = this;
    list.length = 0;
    if (this.type === 'simulcast') this.simulcastRungs(now, producer);
    else this.streamRungs(now, producer, 0, this.preferred?.spatialLayer ?? ANY_LAYER);
    return list;
  }

  private get spatialLayer(): number {
    return Math.min(this.preferred?.spatialLayer ?? 0, Math.max(0, this.allocatedSpatial));
  }

  private get temporalLayer(): number {
    const { preferred } = this;
    const bounded = preferred === undefined || this.spatialLayer < preferred.spatialLayer;
    const wish = bounded ? ANY_LAYER : (preferred.temporalLayer ?? ANY_LAYER);
    // Below what was allocated (it is a wish that ends there) everything of the layer fits.
    return this.spatialLayer < this.allocatedSpatial ? wish : Math.min(wish, this.allocatedTemporal);
  }

  private simulcastRungs(now: number, producer: Producer): void {
    const highest = this.preferred?.spatialLayer ?? this.counts.spatialLayers - 1;
    for (let encoding = 0; encoding <= highest; encoding++) {
      if (producer.arrives(encoding)) {
        this.streamRungs(now, producer, encoding, ANY_LAYER);
      } else if (producer.mayArrive(now, encoding)) {
        this.push(encoding, ANY_LAYER, producer.expectedBitrate(encoding));
      }
    }
    if (this.list.length > 0) return;
    // Only what is above the wish arrives: it stands in.
    for (
      let encoding = highest + 1;
      encoding < producer.encodings.length && this.list.length === 0;
      encoding++
    ) {
      if (producer.arrives(encoding)) this.streamRungs(now, producer, encoding, ANY_LAYER);
    }
  }

  private streamRungs(now: number, producer: Producer, encoding: number, highestSpatial: number): void {
    const { rates } = producer.encodings[encoding];
    const { preferred } = this;
    for (let spatial = 0; spatial < MAX_SPATIAL_LAYERS && spatial <= highestSpatial; spatial++) {
      const shown = this.type === 'svc' ? spatial : encoding;
      const wished = shown === preferred?.spatialLayer ? (preferred.temporalLayer ?? ANY_LAYER) : ANY_LAYER;
      const inStream = this.type === 'svc' ? spatial : ANY_LAYER;
      // A quarter of the frames is too jerky to be the better picture, however large; it is only the least one.
      const three = rates.bitrate(now, inStream, 2) > rates.bitrate(now, inStream, 1);
      const least = three && this.list.length > 0 ? Math.min(1, wished) : 0;
      for (let temporal = least; temporal < MAX_TEMPORAL_LAYERS && temporal <= wished; temporal++) {
        this.push(shown, temporal, rates.bitrate(now, inStream, temporal));
      }
      this.openTop(shown, wished);
      if (this.type !== 'svc') return;
    }
  }

  /** The topmost step takes every temporal layer that is wished for, also one that has not shown itself yet. */
  private openTop(spatialLayer: number, temporalLayer: number): void {
    const top = this.list.at(-1);
    if (top?.spatialLayer === spatialLayer) top.temporalLayer = temporalLayer;
  }

  /** A step that costs less than the one before it is the better choice, and one that adds nothing is none. */
  private push(spatialLayer: number, temporalLayer: number, bitrate: number): void {
    const { list } = this;
    if (bitrate <= 0) return;
    const before = list.length > 0 ? list[list.length - 1] : undefined;
    if (before !== undefined && bitrate === before.bitrate) return;
    while (list.length > 0 && list[list.length - 1].bitrate > bitrate) list.pop();
    list.push({ spatialLayer, temporalLayer, bitrate });
  }
}
