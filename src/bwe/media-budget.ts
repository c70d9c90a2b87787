// Hot path: sent() runs once per packet. It allocates nothing.
import { RateMeter } from '../stream/rate-meter.js';
import { PACKET_OVERHEAD } from './packet-overhead.js';

/** Retransmissions take at most this part from the media: what needs more is not saved by repair. */
const MAX_REPAIR_SHARE = 0.15;
/** Milliseconds: a longer queue that does not go away is sent too much into; a key frame's queue goes away. */
const QUEUE_ALLOWED_MS = 100;
const QUEUE_LASTS_MS = 1000;
/** Then the share of the estimate that is given out falls by so much a second; and slowly rises again without a queue. */
const SHARE_FALL = 0.5;
const SHARE_RISE = 0.05;
const MIN_SHARE = 0.3;

/** What an estimate leaves for video: after packet overhead and repair, and after a queue that stays. */
export class MediaBudget {
  /** What part of the estimate may be given out: less when streams send more than they are said to. */
  share = 1;
  private readonly repairRate = new RateMeter();
  private readonly overheadRate = new RateMeter();
  private queueSince = Number.NaN;
  private observedAt = 0;

  /** The windows begin here: the first packet is then no rate yet. */
  start(now: number): void {
    this.repairRate.add(now, 0);
    this.overheadRate.add(now, 0);
  }

  /** Any packet but padding. */
  sent(now: number, bytes: number, rtx: boolean): void {
    this.overheadRate.add(now, PACKET_OVERHEAD);
    if (rtx) this.repairRate.add(now, bytes);
  }

  /** How long the pacer's queue is now, in milliseconds at its rate; to be told with every feedback. */
  observeQueue(now: number, queueMs: number): void {
    const seconds = Math.min(1, (now - this.observedAt) / 1000);
    this.observedAt = now;
    if (queueMs <= QUEUE_ALLOWED_MS) {
      this.queueSince = Number.NaN;
      this.share = Math.min(1, this.share + SHARE_RISE * seconds);
      return;
    }
    if (Number.isNaN(this.queueSince)) this.queueSince = now;
    else if (now - this.queueSince >= QUEUE_LASTS_MS) {
      this.share = Math.max(MIN_SHARE, this.share - SHARE_FALL * seconds);
    }
  }

  /** @returns bps that go to neither video nor audio while what is sent now is sent */
  extra(now: number, estimate: number): number {
    return this.overheadRate.rate(now) + Math.min(this.repairRate.rate(now), estimate * MAX_REPAIR_SHARE);
  }
}
