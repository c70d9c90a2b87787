import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';

/** From when to when, in milliseconds as `Date.now()` counts them, which all processes of the machine share. */
export interface Span {
  from: number;
  to: number;
}

/** What is told at all. An idle machine is rarely so late; it can be enough to make an estimate of bandwidth fall. */
const LATE_MS = 40;

/**
 * Tells when the machine or one of its processors stood still, measured in processes of their own which do nothing else,
 * one bound to each processor. No server, browser or test has a part in it: their work delays a sleeper by a few
 * milliseconds, since the system lets it go first.
 */
export class MachineClock {
  readonly #stalls: Span[] = [];

  private constructor() {}

  static async start(t: Test): Promise<MachineClock> {
    const clock = new MachineClock();
    const node = [process.execPath, '-e', `(${tick.toString()})(${LATE_MS})`];
    const processors = boundable();
    const commands = processors.map((processor) => ['taskset', '-c', String(processor), ...node]);
    if (commands.length === 0) commands.push(node);
    await Promise.all(commands.map((command) => clock.#listen(t, command)));
    return clock;
  }

  async #listen(t: Test, [program, ...parameters]: string[]): Promise<void> {
    const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => {
      const span = JSON.parse(line) as Span | null;
      if (span !== null) this.#stalls.push(span);
    });
    await once(lines, 'line');
  }

  /** Of 40 ms and more. */
  stallsSince(time: number): Span[] {
    return this.#stalls.filter(({ to }) => to >= time);
  }
}

/** Numbers of the processors that a process of ours may be bound to; none when the system has no means for it. */
function boundable(): number[] {
  if (spawnSync('taskset', ['--version']).error !== undefined) return [];
  let status: string;
  try {
    status = readFileSync('/proc/self/status', 'latin1');
  } catch {
    return [];
  }
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * In the child. It prints a line when it runs, and one for each time when it woke up too late, or when the host of a
 * virtual machine took one of its processors away: that one may be another than the one that woke the sleeper.
 */
function tick(lateMs: number): void {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const tell = (span: Span | null): void => console.log(JSON.stringify(span));
  const looks: { at: number; stolen: number[] }[] = [];
  /** Milliseconds of each processor. */
  const stolen = (): number[] => {
    try {
      const lines = readFileSync('/proc/stat', 'latin1').split('\n');
      // A tick of this file is 10 ms on every Linux.
      return lines.filter((line) => /^cpu\d/.test(line)).map((line) => Number(line.split(/ +/)[8]) * 10);
    } catch {
      return [];
    }
  };
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now - last >= lateMs) tell({ from: last, to: now });
    last = now;
  }, 10);
  setInterval(() => {
    const look = { at: Date.now(), stolen: stolen() };
    looks.push(look);
    if (looks.length > 5) looks.shift();
    const [{ at, stolen: before }] = looks;
    if (!look.stolen.some((milliseconds, cpu) => milliseconds - before[cpu] >= lateMs)) return;
    tell({ from: at, to: look.at });
    looks.length = 0;
  }, 50);
  tell(null);
}
