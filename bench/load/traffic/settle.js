// @ts-check
/**
 * What a server does once after people have joined is not to be in the figures of every packet: V8 compiles what is called
 * often, and some eight seconds later collects what setting up has left, both on other threads of the server's core.
 */
import { wait } from './wait.js';

const LONGEST_MS = 12_000;

/** Twice the measurement's length, bounded: a short trial stays short. @param {number} seconds of the measurement */
export function settle(seconds) {
  return wait(Math.min(LONGEST_MS, seconds * 2000));
}
