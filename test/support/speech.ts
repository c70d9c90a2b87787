/** Audio levels as microphones make them, on virtual time: each person is a seeded pattern of -dBov values. */
import { type AudioLevelListener, type ObservedProducer } from '#src/router/rtp-observer.js';

/** Uniform over 0..1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** -dBov at a time. */
export type Voice = (now: number) => number;

/** A quiet room. */
export function background(random: () => number, level = 85): Voice {
  return () => Math.round(level + random() * 6);
}

/** Steady noise, such as a fan. */
export function noise(random: () => number, level: number): Voice {
  return () => Math.round(level + random() * 4);
}

/** Speech: words of 250-700 ms at about `level`, with breaks of 60-180 ms at the room's level. */
export function speech(random: () => number, level = 28, room = background(random)): Voice {
  let until = 0;
  let word = false;
  return (now) => {
    if (now >= until) {
      word = !word;
      until = now + (word ? 250 + random() * 450 : 60 + random() * 120);
    }
    return word ? Math.round(level + (random() - 0.5) * 16) : room(now);
  };
}

/** `voice` in the given stretches, `otherwise` outside. Milliseconds, ends not included. */
export function during(
  stretches: readonly (readonly [number, number])[],
  voice: Voice,
  otherwise: Voice,
): Voice {
  return (now) => (stretches.some(([from, to]) => now >= from && now < to) ? voice(now) : otherwise(now));
}

/** A producer without a stream behind it. */
export class FakeProducer implements ObservedProducer {
  readonly audioLevelListeners: AudioLevelListener[] = [];
  paused = false;

  constructor(
    readonly id: string,
    readonly kind: 'audio' | 'video' = 'audio',
  ) {}

  /** One packet, as Producer tells it. */
  packet(now: number, level: number): void {
    if (this.paused) return;
    for (const listener of this.audioLevelListeners) listener.audioLevel(now, this, level, level < 60);
  }
}
