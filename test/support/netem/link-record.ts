/** Why a packet did not arrive. */
export type LossCause = 'queue' | 'random' | 'burst' | 'outage';

export interface LostPacket {
  at: number;
  flow: number;
  cause: LossCause;
}

/** What happened at one link, packet by packet. Flow -1: feedback, acknowledgements, padding. */
export class LinkRecord {
  /** When each packet left the bottleneck, how long it had waited there, whose it was, how large it was. */
  readonly servedAt: number[] = [];
  readonly queueDelay: number[] = [];
  readonly flow: number[] = [];
  readonly bytes: number[] = [];
  readonly lost: LostPacket[] = [];

  served(at: number, queueDelay: number, flow: number, bytes: number): void {
    this.servedAt.push(at);
    this.queueDelay.push(queueDelay);
    this.flow.push(flow);
    this.bytes.push(bytes);
  }

  /** Bits that left the bottleneck, of all flows or of one; never of flow -1. */
  bits(from: number, to: number, flow?: number): number {
    let bytes = 0;
    for (let i = this.firstAfter(from); i < this.servedAt.length && this.servedAt[i] < to; i++) {
      if (flow === undefined ? this.flow[i] >= 0 : this.flow[i] === flow) bytes += this.bytes[i];
    }
    return bytes * 8;
  }

  /** The first index with `servedAt` not before `time`. */
  firstAfter(time: number): number {
    let low = 0;
    let high = this.servedAt.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.servedAt[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
