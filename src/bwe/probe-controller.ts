// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/probe_controller.
import type { ProbeCluster } from './congestion-types.js';

/**
 * bps of the first probe, or so many times the estimate when that is less. It goes out before anything is known: 20 ms of it
 * are 50 ms of queue on a link of 250 kbps.
 */
const FIRST_BITRATE = 600_000;
const FIRST_FACTOR = 3;
/** A link that carried the first probe undisturbed has the next one, at most, as 60 ms of queue. */
const SECOND_FACTOR = 4;
const FURTHER_FACTOR = 2;
/** Of what was tried: with less than that coming through, a probe has found the limit. */
const UNDISTURBED = 0.85;
/** A probe that found so much of what it tried is followed by a higher one. */
const FURTHER_THRESHOLD = 0.7;
const PERIODIC_FACTOR = 2;
const AFTER_FAILURE_FACTOR = 1.4;
const MIN_INTERVAL_MS = 1500;
const MAX_INTERVAL_MS = 2200;
const INTERVAL_GROWTH = 1.25;
/** After a decrease the queue drains first. */
const AFTER_DECREASE_MS = 1000;
const AFTER_QUEUE_MS = 150;
const RESULT_TIMEOUT_MS = 1000;
/** A probe found nothing when it found less than this times the estimate. */
const SUCCESS = 1.05;
/** Room above what is wanted that lets the allocator take the step; bps at the least. */
const HEADROOM = 1.3;
const LEAST_HEADROOM = 60_000;
const SATISFIED = 1.15;
const LEAST_SATISFIED = 45_000;
/** A probe lasts so long, or so many times the jitter, which blurs short ones. */
const MIN_DURATION_MS = 20;
const MAX_DURATION_MS = 40;
const DURATION_PER_JITTER = 3;
const MIN_PACKETS = 5;
const QUICK_MS = 500;

/** Decides when to try a higher bitrate for a moment, and which. */
export class ProbeController {
  /** The cluster whose result is awaited or came last; -1: none yet. */
  lastId = -1;
  /** Milliseconds by which packets come earlier or later than others. */
  jitterMs = 0;
  /** The link was found full not long ago, at about the present estimate. */
  nearCapacity = false;
  /** The first probes are under way: until they have an end, the estimate is what somebody thought of. */
  exploring = false;
  /** One of them left packets in a queue. */
  crowded = false;
  private explored = 0;
  private readonly queue: ProbeCluster[] = [];
  private nextId = 1;
  private started = false;
  private wanted = Number.POSITIVE_INFINITY;
  private maxBitrate = Number.POSITIVE_INFINITY;
  private intervalMs = MIN_INTERVAL_MS;
  private failed = false;
  private pendingResult = false;
  private lastBitrate = 0;
  private lastEstimate = 0;
  private lastTime = Number.NEGATIVE_INFINITY;
  private waitingUntil = Number.NEGATIVE_INFINITY;
  private holdUntil = Number.NEGATIVE_INFINITY;

  /**
   * The first probe, when sending starts; also when the estimate would do, because nothing speaks for it yet. Each that came
   * through undisturbed is followed by a higher one.
   */
  start(now: number, estimate: number): void {
    if (this.started) return;
    this.started = true;
    this.exploring = true;
    this.enqueue(now, Math.min(FIRST_BITRATE, FIRST_FACTOR * estimate), 0);
  }

  /** A probe at the start came through so badly that this is all there is. */
  isLimit(measured: number): boolean {
    return this.exploring && measured > 0 && measured < UNDISTURBED * this.lastBitrate;
  }

  setMaxBitrate(maxBitrate: number): void {
    this.maxBitrate = maxBitrate;
  }

  /** `wanted`: what could be used if there was room. More than before is tried out soon. */
  setWanted(now: number, wanted: number, estimate: number): void {
    const before = this.wanted;
    this.wanted = wanted;
    if (this.started && !this.exploring && wanted > before && this.needs(estimate)) {
      this.intervalMs = MIN_INTERVAL_MS;
      if (now >= this.waitingUntil && now - this.lastTime >= QUICK_MS && now >= this.holdUntil) {
        this.enqueue(now, FURTHER_FACTOR * estimate, estimate);
      }
    }
  }

  /** The estimate was lowered. */
  decreased(now: number): void {
    this.holdUntil = Math.max(this.holdUntil, now + AFTER_DECREASE_MS);
  }

  /** Packets wait in a queue: there is nothing to find, and a probe would make it longer. */
  congested(now: number): void {
    this.holdUntil = Math.max(this.holdUntil, now + AFTER_QUEUE_MS);
  }

  /** Tries a bitrate that was carried before, as soon as no other probe is under way. */
  request(now: number, bitrate: number, estimate: number): void {
    if (!this.started || bitrate <= estimate) return;
    this.enqueue(now, bitrate, estimate);
  }

  /** A bitrate came out of a cluster. */
  result(now: number, cluster: number, measured: number, estimate: number, goOn: boolean): void {
    if (cluster !== this.lastId) return;
    if (this.exploring) return this.explore(now, measured, estimate);
    this.failed = measured < SUCCESS * this.lastEstimate;
    if (this.failed) this.backOff();
    else this.intervalMs = MIN_INTERVAL_MS;
    this.waitingUntil = now;
    this.pendingResult = false;
    if (goOn && measured >= FURTHER_THRESHOLD * this.lastBitrate && !this.failed && this.needs(estimate)) {
      const next = FURTHER_FACTOR * measured;
      if (Math.min(next, this.limit) > SUCCESS * estimate) this.enqueue(now, next, estimate);
    }
  }

  private explore(now: number, measured: number, estimate: number): void {
    this.waitingUntil = now;
    this.pendingResult = false;
    this.failed = this.crowded || measured < UNDISTURBED * this.lastBitrate;
    this.exploring = !this.failed && this.needs(estimate);
    if (!this.exploring) return;
    this.explored += 1;
    this.enqueue(now, measured * (this.explored === 1 ? SECOND_FACTOR : FURTHER_FACTOR), estimate);
    this.exploring = this.queue.length > 0;
  }

  handleTimeout(now: number, estimate: number): void {
    const newest = this.exploring || this.waitingUntil > this.lastTime;
    if (newest && now >= this.waitingUntil && this.lastId >= 0 && this.pendingResult) {
      this.pendingResult = false;
      this.exploring = false;
      this.failed = true;
      this.backOff();
    }
    if (!this.started || this.exploring || now < this.nextTimeout(estimate)) return;
    this.enqueue(
      now,
      estimate * (this.failed || this.nearCapacity ? AFTER_FAILURE_FACTOR : PERIODIC_FACTOR),
      estimate,
    );
  }

  /** When the next probe is due, Infinity when there is nothing to find out. */
  nextTimeout(estimate: number): number {
    if (this.exploring) return this.pendingResult ? this.waitingUntil : Number.POSITIVE_INFINITY;
    if (!this.started || !this.needs(estimate)) return Number.POSITIVE_INFINITY;
    return Math.max(this.lastTime + this.intervalMs, this.waitingUntil, this.holdUntil);
  }

  take(now: number): ProbeCluster | null {
    const cluster = this.queue.shift();
    if (cluster === undefined) return null;
    this.lastId = cluster.id;
    this.lastBitrate = cluster.bitrate;
    this.lastTime = now;
    this.waitingUntil = now + RESULT_TIMEOUT_MS;
    this.pendingResult = true;
    return cluster;
  }

  private get limit(): number {
    return Math.min(this.maxBitrate, Math.max(this.wanted * HEADROOM, this.wanted + LEAST_HEADROOM));
  }

  private needs(estimate: number): boolean {
    const enough = Math.max(this.wanted * SATISFIED, this.wanted + LEAST_SATISFIED);
    return estimate < Math.min(this.maxBitrate, enough);
  }

  private backOff(): void {
    this.intervalMs = Math.min(this.intervalMs * INTERVAL_GROWTH, MAX_INTERVAL_MS);
  }

  private enqueue(now: number, bitrate: number, estimate: number): void {
    const target = Math.min(bitrate, this.limit);
    const duration = Math.max(
      MIN_DURATION_MS,
      Math.min(this.jitterMs * DURATION_PER_JITTER, MAX_DURATION_MS),
    );
    this.lastTime = now;
    this.lastEstimate = estimate;
    // Nobody could use what it would find.
    if (!(target > estimate)) return;
    this.queue.push({
      id: this.nextId++,
      bitrate: Math.round(target),
      minPackets: MIN_PACKETS,
      minBytes: Math.round((target * duration) / 8000),
      leadIn: true,
    });
  }
}
