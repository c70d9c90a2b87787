import { capacityAt, type LinkOptions } from './link-options.js';
import { LinkRecord, type LossCause } from './link-record.js';
import type { Random } from './random.js';
import { Alarm, type VirtualTime } from './virtual-time.js';

export interface Packet {
  /** -1: feedback, acknowledgement, padding. */
  readonly flow: number;
  /** On the wire, with all headers. */
  readonly bytes: number;
}

export interface PacketReceiver<P extends Packet> {
  receive(now: number, packet: P): void;
}

interface Waiting {
  packet: Packet;
  receiver: PacketReceiver<Packet>;
  extraDelayMs: number;
  since: number;
}

/** A drop-tail bottleneck of changing capacity, then propagation with all that can go wrong on the way. */
export class Link {
  readonly record = new LinkRecord();
  private bps: number;
  /** The queue limit in milliseconds goes by this one while nothing passes. */
  private lastUsableBps: number;
  private readonly waiting: Waiting[] = [];
  private first = 0;
  private queuedBytes = 0;
  private remainingBits = 0;
  private progressAt = 0;
  private readonly departure: Alarm;
  private inBurst = false;
  private readonly lastArrival = new Map<PacketReceiver<Packet>, number>();

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly options: LinkOptions,
  ) {
    this.bps = capacityAt(options.capacity, 0);
    this.lastUsableBps = this.bps;
    this.departure = new Alarm(time, () => this.depart());
    for (const step of options.capacity)
      if (step.at > 0) time.at(step.at, () => this.changeCapacity(step.bps));
  }

  /** `extraDelayMs`: propagation of this flow's own, beyond the shared link. */
  send<P extends Packet>(packet: P, receiver: PacketReceiver<P>, extraDelayMs = 0): void {
    const target = receiver as PacketReceiver<Packet>;
    const entry = { packet, receiver: target, extraDelayMs, since: this.time.now };
    if (this.bps === Infinity && this.queuedBytes === 0) return this.leave(entry, 0);
    if (this.queuedBytes > 0 && this.queuedBytes + packet.bytes > this.queueLimit()) {
      return this.lose(packet, 'queue');
    }
    this.waiting.push(entry);
    this.queuedBytes += packet.bytes;
    if (this.waiting.length - this.first === 1) this.serveNext();
  }

  private queueLimit(): number {
    const { queueBytes, queueMs = 300 } = this.options;
    return queueBytes ?? (queueMs * this.lastUsableBps) / 8000;
  }

  private serveNext(): void {
    this.remainingBits = this.waiting[this.first].packet.bytes * 8;
    this.progressAt = this.time.now;
    this.planDeparture();
  }

  private planDeparture(): void {
    this.departure.set(this.bps === 0 ? Infinity : this.time.now + (this.remainingBits / this.bps) * 1000);
  }

  private changeCapacity(bps: number): void {
    if (this.first < this.waiting.length) {
      const passed = this.time.now - this.progressAt;
      if (passed > 0) this.remainingBits = Math.max(0, this.remainingBits - (passed * this.bps) / 1000);
    }
    this.progressAt = this.time.now;
    this.bps = bps;
    if (bps > 0) this.lastUsableBps = bps;
    if (this.first < this.waiting.length) this.planDeparture();
  }

  private depart(): void {
    const entry = this.waiting[this.first++];
    this.queuedBytes -= entry.packet.bytes;
    if (this.first > 256 && this.first * 2 > this.waiting.length) {
      this.waiting.splice(0, this.first);
      this.first = 0;
    }
    const transmission = (entry.packet.bytes * 8000) / this.bps;
    this.leave(entry, Math.max(0, this.time.now - entry.since - transmission));
    if (this.first < this.waiting.length) this.serveNext();
  }

  private leave(entry: Waiting, queueDelay: number): void {
    const { packet } = entry;
    this.record.served(this.time.now, queueDelay, packet.flow, packet.bytes);
    const cause = this.lossOnTheWay();
    if (cause !== null) return this.lose(packet, cause);
    this.propagate(entry);
    if (this.random.chance(this.options.duplication ?? 0)) this.propagate(entry);
  }

  private propagate({ packet, receiver, extraDelayMs }: Waiting): void {
    const { delayMs, jitter, reordering } = this.options;
    let arrival = this.time.now + delayMs + extraDelayMs;
    if (jitter !== undefined) {
      const extra = this.random.normal(jitter.maxMs / 2, jitter.deviationMs);
      arrival += Math.min(jitter.maxMs, Math.max(0, extra));
    }
    if (reordering !== undefined && this.random.chance(reordering.probability)) {
      // Does not hold up those behind it.
      arrival += reordering.delayMs;
    } else if (jitter?.reorders !== true) {
      arrival = Math.max(arrival, this.lastArrival.get(receiver) ?? 0);
      this.lastArrival.set(receiver, arrival);
    }
    this.time.at(arrival, () => receiver.receive(this.time.now, packet));
  }

  private lossOnTheWay(): LossCause | null {
    const { loss = 0, burstLoss, outages } = this.options;
    const { now } = this.time;
    if (outages?.some(({ from, to }) => now >= from && now < to)) return 'outage';
    if (this.random.chance(loss)) return 'random';
    if (burstLoss === undefined) return null;
    this.inBurst = this.inBurst ? !this.random.chance(burstLoss.leave) : this.random.chance(burstLoss.enter);
    return this.inBurst && this.random.chance(burstLoss.lossInside) ? 'burst' : null;
  }

  private lose(packet: Packet, cause: LossCause): void {
    this.record.lost.push({ at: this.time.now, flow: packet.flow, cause });
  }
}
