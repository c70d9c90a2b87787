import { type ConsumerLayers } from '../rtp/rtp-parameters.js';
import { LAYER_OVERTAKEN_MS } from './layer-timing.js';
import { type Producer } from './producer.js';

/** Decides which encoding of a producer one receiver is to get. */
export interface LayerSelector {
  /** What the application asked for; undefined: the best. */
  readonly preferred: ConsumerLayers | undefined;
  setPreferred(layers: ConsumerLayers): ConsumerLayers | undefined;
  /** Index of the encoding that should be forwarded now, -1 when none arrives. */
  target(producer: Producer): number;
}

/** One stream (or SVC within one): there is nothing to choose. */
export class SingleStreamSelector implements LayerSelector {
  preferred: ConsumerLayers | undefined;

  constructor(private readonly layered: boolean) {}

  /** Kept for SVC, where layers are chosen within the stream; a simple stream has none (mediasoup: undefined). */
  setPreferred(layers: ConsumerLayers): ConsumerLayers | undefined {
    this.preferred = this.layered ? layers : undefined;
    return this.preferred;
  }

  target(producer: Producer): number {
    return producer.encodings[0].stream === null ? -1 : 0;
  }
}

/** Simulcast: the preferred layer, or the nearest one that arrives: below it first, above it when there is nothing below. */
export class SimulcastSelector implements LayerSelector {
  preferred: ConsumerLayers | undefined;

  constructor(
    private readonly spatialLayers: number,
    private readonly temporalLayers: number,
    preferred?: ConsumerLayers,
  ) {
    // Like mediasoup: without a wish, the best layers are the wish.
    this.setPreferred(preferred ?? { spatialLayer: spatialLayers - 1, temporalLayer: temporalLayers - 1 });
  }

  setPreferred(layers: ConsumerLayers): ConsumerLayers | undefined {
    const temporal = layers.temporalLayer ?? this.temporalLayers - 1;
    this.preferred = {
      spatialLayer: Math.min(layers.spatialLayer, this.spatialLayers - 1),
      temporalLayer: Math.min(temporal, this.temporalLayers - 1),
    };
    return this.preferred;
  }

  target(producer: Producer): number {
    const wanted = this.preferred?.spatialLayer ?? this.spatialLayers - 1;
    for (let index = wanted; index >= 0; index--) if (this.arrives(producer, index)) return index;
    for (let index = wanted + 1; index < producer.encodings.length; index++) {
      if (this.arrives(producer, index)) return index;
    }
    return -1;
  }

  /** It came, and the others have not gone on without it: a whole frame of theirs came after its last packet. */
  private arrives(producer: Producer, index: number): boolean {
    const stream = producer.encodings[index]?.stream;
    if (stream === null || stream === undefined) return false;
    const last = stream.lastPacketAt;
    for (const { stream: other } of producer.encodings) {
      if (other === null || other.previousFrameAt <= last) continue;
      if (other.lastPacketAt - last >= LAYER_OVERTAKEN_MS) return false;
    }
    return true;
  }
}
