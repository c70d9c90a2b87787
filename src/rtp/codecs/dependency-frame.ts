/**
 * What a dependency descriptor says of a frame, in the words that all codecs share. Hot path: allocates nothing.
 * It is in clear whatever the payload is, so it comes before what an inspector found there.
 */
import { type DependencyDescriptor } from './dependency-descriptor.js';
import { type DependencyStructure, DecodeTargetIndication } from './dependency-structure.js';
import { type FrameInfo } from './frame-info.js';

/**
 * Fills `frame` from a descriptor that was parsed with `structure`; picture ids stay as they are.
 * Frame numbers count frames, not pictures: a difference that fits into the layers below is taken for one of them.
 */
export function describeFrame(
  descriptor: DependencyDescriptor,
  structure: DependencyStructure,
  frame: FrameInfo,
): void {
  const { spatialLayer, temporalLayer, fdiffs, fdiffCount } = descriptor;
  frame.keyFrame = descriptor.keyFrame;
  frame.startOfFrame = descriptor.startOfFrame;
  frame.endOfFrame = descriptor.endOfFrame;
  frame.spatialLayer = spatialLayer;
  frame.temporalLayer = temporalLayer;
  let switching = temporalLayer === 0;
  let forUpper = false;
  for (let target = 0; target < descriptor.decodeTargetCount; target++) {
    const dti = descriptor.dtis[target];
    if (dti === DecodeTargetIndication.Switch) switching = true;
    if (
      dti !== DecodeTargetIndication.NotPresent &&
      structure.decodeTargetSpatialLayers[target] > spatialLayer
    ) {
      forUpper = true;
    }
  }
  let interPicture = false;
  let interLayer = false;
  for (let index = 0; index < fdiffCount; index++) {
    if (fdiffs[index] > spatialLayer) interPicture = true;
    else interLayer = true;
  }
  frame.switchingPoint = switching;
  frame.notForUpper = !forUpper;
  frame.interPicture = interPicture;
  frame.interLayer = interLayer;
}
