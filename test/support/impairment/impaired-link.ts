/** What a lifetime of datagrams in one direction goes through; `ImpairedLink` does it to them. */
export interface LinkSettings {
  /** Bits per second on the wire, IP and UDP headers counted. Infinity: no limit and no queue. */
  capacity: number;
  /** What finds the queue this long or longer is dropped, in milliseconds at the present capacity. */
  queueLimit: number;
  /** One way, in milliseconds. */
  delay: number;
  /** Each datagram gets between 0 and this many milliseconds on top; the order stays. */
  jitter: number;
  /** 0..1: the share that is lost at random, before the queue. */
  loss: number;
  /** Everything that arrives is dropped. What is under way already still comes through. */
  outage: boolean;
}

export const CLEAN_LINK: Readonly<LinkSettings> = {
  capacity: Infinity,
  queueLimit: 300,
  delay: 0,
  jitter: 0,
  loss: 0,
  outage: false,
};

/** Bytes are those of the datagrams' payload, without IP and UDP headers. */
export interface LinkCounters {
  packetsPassed: number;
  bytesPassed: number;
  lostAtRandom: number;
  lostInQueue: number;
  lostInOutage: number;
  /** The longest that anything waited in the queue, in milliseconds. */
  longestQueue: number;
}

/** IPv4 and UDP. */
export const HEADER_BYTES = 28;

interface Waiting<T> {
  item: T;
  bytes: number;
  /** Bytes on the wire that are still to be sent. */
  left: number;
  since: number;
}

/**
 * One direction of a bad network: random loss, then a bottleneck with a queue that drops at its tail, then delay and
 * jitter. Pure: time is an argument (milliseconds), randomness comes from the seed.
 */
export class ImpairedLink<T> {
  readonly counters: LinkCounters = {
    packetsPassed: 0,
    bytesPassed: 0,
    lostAtRandom: 0,
    lostInQueue: 0,
    lostInOutage: 0,
    longestQueue: 0,
  };
  #settings: LinkSettings;
  readonly #random: () => number;
  /** Before the bottleneck; the first one is being sent. */
  readonly #queue: Waiting<T>[] = [];
  #queuedBytes = 0;
  /** Behind it: ordered by time of arrival. */
  readonly #underWay: { item: T; bytes: number; due: number }[] = [];
  #now = -Infinity;
  #lastDue = -Infinity;

  constructor(settings: Partial<LinkSettings> = {}, seed = 1) {
    this.#settings = { ...CLEAN_LINK, ...settings };
    this.#random = randomFrom(seed);
  }

  get settings(): Readonly<LinkSettings> {
    return this.#settings;
  }

  /** Applies from `now` on, to what is waiting in the queue too. */
  change(now: number, settings: Partial<LinkSettings>): void {
    this.#advance(now);
    this.#settings = { ...this.#settings, ...settings };
    this.#advance(now);
  }

  /** @param bytes of the datagram's payload */
  push(now: number, item: T, bytes: number): void {
    this.#advance(now);
    const { outage, loss } = this.#settings;
    if (outage) {
      this.counters.lostInOutage++;
    } else if (loss > 0 && this.#random() < loss) {
      this.counters.lostAtRandom++;
    } else if (this.queueTime(now) >= this.#settings.queueLimit && this.#queue.length > 0) {
      this.counters.lostInQueue++;
    } else {
      const left = bytes + HEADER_BYTES;
      this.#queue.push({ item, bytes, left, since: now });
      this.#queuedBytes += left;
      this.#advance(now);
    }
  }

  /** How long a datagram that arrives now would wait for those before it, in milliseconds. */
  queueTime(now: number): number {
    this.#advance(now);
    return this.#queuedBytes === 0 ? 0 : (this.#queuedBytes * 8000) / this.#settings.capacity;
  }

  /** When `run` has something to do next; Infinity: nothing is on the link. */
  get next(): number {
    const due = this.#underWay.length > 0 ? this.#underWay[0].due : Infinity;
    if (this.#queue.length === 0) return due;
    return Math.min(due, this.#now + (this.#queue[0].left * 8000) / this.#settings.capacity);
  }

  /** Hands over everything that has come through by now. */
  run(now: number, deliver: (item: T) => void): void {
    this.#advance(now);
    let arrived = 0;
    while (arrived < this.#underWay.length && this.#underWay[arrived].due <= now) arrived++;
    for (const { item, bytes } of this.#underWay.splice(0, arrived)) {
      this.counters.packetsPassed++;
      this.counters.bytesPassed += bytes;
      deliver(item);
    }
  }

  /** Sends from the queue what the capacity allowed since the last call. */
  #advance(now: number): void {
    const perMillisecond = this.#settings.capacity / 8000;
    let at = this.#now === -Infinity ? now : this.#now;
    this.#now = Math.max(now, at);
    while (this.#queue.length > 0) {
      const first = this.#queue[0];
      at = Math.max(at, first.since);
      const needed = first.left / perMillisecond;
      if (at + needed > now) {
        const sent = Math.max(0, now - at) * perMillisecond;
        first.left -= sent;
        this.#queuedBytes -= sent;
        return;
      }
      at += needed;
      this.#queue.shift();
      this.#queuedBytes = this.#queue.length === 0 ? 0 : this.#queuedBytes - first.left;
      this.counters.longestQueue = Math.max(this.counters.longestQueue, at - first.since);
      const { delay, jitter } = this.#settings;
      this.#lastDue = Math.max(this.#lastDue, at + delay + jitter * this.#random());
      this.#underWay.push({ item: first.item, bytes: first.bytes, due: this.#lastDue });
    }
  }
}

/** Marsaglia's xorshift with 32 bits: the same seed, the same losses. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed, 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
