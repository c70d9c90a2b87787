/** Long for what happens within milliseconds, short of tap's own timeout, which would not say what was awaited. */
const AT_MOST_MS = 30_000;

/** Asks again and again, for what tells nobody when it comes true; rejects with the condition's own text when it is late. */
export async function until(condition: () => boolean, everyMs = 1): Promise<void> {
  const end = performance.now() + AT_MOST_MS;
  while (!condition()) {
    if (performance.now() > end)
      throw new Error(`not so within ${AT_MOST_MS / 1000} s: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
