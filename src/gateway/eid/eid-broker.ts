/**
 * The e-ID orders of many sessions over many providers. Each order belongs to its owner (a session): nobody else can see,
 * answer or cancel it. A proven identity is handed out once, so that one proof is one login.
 *
 * Whoever begins an order on the same device could give its launch link to somebody else, whose approval would log in the one
 * who began. So where the provider can do it (`bindsReturn`), such an order ends only when the owner's own browser has come
 * back from the app, with a nonce that nobody but the app was told.
 */
import {
  EidError,
  type EidAnswer,
  type EidOrder,
  type EidProvider,
  type EidStart,
  type EidStatus,
  ORDER_LIFETIME_MS,
} from './eid-provider.js';
import { COME_BACK, EXPIRED, failed, type FailedStatus, RETURNED_ELSEWHERE } from './order-texts.js';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface EidBrokerOptions {
  readonly providers: readonly EidProvider[];
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Of one owner at the same time; a further one cancels the oldest. Default 3. */
  readonly maxOrdersPerOwner?: number;
  /** Of all together; beyond them nothing is started. Default 10,000. */
  readonly maxOrders?: number;
}

interface OpenOrder {
  readonly id: string;
  readonly owner: string;
  readonly provider: EidProvider;
  readonly order: EidOrder;
  /** SHA-256 of what the browser must come back with; null: it need not. */
  readonly nonceHash: Uint8Array | null;
  cameBack: 'not-yet' | 'to-owner' | 'elsewhere';
}

/** Of the fragment with which an app opens `EidStart.returnUrl`: `#eid-return=<nonce>`, 22 characters of base64url. */
export const RETURN_FRAGMENT = 'eid-return';
const NONCE_BYTES = 16;

const GONE = failed(EXPIRED);
const ELSEWHERE = failed(RETURNED_ELSEWHERE);
const HELD_BACK: EidStatus = { state: 'pending', message: COME_BACK };

const BUSY = {
  sv: 'Just nu identifierar sig många. Försök igen om en stund.',
  en: 'Many people are identifying right now. Try again in a while.',
};

export class EidBroker {
  readonly providers: readonly EidProvider[];
  readonly #now: () => number;
  readonly #maxPerOwner: number;
  readonly #maxOrders: number;
  /** In the order of their start. */
  readonly #orders = new Map<string, OpenOrder>();
  /** Being started now, for the limit. */
  #starting = 0;
  #closed = false;

  /** Throws a TypeError when two providers have the same id. */
  constructor(options: EidBrokerOptions) {
    this.providers = options.providers;
    if (new Set(this.providers.map(({ id }) => id)).size !== this.providers.length) {
      throw new TypeError('two e-ID providers have the same id');
    }
    this.#now = options.now ?? Date.now;
    this.#maxPerOwner = options.maxOrdersPerOwner ?? 3;
    this.#maxOrders = options.maxOrders ?? 10_000;
  }

  /** Orders that are kept, finished ones among them until their time is over. */
  get size(): number {
    return this.#orders.size;
  }

  provider(id: string): EidProvider | undefined {
    return this.providers.find((provider) => provider.id === id);
  }

  /**
   * Throws an `EidError` when the provider cannot begin, and a TypeError for an unknown one, or when `returnUrl` has a
   * fragment: that is for the nonce.
   */
  async start(owner: string, providerId: string, start: EidStart): Promise<{ orderId: string }> {
    const provider = this.provider(providerId);
    if (!provider) throw new TypeError(`there is no e-ID provider "${providerId}"`);
    if (start.returnUrl.includes('#')) throw new TypeError('returnUrl must not have a fragment');
    this.#forgetExpired();
    if (this.#closed || this.#orders.size + this.#starting >= this.#maxOrders) {
      throw new EidError('provider-unavailable', BUSY);
    }
    this.#starting++;
    const mustComeBack = start.sameDevice && provider.bindsReturn === true;
    const nonce = mustComeBack ? randomBytes(NONCE_BYTES).toString('base64url') : null;
    let order: EidOrder;
    try {
      order = await provider.start(nonce === null ? start : withNonce(start, nonce));
    } finally {
      this.#starting--;
    }
    if (this.#closed) {
      await provider.cancel(order);
      throw new EidError('provider-unavailable', BUSY);
    }
    // Not the provider's own id: that one is a secret between it and us.
    const id = randomBytes(16).toString('base64url');
    const nonceHash = nonce === null ? null : hash(nonce);
    this.#orders.set(id, { id, owner, provider, order, nonceHash, cameBack: 'not-yet' });
    const superfluous = this.#ownedBy(owner).slice(0, -this.#maxPerOwner);
    for (const old of superfluous) this.#drop(old);
    return { orderId: id };
  }

  /** Never rejects. Unknown orders and those of others are `expired`; so is one whose identity was handed out. */
  async status(owner: string, orderId: string): Promise<EidStatus> {
    const open = this.#find(owner, orderId);
    if (!open) return GONE;
    if (open.cameBack === 'elsewhere') return ELSEWHERE;
    const status = await open.provider.status(open.order);
    // Meanwhile.
    if (isElsewhere(open)) return ELSEWHERE;
    if (status.state !== 'complete') return status;
    if (open.nonceHash && open.cameBack === 'not-yet') return HELD_BACK;
    // Two who ask at the same time: the first one has it.
    if (!this.#orders.delete(orderId)) return GONE;
    // The provider need not know the person any longer.
    void open.provider.cancel(open.order);
    return status;
  }

  /** Null: not an order of this owner. */
  providerOf(owner: string, orderId: string): EidProvider | null {
    return this.#find(owner, orderId)?.provider ?? null;
  }

  /** Never rejects; the outcome shows in `status`. */
  async answer(owner: string, orderId: string, answer: EidAnswer): Promise<void> {
    const open = this.#find(owner, orderId);
    await open?.provider.answer(open.order, answer);
  }

  /**
   * A redirect provider has sent the browser back to `url`. Which order that is shows in `state`; where the provider's
   * address does not show it (a request object), it is the owner's newest. Null: this owner has none.
   */
  async answerCallback(owner: string, url: string): Promise<string | null> {
    const state = stateOf(url);
    let fitting: OpenOrder | null = null;
    for (const open of this.#ownedBy(owner)) {
      if (open.provider.flow !== 'redirect') continue;
      const status = await open.provider.status(open.order);
      if (status.state !== 'pending' || status.redirectUrl === undefined) continue;
      const expected = stateOf(status.redirectUrl);
      if (expected !== null && expected !== state) continue;
      fitting = open;
      if (expected !== null) break;
    }
    if (!fitting) return null;
    await fitting.provider.answer(fitting.order, { kind: 'callback', url });
    return fitting.id;
  }

  /**
   * An app has opened `returnUrl` in a browser, with this nonce. The order of this owner may finish now: look at its status.
   * Another's order fails for good: not the one who began it has approved it, or the app has opened another browser. `owner`
   * null: a browser without a session.
   */
  answerReturn(owner: string | null, nonce: string): { readonly orderId: string } | FailedStatus {
    const given = hash(nonce);
    for (const open of this.#orders.values()) {
      if (!open.nonceHash || !timingSafeEqual(open.nonceHash, given)) continue;
      if (this.#isExpired(open)) return GONE;
      if (open.owner === owner && open.cameBack !== 'elsewhere') {
        open.cameBack = 'to-owner';
        return { orderId: open.id };
      }
      open.cameBack = 'elsewhere';
      // Whatever was proven is forgotten.
      void open.provider.cancel(open.order);
      return ELSEWHERE;
    }
    return GONE;
  }

  /** Never rejects; unknown orders are fine. */
  async cancel(owner: string, orderId: string): Promise<void> {
    const open = this.#find(owner, orderId);
    if (!open) return;
    this.#orders.delete(orderId);
    await open.provider.cancel(open.order);
  }

  /** A session has ended: its orders end too. */
  forgetOwner(owner: string): void {
    for (const open of this.#ownedBy(owner)) this.#drop(open);
  }

  /** Cancels what is pending and closes the providers. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#orders.clear();
    await Promise.all(this.providers.map((provider) => provider.close()));
  }

  #find(owner: string, orderId: string): OpenOrder | null {
    const open = this.#orders.get(orderId);
    if (!open || open.owner !== owner) return null;
    if (this.#isExpired(open)) {
      this.#drop(open);
      return null;
    }
    return open;
  }

  #ownedBy(owner: string): OpenOrder[] {
    return [...this.#orders.values()].filter((open) => open.owner === owner);
  }

  #isExpired({ order }: OpenOrder): boolean {
    return this.#now() - order.startedAt >= ORDER_LIFETIME_MS;
  }

  #forgetExpired(): void {
    for (const open of this.#orders.values()) {
      if (!this.#isExpired(open)) return;
      this.#drop(open);
    }
  }

  #drop(open: OpenOrder): void {
    this.#orders.delete(open.id);
    void open.provider.cancel(open.order);
  }
}

function withNonce(start: EidStart, nonce: string): EidStart {
  return { ...start, returnUrl: `${start.returnUrl}#${RETURN_FRAGMENT}=${nonce}` };
}

function hash(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** Apart, so that the compiler does not take it for known from before a pause. */
function isElsewhere({ cameBack }: OpenOrder): boolean {
  return cameBack === 'elsewhere';
}

function stateOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).searchParams.get('state') : null;
}
