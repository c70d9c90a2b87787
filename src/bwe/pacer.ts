// Hot path: admits() and spent() run once per packet and receiver. They allocate nothing.
import { type ProbeCluster } from './congestion-types.js';
import { type PacedOwner, PacedQueue } from './paced-queue.js';
import { PACKET_OVERHEAD } from './packet-overhead.js';

export { type PacedOwner } from './paced-queue.js';

/** Milliseconds of the rate that may go out at once; more than twice as much shows as delay at the bottleneck. */
const BURST_MS = 10;
/** Bits; two full packets, so that a low rate does not mean a timer for each ... */
const MIN_BURST = 2 * 1200 * 8;
/** ... but so many milliseconds on a narrow link, where two packets are a queue that holds up sound. */
const NARROW_BURST_MS = 20;
const MAX_BURST = 32 * 1024 * 8;
/** Milliseconds of the rate that are sent together while there is a queue: fewer timers. */
const QUANTUM_MS = 5;
/** Milliseconds that the queue may take; the pace is raised when the rate is too low for that. */
const QUEUE_TIME_LIMIT_MS = 500;
const LEAST_TIME_LEFT_MS = 50;
/** Milliseconds after which nobody needs a packet any more: its decoder went on without it. */
const MAX_AGE_MS = 2000;
/** Milliseconds of the rate: who overdraws by more (audio may) is forgiven the rest. */
const MAX_DEBT_MS = 500;
const MAX_PER_RUN = 128;

/** Milliseconds of a probe sent together; a timer cannot do much finer. */
const PROBE_QUANTUM_MS = 2;
/** Milliseconds of delay that a probe makes up for; after more it goes on as if it had begun later. */
const PROBE_CATCH_UP_MS = 5;
const MIN_PADDING = 200;
const MAX_PADDING = 1200;

/** Fills a probe up when there is no media to fill it with. */
export interface PaddingSource {
  /** @returns bytes put on the wire, 0 when it cannot */
  sendPadding(now: number, bytes: number, probeCluster: number): number;
}

/**
 * Spreads what goes to one receiver over time, so that a key frame does not fill the queue of the bottleneck
 * (libwebrtc: modules/pacing/pacing_controller, bitrate_prober). What was sent is a debt that shrinks with time at the
 * set rate; while the debt is within the burst, packets go out directly and nothing is queued or scheduled.
 */
export class Pacer {
  /** Entries given up because they waited too long. */
  expired = 0;
  /** The probe being sent, -1 when there is none. */
  probeCluster = -1;

  private readonly retransmissions = new PacedQueue();
  private readonly media = new PacedQueue();
  private rate = 300_000;
  private burst = MIN_BURST;
  /** Bits, as of `settledAt`. */
  private debt = 0;
  private settledAt = 0;
  private probeBitrate = 0;
  private probeLeadIn = false;
  private probeMinBytes = 0;
  private probeMinPackets = 0;
  private probeBytes = 0;
  private probePackets = 0;
  private probeStartedAt = Number.NaN;

  constructor(private readonly padding: PaddingSource) {}

  get queuedBytes(): number {
    return this.retransmissions.bytes + this.media.bytes;
  }

  get queuedPackets(): number {
    return this.retransmissions.length + this.media.length;
  }

  /** @param bitrate bits per second with packet overhead, above 0; @param narrow even small bursts would be heard */
  setRate(now: number, bitrate: number, narrow = false): void {
    this.settle(now);
    this.rate = bitrate;
    const least = narrow ? Math.min(MIN_BURST, (bitrate * NARROW_BURST_MS) / 1000) : MIN_BURST;
    this.burst = Math.min(MAX_BURST, Math.max(least, (bitrate * BURST_MS) / 1000));
  }

  /** Nothing waits and the rate allows a packet: send it directly, then say spent(). */
  admits(now: number): boolean {
    if (this.media.length !== 0 || this.retransmissions.length !== 0) return false;
    this.settle(now);
    return this.debt <= this.burst;
  }

  /** Something was sent directly, allowed or (audio) not. */
  spent(now: number, bytes: number): void {
    this.settle(now);
    this.owe(bytes);
    if (this.probeCluster >= 0) this.probeSent(bytes);
  }

  /** @returns false when there is no room: the packet is lost, the caller counts it */
  enqueue(
    now: number,
    owner: PacedOwner,
    output: number,
    input: number,
    era: number,
    rtx: boolean,
    bytes: number,
  ): boolean {
    this.settle(now);
    if (!rtx) return this.media.push(now, owner, output, input, era, bytes);
    if (bitsOf(this.retransmissions) * 1000 > this.rate * QUEUE_TIME_LIMIT_MS) return false;
    return this.retransmissions.push(now, owner, output, input, era, bytes);
  }

  /** Sends what may go now: retransmissions first, they are late already; then media in order. */
  run(now: number): void {
    this.settle(now);
    this.expire(now, this.retransmissions);
    this.expire(now, this.media);
    let left = MAX_PER_RUN;
    if (this.probeCluster >= 0) left = this.runProbe(now, left);
    for (; left > 0 && this.debt <= this.burst && this.queuedPackets > 0; left--) this.sendOne(now);
  }

  /** When run() has something to do: Infinity while nothing waits and no probe is being sent. */
  nextTimeout(): number {
    let next = this.probeCluster < 0 ? Number.POSITIVE_INFINITY : this.probeDueAt();
    if (this.queuedPackets > 0) {
      const pace = this.pace(this.settledAt);
      const quantum = Math.min(this.burst / 2, (pace * QUANTUM_MS) / 1000);
      const excess = this.debt - this.burst + quantum;
      next = Math.min(next, this.settledAt + (Math.max(0, excess) * 1000) / pace);
    }
    return next;
  }

  /** Forgets what waits of a stream that has ended or stopped. */
  remove(owner: PacedOwner): void {
    this.retransmissions.remove(owner);
    this.media.remove(owner);
  }

  /** Milliseconds that what waits would take at the set rate. */
  queueDelayMs(now: number): number {
    this.settle(now);
    return (this.queuedBits * 1000) / this.rate;
  }

  /** Sends at the bitrate of the cluster from the next run() on: media as far as there is any, padding else. */
  startProbe(cluster: ProbeCluster): void {
    this.probeCluster = cluster.id;
    this.probeBitrate = cluster.bitrate;
    this.probeLeadIn = cluster.leadIn === true;
    this.probeMinBytes = cluster.minBytes;
    this.probeMinPackets = cluster.minPackets;
    this.probeBytes = 0;
    this.probePackets = 0;
    this.probeStartedAt = Number.NaN;
  }

  private get queuedBits(): number {
    return bitsOf(this.media) + bitsOf(this.retransmissions);
  }

  private runProbe(now: number, budget: number): number {
    if (Number.isNaN(this.probeStartedAt)) this.probeStartedAt = now;
    const late = now - this.probeDueAt() - PROBE_CATCH_UP_MS;
    if (late > 0) this.probeStartedAt += late;
    const allowed = ((now - this.probeStartedAt + PROBE_QUANTUM_MS) * this.probeBitrate) / 8000;
    const share = Math.ceil(this.probeMinBytes / Math.max(1, this.probeMinPackets));
    const size = Math.min(MAX_PADDING, Math.max(MIN_PADDING, share - PACKET_OVERHEAD));
    let left = budget;
    for (; left > 0 && this.probeCluster >= 0 && this.probeBytes < allowed; left--) {
      // A large first packet takes so long on a narrow link that those after it seem to come as fast as they were sent.
      if (this.queuedPackets > 0 && (this.probePackets > 0 || !this.probeLeadIn)) {
        this.sendOne(now);
        continue;
      }
      // Padding is no debt: media that comes after a probe does not wait for it.
      const bytes = this.padding.sendPadding(now, size, this.probeCluster);
      if (bytes === 0) this.probeCluster = -1;
      else this.probeSent(bytes);
    }
    return left;
  }

  private probeDueAt(): number {
    if (Number.isNaN(this.probeStartedAt)) return this.settledAt;
    return this.probeStartedAt + (this.probeBytes * 8000) / this.probeBitrate;
  }

  private probeSent(bytes: number): void {
    this.probeBytes += bytes + PACKET_OVERHEAD;
    this.probePackets += 1;
    if (this.probeBytes >= this.probeMinBytes && this.probePackets >= this.probeMinPackets) {
      this.probeCluster = -1;
    }
  }

  private sendOne(now: number): void {
    const rtx = this.retransmissions.length > 0;
    const bytes = (rtx ? this.retransmissions : this.media).send(now, rtx, this.probeCluster);
    if (bytes === 0) return;
    this.owe(bytes);
    if (this.probeCluster >= 0) this.probeSent(bytes);
  }

  private owe(bytes: number): void {
    const most = this.burst + (this.rate * MAX_DEBT_MS) / 1000;
    this.debt = Math.min(most, this.debt + (bytes + PACKET_OVERHEAD) * 8);
  }

  private settle(now: number): void {
    if (now <= this.settledAt) return;
    this.debt = Math.max(0, this.debt - ((now - this.settledAt) * this.pace(now)) / 1000);
    this.settledAt = now;
  }

  /** The rate, or more when the queue would take too long or a probe is being sent. */
  private pace(now: number): number {
    let pace = this.rate;
    if (this.probeCluster >= 0 && this.probeBitrate > pace) pace = this.probeBitrate;
    // Retransmissions do not raise it: who lost much has no room for more.
    if (this.media.length === 0) return pace;
    const timeLeft = Math.max(LEAST_TIME_LEFT_MS, QUEUE_TIME_LIMIT_MS - (now - this.media.since));
    return Math.max(pace, (bitsOf(this.media) * 1000) / timeLeft);
  }

  private expire(now: number, queue: PacedQueue): void {
    while (now - queue.since > MAX_AGE_MS) {
      queue.shift();
      this.expired += 1;
    }
  }
}

function bitsOf({ bytes, length }: PacedQueue): number {
  return (bytes + length * PACKET_OVERHEAD) * 8;
}
