import type { Link, Packet } from './link.js';
import type { TcpFlowPlan } from './plan.js';
import type { Random } from './random.js';
import { Alarm, type VirtualTime } from './virtual-time.js';

const SEGMENT_BYTES = 1500;
const ACK_BYTES = 52;
const INITIAL_WINDOW = 10;
/** A segment is lost when one sent so many later has arrived. */
const REORDERING = 3;
const MIN_TIMEOUT_MS = 200;
/** CUBIC (RFC 9438): the window after a loss, and how steep the curve is. */
const BETA = 0.7;
const C = 0.4;

interface Segment extends Packet {
  number: number;
  sentAt: number;
}

/** A TCP sender with selective acknowledgements and CUBIC: one long transfer, or downloads with idle times between. */
export class TcpFlow {
  private window = INITIAL_WINDOW;
  private threshold = Infinity;
  private windowAtLoss = 0;
  private epochStart = -1;
  private recoverUntil = -1;
  private next = 0;
  private highestAcked = -1;
  /** Segments of the present transfer that are yet to be sent. */
  private toSend = 0;
  private readonly outstanding = new Map<number, number>();
  private roundTrip = 0;
  private deviation = 0;
  private timeouts = 0;
  private readonly timeout: Alarm;

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly flow: number,
    private readonly plan: TcpFlowPlan,
    private readonly link: Link,
    private readonly returnLink: Link,
  ) {
    this.timeout = new Alarm(time, () => this.handleTimeout());
    const idle = plan.downloads?.startsIdle ? random.exponential(plan.downloads.meanIdleMs) : 0;
    time.at(plan.start + idle, () => this.startTransfer());
  }

  /** At the far end. */
  receive(now: number, segment: Segment): void {
    const ack = { flow: -1, bytes: ACK_BYTES, number: segment.number, sentAt: segment.sentAt };
    if (now < this.plan.stop + 10_000) this.returnLink.send(ack, this.acknowledged, this.plan.accessDelayMs);
  }

  private readonly acknowledged = {
    receive: (now: number, ack: Segment): void => {
      if (!this.outstanding.delete(ack.number)) return;
      this.measure(now - ack.sentAt);
      this.timeouts = 0;
      this.highestAcked = Math.max(this.highestAcked, ack.number);
      this.findLosses(now);
      this.grow(now);
      this.sendMore();
    },
  };

  private startTransfer(): void {
    const { downloads, stop } = this.plan;
    if (this.time.now >= stop) return;
    this.window = INITIAL_WINDOW;
    this.threshold = Infinity;
    this.epochStart = -1;
    this.toSend =
      downloads === undefined
        ? Infinity
        : Math.ceil(this.random.between(downloads.minBytes, downloads.maxBytes) / SEGMENT_BYTES);
    this.sendMore();
  }

  private sendMore(): void {
    const { now } = this.time;
    if (now >= this.plan.stop) return this.timeout.set(Infinity);
    while (this.toSend > 0 && this.outstanding.size < Math.floor(this.window)) {
      this.toSend--;
      const segment = { flow: this.flow, bytes: SEGMENT_BYTES, number: this.next++, sentAt: now };
      this.outstanding.set(segment.number, now);
      this.link.send(segment, this, this.plan.accessDelayMs);
    }
    if (this.outstanding.size > 0) return this.timeout.set(now + this.timeoutMs());
    this.timeout.set(Infinity);
    const { downloads } = this.plan;
    if (downloads !== undefined)
      this.time.after(this.random.exponential(downloads.meanIdleMs), () => this.startTransfer());
  }

  private findLosses(now: number): void {
    let reduce = false;
    for (const number of this.outstanding.keys()) {
      if (number > this.highestAcked - REORDERING) break;
      this.outstanding.delete(number);
      this.toSend++;
      if (number > this.recoverUntil) reduce = true;
    }
    if (!reduce) return;
    this.recoverUntil = this.next - 1;
    this.windowAtLoss = this.window;
    this.window = Math.max(2, this.window * BETA);
    this.threshold = this.window;
    this.epochStart = now;
  }

  private grow(now: number): void {
    if (this.highestAcked <= this.recoverUntil) return;
    if (this.window < this.threshold) {
      this.window += 1;
      return;
    }
    if (this.epochStart < 0) {
      this.epochStart = now;
      this.windowAtLoss = this.window;
    }
    const seconds = (now - this.epochStart + this.roundTrip) / 1000;
    const plateau = Math.cbrt((this.windowAtLoss * (1 - BETA)) / C);
    const cubic = C * (seconds - plateau) ** 3 + this.windowAtLoss;
    // As fast as Reno at least.
    const rounds = (now - this.epochStart) / Math.max(1, this.roundTrip);
    const friendly = this.windowAtLoss * BETA + ((3 * (1 - BETA)) / (1 + BETA)) * rounds;
    const goal = Math.min(1.5 * this.window, Math.max(cubic, friendly));
    if (goal > this.window) this.window += (goal - this.window) / this.window;
  }

  private handleTimeout(): void {
    this.toSend += this.outstanding.size;
    this.outstanding.clear();
    this.threshold = Math.max(2, this.window * BETA);
    this.windowAtLoss = this.window;
    this.window = 1;
    this.epochStart = -1;
    this.recoverUntil = this.next - 1;
    this.timeouts++;
    this.sendMore();
  }

  private measure(roundTrip: number): void {
    if (this.roundTrip === 0) {
      this.roundTrip = roundTrip;
      this.deviation = roundTrip / 2;
      return;
    }
    this.deviation += (Math.abs(roundTrip - this.roundTrip) - this.deviation) / 4;
    this.roundTrip += (roundTrip - this.roundTrip) / 8;
  }

  private timeoutMs(): number {
    const base = this.roundTrip === 0 ? 1000 : this.roundTrip + Math.max(MIN_TIMEOUT_MS, 4 * this.deviation);
    return Math.min(60_000, base * 2 ** this.timeouts);
  }
}
