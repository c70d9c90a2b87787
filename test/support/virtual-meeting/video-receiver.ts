import type { RtpPacket } from '#src/rtp/rtp-packet.js';
import { tsDiff } from '#src/rtp/sequence.js';
import type { VirtualTime } from '../netem/virtual-time.js';
import { FrameAssembly } from './frame-assembly.js';
import { JitterBuffer } from './jitter-buffer.js';
import { Playback } from './playback.js';
import { type CompleteFrame, Vp8References } from './vp8-references.js';

/** Milliseconds without a frame that can be decoded, while packets come, until a key frame is asked for. */
const PATIENCE_MS = 300;
/** Packets that came so long ago are no reason to ask. */
const FRESH_MS = 1000;
const MAX_BUFFER_MS = 500;
const BUFFER_DECAY = 20;
const DECODED_KEPT = 1000;

/** Sees a video as a browser does: frames are put together, decoded when their references are, and shown smoothly. */
export class VideoReceiver {
  readonly playback = new Playback();
  readonly assembly: FrameAssembly;
  /** Frames that were complete but could not be decoded in time. */
  undecoded = 0;
  completeFrames = 0;
  private readonly references: Vp8References;
  private readonly buffer = new JitterBuffer(10, MAX_BUFFER_MS, BUFFER_DECAY);
  private readonly decoded = new Set<number>();
  private waiting: CompleteFrame[] = [];
  private lastShown = -1;
  private shownAt = 0;
  private firstTimestamp = -1;
  private undecodableSince = Number.NaN;
  private packetAt = Number.NEGATIVE_INFINITY;
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly time: VirtualTime,
    mimeType: string,
    /** Nothing before this number is needed any more. */
    private readonly keyFrameFrom: (sequence: number) => void,
  ) {
    const byDescriptor = mimeType === 'video/AV1';
    this.references = new Vp8References((frame) => this.decode(frame));
    this.assembly = new FrameAssembly(byDescriptor, (frame) => {
      this.completeFrames += 1;
      if (byDescriptor) this.decode(frame);
      else this.references.add(frame);
    });
  }

  receive(sequence: number, packet: RtpPacket): void {
    this.packetAt = this.time.now;
    if (Number.isNaN(this.undecodableSince)) this.undecodableSince = this.time.now;
    this.assembly.add(sequence, packet);
  }

  /** Whether a key frame should be asked for now; asked about every few milliseconds. */
  wantsKeyFrame(now: number): boolean {
    if (now - this.undecodableSince < PATIENCE_MS || Number.isNaN(this.undecodableSince)) return false;
    if (now - this.packetAt > FRESH_MS || now - this.askedAt < PATIENCE_MS) return false;
    this.askedAt = now;
    return true;
  }

  private decode(frame: CompleteFrame): void {
    this.waiting.push(frame);
    for (let again = true; again;) {
      again = false;
      const waiting = this.waiting;
      this.waiting = [];
      for (const one of waiting) {
        if (!one.references.every((id) => this.decoded.has(id))) this.waiting.push(one);
        else {
          this.decodeNow(one);
          again = true;
        }
      }
    }
    while (this.waiting.length > 100) {
      this.waiting.shift();
      this.undecoded += 1;
    }
  }

  private decodeNow(frame: CompleteFrame): void {
    const { now } = this.time;
    this.decoded.add(frame.id);
    this.decoded.delete(frame.id - DECODED_KEPT);
    this.undecodableSince = Number.NaN;
    if (frame.key) this.keyFrameFrom(frame.firstSequence);
    // Of a picture with several spatial layers the last frame is shown.
    if (!frame.last) return;
    if (this.firstTimestamp < 0) this.firstTimestamp = frame.timestamp;
    const mediaMs = tsDiff(frame.timestamp, this.firstTimestamp) / 90;
    this.buffer.adapt(now, this.buffer.observe(now, mediaMs));
    const at = Math.max(now, this.buffer.playAt(mediaMs), this.shownAt);
    this.time.at(at, () => this.show(frame));
  }

  private show(frame: CompleteFrame): void {
    if (frame.id <= this.lastShown) return;
    this.lastShown = frame.id;
    this.shownAt = this.time.now;
    const { layer, temporalLayer, key } = frame;
    this.playback.shown.push({ at: this.time.now, layer, temporalLayer, key });
  }
}
