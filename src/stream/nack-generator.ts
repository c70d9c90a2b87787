import { seqAdd, seqDiff } from '../rtp/sequence.js';

/** Milliseconds that a gap may be mere reordering before it is asked for. */
export const NACK_REORDER_MS = 10;
/** Milliseconds between looks at the list (mediasoup: 40). */
export const NACK_INTERVAL_MS = 40;
/** Requests per packet; after that its frame is given up. */
export const NACK_MAX_TRIES = 10;
/** Milliseconds, or round trips if those are longer, after which a packet would come too late to be shown. */
export const NACK_MAX_AGE_MS = 1500;
const MAX_AGE_ROUND_TRIPS = 3;
/** Missing packets that are still worth asking for one by one; more means an outage, and a key frame is cheaper. */
export const NACK_MAX_MISSING = 256;
/** A jump further than this is a restart of the stream, not loss. */
const MAX_JUMP = 1000;

interface Missing {
  sequenceNumber: number;
  /** When the gap was noticed. */
  since: number;
  /** When it may be asked for next. */
  dueAt: number;
  tries: number;
}

/**
 * Asks the sender for what did not arrive (RFC 4585 generic NACK). Requests for one packet are at least a round trip apart,
 * so that an answer on its way is not asked for again; when there is too much or it takes too long, `giveUp` says that a
 * key frame is the way out.
 */
export class NackGenerator {
  /** In sequence order: what is noticed later is newer. Loss is rare, so a small array is the fitting shape. */
  private missing: Missing[] = [];
  private highest = -1;
  /** Requests: lists of packets. */
  nackCount = 0;
  /** Packets asked for, repeats included. */
  nackedPackets = 0;
  /** Times that the list was thrown away in favour of a key frame. */
  givenUp = 0;

  /**
   * @returns false when the stream is beyond repair and wants a key frame
   */
  receive(now: number, sequenceNumber: number): boolean {
    if (this.highest < 0) {
      this.highest = sequenceNumber;
      return true;
    }
    const ahead = seqDiff(sequenceNumber, this.highest);
    if (ahead <= 0) {
      if (this.missing.length > 0) this.remove(sequenceNumber);
      return true;
    }
    if (ahead > MAX_JUMP || this.missing.length + ahead - 1 > NACK_MAX_MISSING) {
      this.highest = sequenceNumber;
      return this.abandon();
    }
    for (let gap = 1; gap < ahead; gap++) {
      this.missing.push({
        sequenceNumber: seqAdd(this.highest, gap),
        since: now,
        dueAt: now + NACK_REORDER_MS,
        tries: 0,
      });
    }
    this.highest = sequenceNumber;
    return true;
  }

  /** A complete key frame makes older gaps pointless. */
  keyFrame(sequenceNumber: number): void {
    if (this.missing.length > 0) {
      this.missing = this.missing.filter((entry) => seqDiff(entry.sequenceNumber, sequenceNumber) >= 0);
    }
  }

  /** Earliest time at which handleTimeout has something to do; Infinity when nothing is missing. */
  nextTimeout(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const entry of this.missing) if (entry.dueAt < earliest) earliest = entry.dueAt;
    return earliest;
  }

  /**
   * Writes the numbers to ask for now, in order, into `into` and counts them.
   * @param roundTripMs of the sender, to space repeats
   * @returns false when a packet was asked for too often or too long: a key frame is needed
   */
  handleTimeout(now: number, roundTripMs: number, into: number[]): boolean {
    into.length = 0;
    const tooOld = now - Math.max(NACK_MAX_AGE_MS, roundTripMs * MAX_AGE_ROUND_TRIPS);
    for (const entry of this.missing) {
      if (entry.dueAt > now) continue;
      if (entry.tries >= NACK_MAX_TRIES || (entry.tries > 0 && entry.since < tooOld)) {
        into.length = 0;
        return this.abandon();
      }
      entry.tries += 1;
      entry.dueAt = now + Math.max(NACK_INTERVAL_MS, roundTripMs * 1.1);
      into.push(entry.sequenceNumber);
    }
    this.nackedPackets += into.length;
    if (into.length > 0) this.nackCount += 1;
    return true;
  }

  /** Nobody needs what is missing: no more is asked for it. What is noticed from now on is. */
  forget(): void {
    this.missing.length = 0;
  }

  reset(): void {
    this.missing = [];
    this.highest = -1;
  }

  get pending(): number {
    return this.missing.length;
  }

  private abandon(): boolean {
    this.missing = [];
    this.givenUp += 1;
    return false;
  }

  private remove(sequenceNumber: number): void {
    const index = this.missing.findIndex((entry) => entry.sequenceNumber === sequenceNumber);
    if (index >= 0) this.missing.splice(index, 1);
  }
}
