import { type ConsumerLayers } from '../rtp/rtp-parameters.js';

/** Remembers which layers a receiver gets, and tells when they are others: mediasoup's `layerschange`. */
export class LayerAnnouncer {
  private spatial = -1;
  private temporal = -1;

  constructor(private readonly changed: (layers: ConsumerLayers | undefined) => void) {}

  /** Undefined while nothing is forwarded. */
  get layers(): ConsumerLayers | undefined {
    return this.spatial < 0 ? undefined : { spatialLayer: this.spatial, temporalLayer: this.temporal };
  }

  /** @param spatialLayer -1: nothing is forwarded. Looks only; costs nothing while nothing changes. */
  announce(spatialLayer: number, temporalLayer: number): void {
    if (spatialLayer === this.spatial && temporalLayer === this.temporal) return;
    this.spatial = spatialLayer;
    this.temporal = temporalLayer;
    this.changed(this.layers);
  }
}
