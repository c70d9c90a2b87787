// @ts-check
/**
 * Which core does what. The server has the first allowed core for itself, traffic and sinks run on the second, so that
 * neither disturbs the other's figures.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Cores that this process may use, lowest first. */
export function allowedCores() {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** @returns {{ server: string, traffic: string, pinned: boolean }} core lists as taskset takes them */
export function planCores(serverCores = 1) {
  const cores = allowedCores();
  const pinned = cores.length > serverCores && hasTaskset();
  if (!pinned) return { server: cores.join(','), traffic: cores.join(','), pinned };
  return {
    server: cores.slice(0, serverCores).join(','),
    traffic: cores.slice(serverCores).join(','),
    pinned,
  };
}

/**
 * Moves this process with all its threads.
 * @param {string} cores
 */
export function pinSelf(cores) {
  execFileSync('taskset', ['-apc', cores, String(process.pid)], { stdio: 'ignore' });
}

export function hasTaskset() {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
