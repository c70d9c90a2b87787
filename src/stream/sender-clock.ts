import { tsDiff } from '../rtp/sequence.js';
import { ntpToUnixMs } from './ntp.js';

/** Milliseconds that two reports of one clock may lie apart, by the delay that each met; more is another clock. */
const SAME_CLOCK_MS = 2000;
/** Clocks of one transport that are told apart: programs that send to one plain transport, each with its own. */
const MAX_CLOCKS = 8;
/** Milliseconds by which the offset follows a report that met more delay: a drifting clock, not a queue. */
const DRIFT_STEP_MS = 0.5;

/** The offset between one clock of a sender's and ours. */
class ClockOffset {
  constructor(
    public offset: number,
    public observedAt: number,
  ) {}

  fits(sample: number): boolean {
    return Math.abs(sample - this.offset) <= SAME_CLOCK_MS;
  }

  /** The smallest difference seen is the one with the least queueing in it; it may rise slowly. */
  observe(now: number, sample: number): void {
    this.observedAt = now;
    if (sample < this.offset) this.offset = sample;
    else this.offset += Math.min(sample - this.offset, DRIFT_STEP_MS);
  }
}

/**
 * How the NTP clocks behind one transport relate to ours. All streams of one sender share its clock: audio and video then
 * keep the relation that the sender gave them, whatever jitter each met on the way. Two senders on one transport (programs
 * on machines whose clocks are far apart) have a clock each; which one a stream goes by shows in its reports.
 */
export class SenderClock {
  private readonly clocks: ClockOffset[] = [];

  /**
   * @param arrivalMs ours
   * @param senderMs theirs, from a sender report
   * @param current the clock that the stream went by until now
   * @returns the clock that it goes by
   */
  observe(arrivalMs: number, senderMs: number, current: ClockOffset | null): ClockOffset {
    const sample = arrivalMs - senderMs;
    const fitting = current?.fits(sample) ? current : this.clocks.find((clock) => clock.fits(sample));
    const clock = fitting ?? this.add(arrivalMs, sample);
    clock.observe(arrivalMs, sample);
    return clock;
  }

  private add(now: number, sample: number): ClockOffset {
    if (this.clocks.length === MAX_CLOCKS) {
      const ages = this.clocks.map((clock) => clock.observedAt);
      this.clocks.splice(ages.indexOf(Math.min(...ages)), 1);
    }
    const clock = new ClockOffset(sample, now);
    this.clocks.push(clock);
    return clock;
  }
}

/** What the last sender report of a stream said: its media time at a moment of the sender's clock (RFC 3550 6.4.1). */
export class SenderReportMapping {
  private senderMs = Number.NaN;
  private rtpTimestamp = 0;
  private source: ClockOffset | null = null;

  constructor(
    private readonly clock: SenderClock,
    private readonly clockRate: number,
  ) {}

  update(now: number, seconds: number, fraction: number, rtpTimestamp: number): void {
    this.senderMs = ntpToUnixMs(seconds, fraction);
    this.rtpTimestamp = rtpTimestamp;
    this.source = this.clock.observe(now, this.senderMs, this.source);
  }

  get known(): boolean {
    return this.source !== null;
  }

  /** The stream's RTP timestamp (32 bits) for media captured so that it would arrive now; only when `known`. */
  timestampAt(now: number): number {
    return this.source === null ? 0 : this.timestampOf(now - this.source.offset);
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
