/**
 * How often one address, session or key may do a thing. Buckets of tokens in a table of bounded size: when it is full, the
 * one that was used longest ago makes room, which by then is mostly full again anyway.
 */
import { refusal } from './refusal.js';

/** `burst` at once, then `perMinute` in the long run. */
export const LIMITS = {
  /** Anything at all under /api, per address: many people may sit behind one. */
  api: { burst: 600, perMinute: 1_200 },
  /** e-ID orders; each costs the organisation money. */
  'eid-start': { burst: 20, perMinute: 20 },
  'eid-start-session': { burst: 6, perMinute: 6 },
  /** Codes sent out, and codes tried. */
  otp: { burst: 10, perMinute: 5 },
  'otp-answer': { burst: 20, perMinute: 20 },
  /** Invitations looked up and claimed: the token cannot be guessed, but nobody shall try. */
  invitation: { burst: 120, perMinute: 120 },
  /** What participants do in waiting rooms, per address: a whole council may sit behind one; then per session. */
  lobby: { burst: 300, perMinute: 600 },
  'lobby-session': { burst: 30, perMinute: 60 },
  /** Per session. */
  ticket: { burst: 20, perMinute: 20 },
  documents: { burst: 60, perMinute: 60 },
  /** Bearer keys that were wrong, per address. */
  'api-key': { burst: 10, perMinute: 10 },
  'api-key-use': { burst: 120, perMinute: 300 },
  /** Payments begun, and what payment providers tell. */
  notice: { burst: 30, perMinute: 60 },
  /** Mails and text messages that one organiser causes: a long series to a full room at once, then a steady trickle. */
  message: { burst: 1_500, perMinute: 10 },
} as const satisfies Record<string, { burst: number; perMinute: number }>;

export type LimitName = keyof typeof LIMITS;

interface Bucket {
  tokens: number;
  updatedAt: number;
}

export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    /** Milliseconds, monotonic. */
    private readonly now: () => number,
    private readonly limits: Record<LimitName, { burst: number; perMinute: number }> = LIMITS,
    private readonly maxBuckets = 20_000,
  ) {}

  /** Throws `rate-limited` when `key` has used up what it may; of `cost`, all or nothing is taken. */
  take(name: LimitName, key: string, cost = 1): void {
    const seconds = this.#take(name, key, cost);
    if (seconds > 0) throw refusal('rate-limited', { retryAfterSeconds: seconds });
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Seconds until there are tokens enough; 0: taken. */
  #take(name: LimitName, key: string, cost: number): number {
    const { burst, perMinute } = this.limits[name];
    const now = this.now();
    const id = `${name} ${key}`;
    const bucket = this.#buckets.get(id) ?? { tokens: burst, updatedAt: now };
    // Again at the end: the order of the map is the order of use.
    this.#buckets.delete(id);
    this.#buckets.set(id, bucket);
    if (this.#buckets.size > this.maxBuckets) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    const elapsed = Math.max(0, now - bucket.updatedAt);
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsed / 60_000) * perMinute);
    bucket.updatedAt = now;
    // What is more than ever fits in waits for a full bucket, and is paid off after.
    const needed = Math.min(cost, burst);
    if (bucket.tokens < needed) return Math.max(1, Math.ceil(((needed - bucket.tokens) / perMinute) * 60));
    bucket.tokens -= cost;
    return 0;
  }
}
