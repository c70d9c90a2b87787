// Hot path: admits() runs once per packet and receiver. It allocates nothing.
import { type DependencyDescriptor } from '../rtp/codecs/dependency-descriptor.js';
import { type DependencyStructure, DecodeTargetIndication } from '../rtp/codecs/dependency-structure.js';
import { seqDiff, tsDiff } from '../rtp/sequence.js';
import { bestTarget, lowestTarget, targetsOfLayer, targetsWithin } from './decode-targets.js';
import { type ForwardedPacket } from './forwarded-packet.js';
import { FRAMES_KEPT, FrameLog, FrameState } from './frame-log.js';
import { type LayerFilter } from './layer-filter.js';

/** How long a frame may be repaired before it is given up: one second of the 90 kHz clock of video. */
const GRACE = 90_000;
/** Frames to wait for a switch point within a spatial layer; structures in use have one in four pictures. */
const SWITCH_PATIENCE = 64;
const HORIZON = 0x4000;

/**
 * Layers by the dependency descriptor (AV1 RTP specification, appendix A), of any codec and also when the payload is
 * encrypted. A receiver gets one decode target: the frames that are not NotPresent for it.
 *
 * It may change to a target of which nothing was left out, at the next picture; or at a frame that is a Switch point of the
 * target and whose references were all forwarded. Any other target takes a key frame.
 */
export class DependencyFilter implements LayerFilter {
  readonly steady = null;
  /** Index of the decode target that is forwarded, -1 when none can be. */
  private current = -1;
  private wishSpatial = 0;
  private wishTemporal = 0;
  /** The best active target within the wish. */
  private wanted = -1;
  /** Bit i: every frame of decode target i was forwarded since it could last be begun. */
  private intact = 0;
  /** Bit i: decode target i is part of the current one. */
  private within = 0;
  /** Bit i: decode target i is being sent; and what the sender said of that last. */
  private active = 0;
  private announced = 0;
  /** Something changed that the next picture has to be decided by. */
  private stale = true;
  /** Frames since the wanted target differs, or a switch point that could not be used: large. */
  private waited = 0;
  private pictureTimestamp = 0;
  private broken = false;
  /** A frame that the chain of the current target needs has not come; -1 when there is none. */
  private missing = -1;
  private missingSince = 0;
  /** A packet came whose descriptor refers to a structure that we do not have: the start of a key frame is missing. */
  private unreadable = false;
  /** The present key frame lacks packets that were not understood when they came. */
  private incomplete = false;
  private keyFrameNumber = 0;
  private keyFrameTimestamp = 0;
  private structure: DependencyStructure | null = null;
  private structureTargets = 0;
  /** No packet has a descriptor: the codec's own filter does. */
  private plain = true;
  private admittedTarget = -1;
  private readonly log = new FrameLog();

  /** @param fallback for a sender that negotiated the descriptor and does not send it */
  constructor(private readonly fallback: LayerFilter) {}

  get spatialLayer(): number {
    if (this.plain || this.structure === null) return this.fallback.spatialLayer;
    return this.current < 0 ? -1 : this.structure.decodeTargetSpatialLayers[this.current];
  }

  get temporalLayer(): number {
    if (this.plain || this.structure === null) return this.fallback.temporalLayer;
    return this.current < 0 ? -1 : this.structure.decodeTargetTemporalLayers[this.current];
  }

  get decodeTargets(): number {
    return this.plain ? -1 : (this.within & this.active) >>> 0;
  }

  get needsKeyFrame(): boolean {
    if (this.plain || this.structure === null) return this.fallback.needsKeyFrame;
    if (this.broken || this.unreadable || this.incomplete || this.current < 0) return true;
    if (this.wanted < 0 || this.wanted === this.current || (this.intact & (1 << this.wanted)) !== 0)
      return false;
    const { decodeTargetSpatialLayers: layers } = this.structure;
    return layers[this.wanted] !== layers[this.current] || this.waited > SWITCH_PATIENCE;
  }

  setTarget(spatialLayer: number, temporalLayer: number): void {
    this.fallback.setTarget(spatialLayer, temporalLayer);
    const spatial = Math.max(0, spatialLayer);
    const temporal = Math.max(0, temporalLayer);
    if (spatial === this.wishSpatial && temporal === this.wishTemporal) return;
    this.wishSpatial = spatial;
    this.wishTemporal = temporal;
    this.stale = true;
    if (!this.plain && this.structure !== null) this.findWanted(this.structure);
  }

  begin(packet: ForwardedPacket): void {
    this.log.clear();
    this.broken = false;
    this.unreadable = false;
    this.incomplete = false;
    this.keyFrameTimestamp = packet.timestamp;
    this.pictureTimestamp = packet.timestamp - 1;
    this.plain = packet.dependency === null || packet.structure === null;
    this.structure = packet.structure;
    if (packet.dependency === null || packet.structure === null) this.fallback.begin(packet);
    else this.startOver(packet.structure, packet.dependency.frameNumber);
  }

  admits(packet: ForwardedPacket): boolean {
    const { dependency, structure } = packet;
    if (dependency === null || structure === null) {
      if (this.plain) return this.fallback.admits(packet);
      // A late packet of an older structure cannot be read either, and is not missed.
      if (tsDiff(packet.timestamp, this.keyFrameTimestamp) >= 0) this.unreadable = true;
      return false;
    }
    if (this.plain) this.begin(packet);
    const { frameNumber, keyFrame } = dependency;
    const { log } = this;
    const ahead = log.ahead(frameNumber);
    if (keyFrame && tsDiff(packet.timestamp, this.pictureTimestamp) > 0) {
      // The sender may begin to count anew.
      if (ahead <= 0) log.clear();
      return this.newFrame(packet, dependency, structure);
    }
    const known = log.stateOf(frameNumber);
    this.admittedTarget = log.targetOf(frameNumber);
    if (known === FrameState.Forwarded || known === FrameState.Skipped) return known === FrameState.Forwarded;
    if (ahead > 0) return this.newFrame(packet, dependency, structure);
    if (known === FrameState.Missing) return this.lateFrame(dependency, structure);
    if (ahead < -FRAMES_KEPT) this.broken = true;
    return false;
  }

  marker(packet: ForwardedPacket): boolean {
    if (this.plain || this.structure === null) return this.fallback.marker(packet);
    if (packet.marker) return true;
    const { admittedTarget } = this;
    if (admittedTarget < 0 || !packet.endOfFrame) return false;
    return packet.spatialLayer === this.structure.decodeTargetSpatialLayers[admittedTarget];
  }

  private newFrame(
    packet: ForwardedPacket,
    dependency: DependencyDescriptor,
    structure: DependencyStructure,
  ): boolean {
    const { log } = this;
    if (dependency.keyFrame) this.keyFrame(packet, dependency, structure);
    else if (structure !== this.structure || structure.decodeTargetCount !== this.structureTargets) {
      // Another structure, without the key frame that it begins with.
      this.forget(structure);
    }
    if (log.ahead(dependency.frameNumber) > 1) this.gap();
    log.skipTo(dependency.frameNumber, this.current);
    this.moveHorizon(dependency.frameNumber, packet.timestamp);
    const newPicture = dependency.keyFrame || tsDiff(packet.timestamp, this.pictureTimestamp) !== 0;
    this.pictureTimestamp = packet.timestamp;
    if (structure.activeDecodeTargets !== this.announced) {
      this.announced = structure.activeDecodeTargets;
      this.setActive(structure, this.announced);
    }
    // A frame for nobody: what announced its layer is the packet that was lost.
    if ((presentTargets(dependency) & this.active) === 0) {
      this.setActive(structure, this.active | targetsOfLayer(structure, dependency.spatialLayer));
    }
    const references = log.referencesOf(dependency);
    const referenced = references === FrameState.Forwarded;
    const unsettled = this.stale || this.wanted !== this.current;
    if (newPicture && unsettled) {
      const begun = referenced ? switchTargets(dependency) : 0;
      this.choose(structure, this.intact | begun);
    }
    if (this.wanted !== this.current && !dependency.keyFrame)
      this.trySwitch(dependency, structure, referenced);
    const { current } = this;
    const forwarded = current >= 0 && dependency.dtis[current] !== DecodeTargetIndication.NotPresent;
    log.set(dependency.frameNumber, forwarded ? FrameState.Forwarded : FrameState.Skipped, current);
    this.admittedTarget = current;
    this.account(dependency, forwarded, referenced);
    // The descriptors contradict themselves.
    if (forwarded && references === FrameState.Skipped) this.broken = true;
    if (current >= 0) this.watchChain(packet, dependency, structure);
    return forwarded;
  }

  private keyFrame(
    packet: ForwardedPacket,
    dependency: DependencyDescriptor,
    structure: DependencyStructure,
  ): void {
    this.incomplete = this.unreadable;
    this.unreadable = false;
    this.keyFrameTimestamp = packet.timestamp;
    this.startOver(structure, dependency.frameNumber);
  }

  /** A key frame long ago must not seem to lie ahead, once the numbers have gone half way round. */
  private moveHorizon(frameNumber: number, timestamp: number): void {
    if (seqDiff(frameNumber, this.keyFrameNumber) <= HORIZON) return;
    this.keyFrameNumber = (frameNumber - FRAMES_KEPT) & 0xffff;
    this.keyFrameTimestamp = timestamp;
  }

  private startOver(structure: DependencyStructure, frameNumber: number): void {
    this.structure = structure;
    this.structureTargets = structure.decodeTargetCount;
    this.keyFrameNumber = frameNumber;
    this.broken = false;
    this.missing = -1;
    this.announced = structure.activeDecodeTargets;
    this.active = this.announced;
    this.intact = 0xffffffff;
    this.current = -1;
    this.within = 0;
    this.findWanted(structure);
    this.choose(structure, this.intact);
  }

  private forget(structure: DependencyStructure): void {
    this.structure = structure;
    this.structureTargets = structure.decodeTargetCount;
    this.intact = 0;
    this.within = 0;
    this.current = -1;
    this.stale = true;
    this.findWanted(structure);
  }

  private setActive(structure: DependencyStructure, active: number): void {
    this.active = active;
    this.stale = true;
    this.findWanted(structure);
  }

  private findWanted(structure: DependencyStructure): void {
    const { wishSpatial, wishTemporal, active } = this;
    const best = bestTarget(structure, active, wishSpatial, wishTemporal);
    this.wanted = best >= 0 ? best : lowestTarget(structure, active);
    this.waited = 0;
  }

  /** At the beginning of a picture: the best that is within reach. */
  private choose(structure: DependencyStructure, intact: number): void {
    this.stale = false;
    const own = this.current < 0 ? 0 : 1 << this.current;
    const reachable = (intact | own) & this.active;
    if (reachable === 0) return;
    const best = bestTarget(structure, reachable, this.wishSpatial, this.wishTemporal);
    this.change(structure, best >= 0 ? best : lowestTarget(structure, reachable));
  }

  /** At a frame of the wanted target from which on it can be decoded. */
  private trySwitch(
    dependency: DependencyDescriptor,
    structure: DependencyStructure,
    referenced: boolean,
  ): void {
    const { wanted } = this;
    if (wanted < 0) return;
    this.waited += 1;
    if (dependency.dtis[wanted] !== DecodeTargetIndication.Switch) return;
    if (referenced) this.change(structure, wanted);
    else this.waited += SWITCH_PATIENCE;
  }

  private change(structure: DependencyStructure, target: number): void {
    if (target === this.current) return;
    this.current = target;
    this.within = targetsWithin(structure, target);
  }

  /** Of which targets this frame leaves nothing out, and which can be begun with it. */
  private account(dependency: DependencyDescriptor, forwarded: boolean, referenced: boolean): void {
    for (let target = 0; target < dependency.decodeTargetCount; target++) {
      const dti = dependency.dtis[target];
      if (dti === DecodeTargetIndication.NotPresent) continue;
      if (!forwarded) this.intact &= ~(1 << target);
      else if (dti === DecodeTargetIndication.Switch && referenced) this.intact |= 1 << target;
    }
  }

  /** What did not come may belong to any target; only what is part of the current one will be forwarded when it does. */
  private gap(): void {
    this.intact &= this.within;
    this.stale = true;
  }

  /** A frame that others have overtaken: as it would have been decided at its time. */
  private lateFrame(dependency: DependencyDescriptor, structure: DependencyStructure): boolean {
    const { frameNumber } = dependency;
    const target = this.log.targetOf(frameNumber);
    // What is older than the key frame may have been made by another structure.
    const readable = seqDiff(frameNumber, this.keyFrameNumber) >= 0 && target < dependency.decodeTargetCount;
    const forwarded =
      readable && target >= 0 && dependency.dtis[target] !== DecodeTargetIndication.NotPresent;
    this.log.set(frameNumber, forwarded ? FrameState.Forwarded : FrameState.Skipped, target);
    if (readable) this.account(dependency, forwarded, false);
    if (frameNumber === this.missing) {
      this.missing = this.current < 0 ? -1 : this.missingLink(dependency, structure);
      this.broken = this.broken && this.missing >= 0;
    }
    // It begins what newer frames were not decided by.
    if (dependency.keyFrame) this.incomplete = true;
    return forwarded;
  }

  /** The chain of a target links the frames that it cannot do without: one that stays missing breaks it. */
  private watchChain(
    packet: ForwardedPacket,
    dependency: DependencyDescriptor,
    structure: DependencyStructure,
  ): void {
    if (this.missing < 0) {
      this.missing = this.missingLink(dependency, structure);
      this.missingSince = packet.timestamp;
    }
    if (this.missing >= 0 && tsDiff(packet.timestamp, this.missingSince) > GRACE) this.broken = true;
  }

  /** The frame before in the chain, when it is missing; without chains any missing frame that this one refers to. Or -1. */
  private missingLink(dependency: DependencyDescriptor, structure: DependencyStructure): number {
    const { log, current } = this;
    const { frameNumber } = dependency;
    if (structure.chainCount > 0) {
      const distance = dependency.chainFdiffs[structure.protectedBy[current]];
      const previous = (frameNumber - distance) & 0xffff;
      return distance > 0 && log.stateOf(previous) === FrameState.Missing ? previous : -1;
    }
    if (dependency.dtis[current] === DecodeTargetIndication.NotPresent) return -1;
    for (let index = 0; index < dependency.fdiffCount; index++) {
      const reference = (frameNumber - dependency.fdiffs[index]) & 0xffff;
      if (log.stateOf(reference) === FrameState.Missing) return reference;
    }
    return -1;
  }
}

/** The decode targets that this frame is part of; bit i for target i. */
function presentTargets(dependency: DependencyDescriptor): number {
  let targets = 0;
  for (let target = 0; target < dependency.decodeTargetCount; target++) {
    if (dependency.dtis[target] !== DecodeTargetIndication.NotPresent) targets |= 1 << target;
  }
  return targets;
}

/** The decode targets that this frame is a switch point of; bit i for target i. */
function switchTargets(dependency: DependencyDescriptor): number {
  let targets = 0;
  for (let target = 0; target < dependency.decodeTargetCount; target++) {
    if (dependency.dtis[target] === DecodeTargetIndication.Switch) targets |= 1 << target;
  }
  return targets;
}
