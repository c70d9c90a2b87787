export interface ScalabilityMode {
  /** Spatial layers within one encoding; 1-99. */
  spatialLayers: number;
  /** Temporal layers; 1-99. */
  temporalLayers: number;
  /** K-SVC: spatial layers depend on each other in key frames only. */
  ksvc: boolean;
}

// Further suffixes ("h" for 1.5:1 scaling, "_SHIFT") do not change the number of layers.
const pattern = /^[LS]([1-9]\d?)T([1-9]\d?)(_KEY)?/;

/**
 * Reads a W3C webrtc-svc scalability mode: `L1T3`, `S3T3`, `L3T3_KEY` ...
 * Whatever is no scalability mode counts as one spatial and one temporal layer.
 */
export function parseScalabilityMode(scalabilityMode?: string | null): ScalabilityMode {
  const match = pattern.exec(scalabilityMode ?? '');
  if (!match) {
    return { spatialLayers: 1, temporalLayers: 1, ksvc: false };
  }
  return { spatialLayers: Number(match[1]), temporalLayers: Number(match[2]), ksvc: match[3] !== undefined };
}
