import fc from 'fast-check';
import { TransportFeedback } from '#src/rtp/rtcp/transport-feedback.js';

/** Feedback as the parser would give it. `arrivals`: milliseconds since the reference time, null for not received. */
export function feedback(
  baseSequence: number,
  arrivals: readonly (number | null)[],
  referenceTime = 0,
  feedbackPacketCount = 0,
): TransportFeedback {
  const view = new TransportFeedback();
  fill(view, baseSequence, arrivals, referenceTime, feedbackPacketCount);
  return view;
}

export function fill(
  view: TransportFeedback,
  baseSequence: number,
  arrivals: readonly (number | null)[],
  referenceTime: number,
  feedbackPacketCount: number,
): void {
  view.baseSequence = baseSequence;
  view.referenceTime = referenceTime;
  view.feedbackPacketCount = feedbackPacketCount;
  view.statusCount = arrivals.length;
  view.receivedCount = 0;
  let ticks = 0;
  arrivals.forEach((arrival, index) => {
    if (arrival !== null) {
      ticks = Math.round(arrival * 4);
      view.receivedCount++;
    }
    view.statuses[index] = arrival === null ? 0 : 2;
    view.arrivalTicks[index] = ticks;
  });
}

/** Anything that the parser may let through. */
export const anyFeedback = fc
  .record({
    baseSequence: fc.integer({ min: 0, max: 0xffff }),
    referenceTime: fc.integer({ min: 0, max: 0xffffff }),
    count: fc.integer({ min: 0, max: 255 }),
    arrivals: fc.array(fc.option(fc.integer({ min: -8000, max: 8000 })), { minLength: 1, maxLength: 200 }),
  })
  .map(({ baseSequence, referenceTime, count, arrivals }) =>
    feedback(baseSequence, arrivals, referenceTime, count),
  );

/** The same numbers for the same seed, 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
