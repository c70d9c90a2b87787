import { parseArgs } from 'node:util';

/** Seconds per measurement, from `--seconds`; default 1. */
export function secondsPerCase() {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '1' } } });
  return Number(values.seconds);
}

/**
 * Runs `turn` for about the given time after a warm-up and returns nanoseconds per packet.
 * @param {() => number} turn does some work and says how many packets that was
 */
export function nanosecondsPerPacket(turn, seconds) {
  run(turn, seconds / 2);
  const { packets, elapsed } = run(turn, seconds);
  return Math.round((elapsed * 1e6) / packets);
}

function run(turn, seconds) {
  const start = performance.now();
  const end = start + seconds * 1000;
  let packets = 0;
  while (performance.now() < end) for (let n = 0; n < 20; n++) packets += turn();
  return { packets, elapsed: performance.now() - start };
}
