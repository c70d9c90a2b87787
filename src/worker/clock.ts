import { performance } from 'node:perf_hooks';

/** The thread's one clock: monotonic milliseconds with fractions, from some moment before the thread's start. */
export function monotonicNow(): number {
  return performance.now();
}

/**
 * Milliseconds between the Unix epoch and `monotonicNow() === 0`. Taken once, so that a correction of the system's
 * clock does not make timestamps jump.
 */
export const wallClockOffset: number = Date.now() - performance.now();
