import { tsDiff } from '../rtp/sequence.js';
import { ntpToUnixMs } from './ntp.js';

/**
 * How one sender's NTP clock relates to ours. All its streams share it: audio and video then keep the relation that the
 * sender gave them, whatever jitter each met on the way.
 */
export class SenderClock {
  private offset = Number.NaN;

  /**
   * The smallest difference seen is the one with the least queueing in it; it may rise slowly so that a clock that
   * drifts is followed.
   * @param arrivalMs ours
   * @param senderMs theirs, from a sender report
   */
  observe(arrivalMs: number, senderMs: number): void {
    const sample = arrivalMs - senderMs;
    if (Number.isNaN(this.offset) || sample < this.offset || sample - this.offset > 2000)
      this.offset = sample;
    else this.offset += Math.min(sample - this.offset, 0.5);
  }

  get known(): boolean {
    return !Number.isNaN(this.offset);
  }

  /** Our time to the sender's. */
  toSender(nowMs: number): number {
    return nowMs - this.offset;
  }
}

/** What the last sender report of a stream said: its media time at a moment of the sender's clock (RFC 3550 6.4.1). */
export class SenderReportMapping {
  private senderMs = Number.NaN;
  private rtpTimestamp = 0;

  constructor(
    private readonly clock: SenderClock,
    private readonly clockRate: number,
  ) {}

  update(now: number, seconds: number, fraction: number, rtpTimestamp: number): void {
    this.senderMs = ntpToUnixMs(seconds, fraction);
    this.rtpTimestamp = rtpTimestamp;
    this.clock.observe(now, this.senderMs);
  }

  get known(): boolean {
    return !Number.isNaN(this.senderMs);
  }

  /** The stream's RTP timestamp (32 bits) for media captured so that it would arrive now. */
  timestampAt(now: number): number {
    return this.timestampOf(this.clock.toSender(now));
  }

  /** The stream's RTP timestamp (32 bits) at a time of the sender's clock, in ms. */
  timestampOf(senderMs: number): number {
    return (this.rtpTimestamp + Math.round(((senderMs - this.senderMs) / 1000) * this.clockRate)) >>> 0;
  }

  /** The sender's time in ms at which a packet with this timestamp was captured. */
  captureTime(timestamp: number): number {
    return this.senderMs + (tsDiff(timestamp, this.rtpTimestamp) / this.clockRate) * 1000;
  }
}
