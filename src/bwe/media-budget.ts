// Hot path: sent() runs once per packet. It allocates nothing.
import { RateMeter } from '../stream/rate-meter.js';
import { PACKET_OVERHEAD } from './packet-overhead.js';

/** Retransmissions take at most this part from the media: what needs more is not saved by repair. */
const MAX_REPAIR_SHARE = 0.15;
/** Milliseconds: a longer queue that does not go away is sent too much into; a key frame's queue goes away. */
const QUEUE_ALLOWED_MS = 100;
const QUEUE_LASTS_MS = 1000;
/** Then so much less is allocated that the queue is gone after this time; at the most half. */
const QUEUE_DRAIN_MS = 1000;
const MAX_DRAIN_SHARE = 0.5;

/** What an estimate leaves for video: after packet overhead and repair, and after a queue that stays. */
export class MediaBudget {
  private readonly repairRate = new RateMeter();
  private readonly overheadRate = new RateMeter();
  private queueMs = 0;
  private queueSince = Number.NaN;

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
    this.queueMs = queueMs;
    if (queueMs <= QUEUE_ALLOWED_MS) this.queueSince = Number.NaN;
    else if (Number.isNaN(this.queueSince)) this.queueSince = now;
  }

  /** @returns bps that go to neither video nor audio while what is sent now is sent */
  extra(now: number, estimate: number): number {
    return this.overheadRate.rate(now) + Math.min(this.repairRate.rate(now), estimate * MAX_REPAIR_SHARE);
  }

  /** What part of the estimate may be used while a queue has to drain: 1 when none has to. */
  share(now: number): number {
    if (!(now - this.queueSince >= QUEUE_LASTS_MS)) return 1;
    return 1 - Math.min(MAX_DRAIN_SHARE, (this.queueMs - QUEUE_ALLOWED_MS) / QUEUE_DRAIN_MS);
  }
}
