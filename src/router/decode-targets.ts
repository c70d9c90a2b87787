// Hot path: used when a receiver's target changes. Nothing is allocated.
import {
  type DependencyStructure,
  DecodeTargetIndication,
  MAX_DECODE_TARGETS,
} from '../rtp/codecs/dependency-structure.js';

/** @returns the highest of the decode targets in `candidates` (bit i: target i) that stays within the layers; or -1 */
export function bestTarget(
  structure: DependencyStructure,
  candidates: number,
  spatialLayer: number,
  temporalLayer: number,
): number {
  let best = -1;
  for (let target = 0; target < structure.decodeTargetCount; target++) {
    if ((candidates & (1 << target)) === 0) continue;
    if (structure.decodeTargetSpatialLayers[target] > spatialLayer) continue;
    if (structure.decodeTargetTemporalLayers[target] > temporalLayer) continue;
    if (best < 0 || rank(structure, target) > rank(structure, best)) best = target;
  }
  return best;
}

/** @returns the lowest of the decode targets in `candidates`; or -1 */
export function lowestTarget(structure: DependencyStructure, candidates: number): number {
  let lowest = -1;
  for (let target = 0; target < structure.decodeTargetCount; target++) {
    if ((candidates & (1 << target)) === 0) continue;
    if (lowest < 0 || rank(structure, target) < rank(structure, lowest)) lowest = target;
  }
  return lowest;
}

/** The decode targets with this spatial layer as their highest; bit i for target i. */
export function targetsOfLayer(structure: DependencyStructure, spatialLayer: number): number {
  let targets = 0;
  for (let target = 0; target < structure.decodeTargetCount; target++) {
    if (structure.decodeTargetSpatialLayers[target] === spatialLayer) targets |= 1 << target;
  }
  return targets;
}

/** The decode targets all of whose frames are frames of `target` too, by the templates; bit i for target i. */
export function targetsWithin(structure: DependencyStructure, target: number): number {
  let within = 2 ** structure.decodeTargetCount - 1;
  for (let template = 0; template < structure.templateCount; template++) {
    const row = template * MAX_DECODE_TARGETS;
    if (structure.dtis[row + target] !== DecodeTargetIndication.NotPresent) continue;
    for (let other = 0; other < structure.decodeTargetCount; other++) {
      if (structure.dtis[row + other] !== DecodeTargetIndication.NotPresent) within &= ~(1 << other);
    }
  }
  return within >>> 0;
}

function rank(structure: DependencyStructure, target: number): number {
  return structure.decodeTargetSpatialLayers[target] * 8 + structure.decodeTargetTemporalLayers[target];
}
