import { setTimeout as wait } from 'node:timers/promises';

/** Asks again and again until the answer is true. For what only polling can tell, such as the statistics of a browser. */
export async function until(
  what: string,
  ask: () => Promise<boolean>,
  { limitMs = 15_000, everyMs = 100 } = {},
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms for: ${what}`);
    await wait(everyMs);
  }
}
