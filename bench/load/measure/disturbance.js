// @ts-check
/** What else the machine did meanwhile: a figure from a busy machine is worth less, and the result says so. */
import { readFileSync } from 'node:fs';
import { cpuTimes } from './cpu.js';

const MICROSECONDS_PER_TICK = 10_000;

/** @typedef {{ busy: number, stolen: number, known: number }} MachineTimes microseconds, of all cores */

/**
 * @param {number[]} pids of the server; this process is added
 * @returns {MachineTimes}
 */
export function machineTimes(pids) {
  const line = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? '';
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0, stolen = 0] = line
    .split(' ')
    .map((ticks) => Number(ticks) * MICROSECONDS_PER_TICK);
  const known = cpuTimes([...pids, process.pid]);
  return { busy: user + nice + system + interrupts + soft, stolen, known: known.user + known.system };
}

/**
 * @param {MachineTimes} before
 * @param {MachineTimes} after
 * @param {number} elapsed microseconds
 * @returns {number} percent of one core that went to others, or was taken by the hypervisor
 */
export function disturbance(before, after, elapsed) {
  const others = after.busy - before.busy - (after.known - before.known);
  return Math.max(0, ((others + after.stolen - before.stolen) / elapsed) * 100);
}
