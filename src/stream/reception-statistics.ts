// Hot path: receive() runs once per received packet. It allocates nothing.
import { SequenceUnwrapper } from '../rtp/sequence.js';

/** Jumps further than this are a new start of the source, not loss (RFC 3550 A.1: MAX_DROPOUT). */
const MAX_DROPOUT = 3000;

/**
 * What a receiver reports about one source: RFC 3550 section 6.4.1 and appendix A.3 (loss) and A.8 (jitter).
 * Retransmissions repair `cumulativeLost`, but are left out of jitter.
 */
export class ReceptionStatistics {
  private readonly unwrapper = new SequenceUnwrapper();
  private base = 0;
  private highest = 0;
  private started = false;
  private received = 0;
  private expectedBefore = 0;
  private receivedBefore = 0;
  private lastTransit = 0;
  private jitterTicks = 0;
  /** Of the last report interval, 0..255 (256ths). */
  fractionLost = 0;

  /** @param clockRate of the codec, Hz */
  constructor(private readonly clockRate: number) {}

  receive(now: number, sequenceNumber: number, timestamp: number): void {
    let extended = this.unwrapper.unwrap(sequenceNumber);
    if (!this.started || Math.abs(extended - this.highest) > MAX_DROPOUT) {
      this.unwrapper.reset();
      extended = this.unwrapper.unwrap(sequenceNumber);
      this.start(extended, now, timestamp);
    }
    this.received += 1;
    if (extended < this.base) this.base = extended;
    if (extended < this.highest) return;
    this.highest = extended;
    const transit = this.transit(now, timestamp);
    let difference = (transit - this.lastTransit) | 0;
    this.lastTransit = transit;
    if (difference < 0) difference = -difference;
    this.jitterTicks += (difference - this.jitterTicks) / 16;
  }

  /** A packet came back through retransmission: it is no longer lost. */
  repaired(): void {
    this.received += 1;
  }

  /** Ends a report interval: fractionLost is of the packets since the last call. */
  closeInterval(): void {
    const expected = this.expectedPackets - this.expectedBefore;
    const received = this.received - this.receivedBefore;
    this.expectedBefore = this.expectedPackets;
    this.receivedBefore = this.received;
    const lost = expected - received;
    this.fractionLost = expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected));
  }

  /** Extended highest sequence number as reported, 32 bits. */
  get extendedHighest(): number {
    return this.highest >>> 0;
  }

  /** Packets, signed 24 bits; below zero with duplicates. */
  get cumulativeLost(): number {
    return Math.max(-0x800000, Math.min(0x7fffff, this.expectedPackets - this.received));
  }

  /** Clock ticks. */
  get jitter(): number {
    return Math.floor(this.jitterTicks);
  }

  /** Since the source began (again). */
  get expectedPackets(): number {
    return this.started ? this.highest - this.base + 1 : 0;
  }

  /** Since the source began (again); what came back through retransmission is among them. */
  get receivedPackets(): number {
    return this.received;
  }

  private start(extended: number, now: number, timestamp: number): void {
    this.base = extended;
    this.highest = extended - 1;
    this.received = 0;
    this.expectedBefore = 0;
    this.receivedBefore = 0;
    this.lastTransit = this.transit(now, timestamp);
    this.started = true;
  }

  /** Arrival minus media time in ticks, modulo 2^32: only differences of it mean anything. */
  private transit(now: number, timestamp: number): number {
    return (Math.floor((now / 1000) * this.clockRate) - timestamp) | 0;
  }
}
