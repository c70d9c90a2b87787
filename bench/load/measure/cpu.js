// @ts-check
/** Processor time and memory of running processes, read from /proc (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of 1/100 s: what Linux reports to user space on every architecture. */
const MICROSECONDS_PER_TICK = 10_000;

/** @typedef {{ user: number, system: number }} CpuTimes in microseconds */

/**
 * User and system time of whole processes with all their threads, also those that have ended.
 * @param {number[]} pids
 * @returns {CpuTimes}
 */
export function cpuTimes(pids) {
  const sum = { user: 0, system: 0 };
  for (const pid of pids) {
    const { user, system } = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    sum.user += user;
    sum.system += system;
  }
  return sum;
}

/**
 * @param {CpuTimes} before
 * @param {CpuTimes} after
 * @returns {CpuTimes}
 */
export function cpuBetween(before, after) {
  return { user: after.user - before.user, system: after.system - before.system };
}

/**
 * Times of each living thread, to see what besides the forwarding thread costs (compiler, garbage collector).
 * @param {number[]} pids
 * @returns {Map<string, CpuTimes & { name: string }>} by process and thread id
 */
export function threadTimes(pids) {
  const threads = new Map();
  for (const pid of pids) {
    for (const tid of readdirSync(`/proc/${pid}/task`)) {
      try {
        const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1');
        threads.set(`${pid}/${tid}`, { name: /\((.*)\)/s.exec(stat)?.[1] ?? '', ...parseStat(stat) });
      } catch {
        // Ended between the two reads.
      }
    }
  }
  return threads;
}

/**
 * Resident memory of the processes together, bytes.
 * @param {number[]} pids
 */
export function residentBytes(pids) {
  let sum = 0;
  for (const pid of pids) {
    const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    sum += Number(kib ?? 0) * 1024;
  }
  return sum;
}

/** @param {string} stat one line of /proc/PID/stat */
function parseStat(stat) {
  // proc(5): the name, field 2, may hold spaces and parentheses; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    user: Number(fields[11]) * MICROSECONDS_PER_TICK,
    system: Number(fields[12]) * MICROSECONDS_PER_TICK,
  };
}
