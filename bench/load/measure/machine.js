// @ts-check
/** What a figure was measured on. */
import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';

/** @returns {{ cpu: string, cores: number, memoryGiB: number, system: string, kernel: string, node: string }} */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: systemName(),
    kernel: `${release()} ${arch()}`,
    node: process.version,
  };
}

function systemName() {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}
