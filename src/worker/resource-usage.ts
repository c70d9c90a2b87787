import { readFileSync } from 'node:fs';
import { resourceUsage } from 'node:process';
import type { WorkerResourceUsage } from './entity-types.js';

/** Linux reports thread times in ticks of 1/100 s to user space on every architecture. */
const TICK_MS = 10;

/**
 * CPU time of the calling thread, everything else of the process (threads share their memory and counters).
 * Where the system gives no times for one thread (not Linux), those of the process.
 */
export function threadResourceUsage(): WorkerResourceUsage {
  const usage = resourceUsage();
  const thread = threadTimes();
  return {
    ru_utime: thread?.user ?? Math.round(usage.userCPUTime / 1000),
    ru_stime: thread?.system ?? Math.round(usage.systemCPUTime / 1000),
    ru_maxrss: usage.maxRSS,
    ru_ixrss: usage.sharedMemorySize,
    ru_idrss: usage.unsharedDataSize,
    ru_isrss: usage.unsharedStackSize,
    ru_minflt: usage.minorPageFault,
    ru_majflt: usage.majorPageFault,
    ru_nswap: usage.swappedOut,
    ru_inblock: usage.fsRead,
    ru_oublock: usage.fsWrite,
    ru_msgsnd: usage.ipcSent,
    ru_msgrcv: usage.ipcReceived,
    ru_nsignals: usage.signalsCount,
    ru_nvcsw: usage.voluntaryContextSwitches,
    ru_nivcsw: usage.involuntaryContextSwitches,
  };
}

function threadTimes(): { user: number; system: number } | undefined {
  let stat: string;
  try {
    stat = readFileSync('/proc/thread-self/stat', 'latin1');
  } catch {
    return undefined;
  }
  // proc(5): the name, field 2, may hold spaces and parentheses; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) * TICK_MS, system: Number(fields[12]) * TICK_MS };
}
