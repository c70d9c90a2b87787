/** The epochs that one page has: what it sends with, what it can still read, and when that changes. Time is an argument. */
import type { Member } from './room-secret.js';

export interface Epoch {
  number: number;
  keyId: number;
  roomKey: CryptoKey;
  /** Who made it. */
  makerId: string;
  members: Member[];
}

export interface KnownEpoch extends Epoch {
  activateAt: number;
  /** Infinity: the newest. */
  dropAt: number;
  /** Of our own making: to be sent again to whom it was lost. */
  message: string | null;
  unsentSince: number | null;
}

/** What is sent changes so long after an epoch came, ms: most others have it by then, and the rest holds what it gets. */
export const ACTIVATION_MS = 100;
/** An old epoch can be read for so long after a newer one came, ms. */
export const GRACE_MS = 10_000;

export class EpochBook {
  #epochs: KnownEpoch[] = [];
  #newest: KnownEpoch | null = null;
  #sending: KnownEpoch | null = null;
  #highest = 0;
  /** No epoch comes twice. */
  readonly #used = new Set<number>();

  /** All that can be read with. */
  get all(): readonly KnownEpoch[] {
    return this.#epochs;
  }

  get newest(): KnownEpoch | null {
    return this.#newest;
  }

  get sending(): KnownEpoch | null {
    return this.#sending;
  }

  /** Greatest number heard of in this stay. */
  get highest(): number {
    return this.#highest;
  }

  heardOf(number: number): void {
    this.#highest = Math.max(this.#highest, number);
  }

  /** A stay begins: nothing of before is sent with any more, though it can be read for a while. */
  begin(now: number): void {
    for (const epoch of this.#epochs) epoch.dropAt = Math.min(epoch.dropAt, now + GRACE_MS);
    this.#newest = this.#sending = null;
    this.#highest = 0;
  }

  /** Null: it was here before. It may be older than the newest, and is read then. */
  add(now: number, epoch: Epoch, message: string | null): KnownEpoch | null {
    this.heardOf(epoch.number);
    if (this.#used.has(epoch.keyId)) return null;
    this.#used.add(epoch.keyId);
    const known: KnownEpoch = {
      ...epoch,
      ...{ message, unsentSince: null },
      activateAt: this.#sending ? now + ACTIVATION_MS : now,
      dropAt: Infinity,
    };
    this.#epochs.push(known);
    const { newest } = this;
    if (newest && compareEpochs(known, newest) < 0) {
      known.dropAt = now + GRACE_MS;
    } else {
      if (newest) newest.dropAt = now + GRACE_MS;
      this.#newest = known;
    }
    return known;
  }

  /** Drops and activates what is due. */
  settle(now: number): void {
    this.#epochs = this.#epochs.filter(({ dropAt }) => dropAt > now);
    if (this.#newest && now >= this.#newest.activateAt) this.#sending = this.#newest;
  }

  /** When `settle` has something to do; Infinity: never. */
  get next(): number {
    const activateAt = this.#newest && this.#newest !== this.#sending ? this.#newest.activateAt : Infinity;
    return Math.min(activateAt, ...this.#epochs.map(({ dropAt }) => dropAt));
  }
}

/** Of two epochs everybody sends with the greater one. */
export function compareEpochs(
  a: Pick<Epoch, 'number' | 'keyId'>,
  b: Pick<Epoch, 'number' | 'keyId'>,
): number {
  return a.number - b.number || a.keyId - b.keyId;
}
