/** Who is in the room as one page sees it, whose public key it knows, and who is to hand out the room key. Pure. */
import { type Bytes, compareBytes } from './bytes.js';
import type { Member } from './room-secret.js';

/** Whoever has not said hello after this time, ms, is not waited for: a browser that cannot encrypt. */
export const HELLO_PATIENCE_MS = 3_000;

interface Person {
  peerId: string;
  host: boolean;
  arrivedAt: number;
  /** The first one seen; another one is refused. */
  publicKey: Bytes | null;
}

/** Newcomers say hello sooner than this, ms, where all is well. */
const HELLO_USUAL_MS = 1_000;

/** In the order in which they came, as the server tells it to everybody. */
export class People {
  readonly #people = new Map<string, Person>();
  /** Who was ever here in this stay. */
  readonly #seen = new Set<string>();

  add(now: number, peerId: string, host: boolean, publicKey: Bytes | null = null): void {
    if (this.#people.has(peerId)) return;
    this.#people.set(peerId, { peerId, host, arrivedAt: now, publicKey });
    this.#seen.add(peerId);
  }

  remove(peerId: string): void {
    this.#people.delete(peerId);
  }

  has(peerId: string): boolean {
    return this.#people.has(peerId);
  }

  wasSeen(peerId: string): boolean {
    return this.#seen.has(peerId);
  }

  keyOf(peerId: string): Bytes | null {
    return this.#people.get(peerId)?.publicKey ?? null;
  }

  /** False: it is known by another key. */
  learn(peerId: string, publicKey: Bytes): boolean {
    const person = this.#people.get(peerId);
    if (!person) return true;
    person.publicKey ??= publicKey;
    return compareBytes(person.publicKey, publicKey) === 0;
  }

  /** All whose key is known: who an epoch should be for. */
  get members(): Member[] {
    return [...this.#people.values()].flatMap(({ peerId, publicKey }) =>
      publicKey ? [{ peerId, publicKey }] : [],
    );
  }

  /** Present without having said hello. */
  get silent(): string[] {
    return [...this.#people.values()].filter(({ publicKey }) => !publicKey).map(({ peerId }) => peerId);
  }

  /** How many come before this one in handing out keys: hosts first, then by the time they have been here. */
  rank(now: number, peerId: string): number {
    const able = [...this.#people.values()].filter(
      ({ publicKey, arrivedAt }) => publicKey !== null || now < arrivedAt + HELLO_PATIENCE_MS,
    );
    const order = [...able.filter(({ host }) => host), ...able.filter(({ host }) => !host)];
    return order.findIndex((person) => person.peerId === peerId);
  }

  /** Until when newcomers may be about to say hello; `now` or earlier: nobody is waited for. */
  helloDue(now: number): number {
    const due = [...this.#people.values()]
      .filter(({ publicKey }) => !publicKey)
      .map(({ arrivedAt }) => arrivedAt + HELLO_USUAL_MS);
    return Math.max(now, ...due);
  }

  /** When `rank` may change by itself; Infinity: never. */
  nextChange(now: number): number {
    const waited = [...this.#people.values()]
      .filter(({ publicKey }) => !publicKey)
      .map(({ arrivedAt }) => arrivedAt + HELLO_PATIENCE_MS)
      .filter((at) => at > now);
    return Math.min(Infinity, ...waited);
  }
}

export function sameMembers(a: readonly Member[], b: readonly Member[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ peerId, publicKey }) =>
      b.some((other) => other.peerId === peerId && compareBytes(other.publicKey, publicKey) === 0),
    )
  );
}
