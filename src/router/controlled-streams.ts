import { type AllocationDecision, type AllocationOptions, StreamAllocator } from '../bwe/stream-allocator.js';
import { type ControlledStream } from './congestion-host.js';

/** The streams of one transport under congestion control, and how they share the bitrate. */
export class ControlledStreams {
  /** bps that audio takes, as of the last measure(). */
  audioBitrate = 0;

  private readonly allocator = new StreamAllocator();
  private readonly all: ControlledStream[] = [];
  private readonly videos: ControlledStream[] = [];

  add(stream: ControlledStream): void {
    this.all.push(stream);
  }

  /** @returns whether it was here */
  remove(stream: ControlledStream): boolean {
    const index = this.all.indexOf(stream);
    if (index >= 0) this.all.splice(index, 1);
    return index >= 0;
  }

  /** Looks at what the streams offer and cost now. */
  measure(now: number): void {
    this.audioBitrate = 0;
    this.videos.length = 0;
    for (const stream of this.all) {
      if (!stream.active) continue;
      if (stream.kind === 'audio') {
        this.audioBitrate += stream.bitrate(now);
        continue;
      }
      stream.updateRungs(now);
      this.videos.push(stream);
    }
  }

  /**
   * Tells each video stream that was measured what it may send.
   * @param bitrate bps for all of them
   */
  allocate(now: number, bitrate: number, options: AllocationOptions): void {
    const granted = this.allocator.allocate(now, bitrate, this.videos, options);
    for (const [index, stream] of this.videos.entries()) {
      if (stream.rungs.length === 0) continue;
      if (granted[index] < 0) {
        stream.setTargetLayers(now, -1, -1);
        continue;
      }
      const { spatialLayer, temporalLayer } = stream.rungs[granted[index]];
      stream.setTargetLayers(now, spatialLayer, temporalLayer);
    }
  }

  /**
   * One padding packet over the RTX stream of a video that is being watched: receivers expect probes there, as they
   * send their own that way. @returns bytes put on the wire, 0 when no stream can
   */
  sendPadding(now: number, bytes: number, probeCluster: number): number {
    for (const stream of this.all) {
      if (stream.kind !== 'video' || !stream.active || stream.current < 0) continue;
      const sent = stream.sendPadding(now, bytes, probeCluster);
      if (sent > 0) return sent;
    }
    return 0;
  }

  /** What waits is from before, and of no use without what was lost. */
  pathRestored(now: number, pacer: { remove(owner: ControlledStream): void }): void {
    for (const stream of this.videos) {
      pacer.remove(stream);
      stream.pathRestored(now);
    }
  }

  get hasVideo(): boolean {
    return this.videos.length > 0;
  }

  /** bps of video: granted, and at the best that is on offer. */
  get allocatedBitrate(): number {
    return this.allocator.allocatedBitrate;
  }

  /** bps of the lowest rung of each. */
  get leastBitrate(): number {
    return this.videos.reduce((sum, { rungs }) => sum + (rungs.at(0)?.bitrate ?? 0), 0);
  }

  get wantedBitrate(): number {
    return this.allocator.wantedBitrate;
  }

  /** Of the last allocation, by stream id. */
  get decisions(): Record<string, AllocationDecision> {
    const named = this.allocator.decisions.map((decision, index) => [this.videos[index].id, decision]);
    return Object.fromEntries(named) as Record<string, AllocationDecision>;
  }
}
