/** One direction of a path: a bottleneck with its queue, then the way to the other end. All times in milliseconds. */
export interface LinkOptions {
  /** The first step at 0. `Infinity` is no bottleneck, 0 lets nothing pass until the next step. */
  capacity: readonly CapacityStep[];
  /** Propagation, after the bottleneck. */
  delayMs: number;
  /** The queue drops what would wait longer than this at the capacity of the moment. Default 300 (RFC 8867 section 4.2). */
  queueMs?: number;
  /** Instead of `queueMs`. */
  queueBytes?: number;
  jitter?: Jitter;
  /** Part of the packets that vanish after the bottleneck, each independently of the others. */
  loss?: number;
  burstLoss?: BurstLoss;
  /** All that leaves the bottleneck in these times is lost. Capacity 0 is another thing: it keeps what fits the queue. */
  outages?: readonly { from: number; to: number }[];
  reordering?: Reordering;
  /** Part of the packets that arrive twice. */
  duplication?: number;
}

export interface CapacityStep {
  at: number;
  bps: number;
}

/** Extra delay of each packet: a truncated normal distribution from 0 to `maxMs`, centred (RFC 8868 section 4.5.1). */
export interface Jitter {
  deviationMs: number;
  maxMs: number;
  /** A packet may overtake another. Default false: it waits for those before it. */
  reorders?: boolean;
}

/** Gilbert-Elliott: two states, one of which loses packets. Probabilities per packet. */
export interface BurstLoss {
  enter: number;
  leave: number;
  lossInside: number;
}

/** Some packets take `delayMs` more and are overtaken. */
export interface Reordering {
  probability: number;
  delayMs: number;
}

/** The capacity at a time. */
export function capacityAt(steps: readonly CapacityStep[], time: number): number {
  let bps = 0;
  for (const step of steps) if (step.at <= time) bps = step.bps;
  return bps;
}
