import { randomInt } from 'node:crypto';

/** Gives the first SSRC of a run; the following ones count up from it. */
export type RandomSsrc = () => number;

/** Nine digits: easy to read in logs, and far enough from the end of the range to count up. */
export const randomSsrc: RandomSsrc = () => randomInt(100_000_000, 1_000_000_000);
