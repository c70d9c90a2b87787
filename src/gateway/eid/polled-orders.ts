/**
 * Orders of an app's service that has to be asked, again and again, how they stand: kept, asked about at the pace that the
 * service wants, waited for while it is slow, given up when it stays away, cancelled there when the person goes, and forgotten.
 */
import { randomUUID } from 'node:crypto';
import { atMost } from './at-most.js';
import {
  EidError,
  type EidLog,
  type EidOrder,
  type EidStart,
  type EidStatus,
  ORDER_LIFETIME_MS,
} from './eid-provider.js';
import { ServiceError } from './json-service.js';
import { EXPIRED, failed, type FailureText } from './order-texts.js';

/** What an operator may set of any such provider. */
export interface PolledOrdersOptions {
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** How long `status` waits for a slow service before it answers with what it knew. Default 1,000. */
  patienceMs?: number;
  log?: EidLog;
}

/** Of every order, beside what the service makes of it. */
export interface OrderFrame {
  readonly startedAt: number;
  readonly sameDevice: boolean;
  readonly returnUrl: string;
}

/** The service. `Own` is what it calls an order, and what it last said of it: `ask` may change that. */
export interface PolledService<Own extends object> {
  /** `EidProvider.id`. */
  readonly provider: string;
  /** For logs: `BankID`. */
  readonly name: string;
  /** Where refusals say why; logs name it likewise. */
  readonly codeField: string;
  /** Between two questions about an order. */
  readonly askEveryMs: number;
  /** Orders that are pending for longer are given up. Default: the service ends them itself. */
  readonly giveUpAfterMs?: number;
  readonly unavailable: FailureText;

  /** How the order stands; null: pending. Rejects with a `ServiceError` when the service does not tell. */
  ask(order: Own & OrderFrame): Promise<EidStatus | null>;
  /** What a page shows meanwhile. */
  show(order: Own & OrderFrame): EidStatus;
  /** Tells the service that the order is off. May reject: the service ends it then by itself. */
  cancel(order: Own): Promise<unknown>;
  /** Why an order could not begin. */
  startFailure(error: ServiceError): FailureText;
  /** The service refuses now, but may answer the next time. */
  mayPass(refusal: ServiceError): boolean;
  /** The service refuses because it knows no such order, or no longer. */
  isUnknownOrder(refusal: ServiceError): boolean;
}

interface OpenOrder<Own> {
  readonly order: Own & OrderFrame;
  nextQuestionAt: number;
  /** When the service last made sense. */
  answeredAt: number;
  isTroubled: boolean;
  asking: Promise<void> | null;
  /** Null while pending. */
  outcome: EidStatus | null;
}

/** Of silence or nonsense, before an order is given up. */
const OUTAGE_MS = 60_000;
const GONE = failed(EXPIRED);

export class PolledOrders<Own extends object> {
  readonly #options: PolledOrdersOptions;
  readonly #service: PolledService<Own>;
  readonly #now: () => number;
  /** In the order of their start. */
  readonly #orders = new Map<string, OpenOrder<Own>>();
  #closed = false;

  constructor(options: PolledOrdersOptions, service: PolledService<Own>) {
    this.#options = options;
    this.#service = service;
    this.#now = options.now ?? Date.now;
  }

  /** `begin`: asks the service for an order. */
  async start(
    { sameDevice, returnUrl }: Pick<EidStart, 'sameDevice' | 'returnUrl'>,
    begin: () => Promise<Own>,
  ): Promise<EidOrder> {
    this.#forgetOld();
    const own = await this.#begin(begin);
    if (this.#closed) {
      void this.#tellCancelled(own);
      throw refuse(this.#service.unavailable);
    }
    const startedAt = this.#now();
    const id = randomUUID();
    this.#orders.set(id, {
      order: { ...own, startedAt, sameDevice, returnUrl },
      nextQuestionAt: startedAt + this.#service.askEveryMs,
      answeredAt: startedAt,
      isTroubled: false,
      asking: null,
      outcome: null,
    });
    return { id, provider: this.#service.provider, startedAt };
  }

  /** Never rejects. */
  async status({ id }: EidOrder): Promise<EidStatus> {
    this.#forgetOld();
    const open = this.#orders.get(id);
    if (!open) return GONE;
    if (!open.outcome && !open.asking && this.#now() >= open.nextQuestionAt) {
      open.nextQuestionAt = this.#now() + this.#service.askEveryMs;
      open.asking = this.#ask(open).finally(() => (open.asking = null));
    }
    // An animated QR code must go on moving while the service is slow.
    if (open.asking) await atMost(open.asking, this.#patienceMs);
    if (!this.#orders.has(id)) return GONE;
    return open.outcome ?? this.#service.show(open.order);
  }

  /** Never rejects. */
  async cancel({ id }: EidOrder): Promise<void> {
    const open = this.#orders.get(id);
    this.#orders.delete(id);
    if (open && !open.outcome) await this.#tellCancelled(open.order);
  }

  /** Pending orders are cancelled, as far as the service hears it soon. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    const pending = [...this.#orders.values()].filter(({ outcome }) => !outcome);
    this.#orders.clear();
    await atMost(Promise.all(pending.map(({ order }) => this.#tellCancelled(order))), this.#patienceMs);
  }

  async #begin(begin: () => Promise<Own>): Promise<Own> {
    if (this.#closed) throw refuse(this.#service.unavailable);
    try {
      return await begin();
    } catch (cause) {
      const error = this.#asServiceError(cause);
      this.#warn(error, 'cannot begin an order');
      throw refuse(this.#service.startFailure(error), error);
    }
  }

  /** Never rejects. */
  async #ask(open: OpenOrder<Own>): Promise<void> {
    const { giveUpAfterMs = Infinity } = this.#service;
    try {
      open.outcome = await this.#service.ask(open.order);
    } catch (error) {
      this.#onTrouble(open, this.#asServiceError(error));
      return;
    }
    open.answeredAt = this.#now();
    open.isTroubled = false;
    const isOverdue = this.#now() - open.order.startedAt >= giveUpAfterMs;
    if (!open.outcome && isOverdue) this.#giveUp(open, EXPIRED);
  }

  /** What may pass is waited out; what the service says must not be repeated ends the order. */
  #onTrouble(open: OpenOrder<Own>, error: ServiceError): void {
    const isRefusal = error.kind === 'refused';
    if (error.kind === 'closed') return;
    if (!open.isTroubled) this.#warn(error, 'does not tell of an order');
    open.isTroubled = true;
    const mayPass = !isRefusal || this.#service.mayPass(error);
    if (mayPass && this.#now() - open.answeredAt < OUTAGE_MS) return;
    const isUnknown = isRefusal && this.#service.isUnknownOrder(error);
    this.#giveUp(open, isUnknown ? EXPIRED : this.#service.unavailable);
  }

  #giveUp(open: OpenOrder<Own>, why: FailureText): void {
    open.outcome = failed(why);
    void this.#tellCancelled(open.order);
  }

  /** Never rejects. */
  async #tellCancelled(order: Own): Promise<void> {
    await this.#service.cancel(order).catch(() => undefined);
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [id, { order, outcome }] of this.#orders) {
      if (now - order.startedAt < ORDER_LIFETIME_MS) return;
      this.#orders.delete(id);
      if (!outcome) void this.#tellCancelled(order);
    }
  }

  #warn({ kind, httpStatus, code }: ServiceError, what: string): void {
    const { provider, name, codeField } = this.#service;
    this.#options.log?.warn({ provider, kind, httpStatus, [codeField]: code }, `${name} ${what}`);
  }

  #asServiceError(cause: unknown): ServiceError {
    return cause instanceof ServiceError
      ? cause
      : new ServiceError(this.#service.name, 'nonsense', 0, '', { cause });
  }

  get #patienceMs(): number {
    return this.#options.patienceMs ?? 1_000;
  }
}

function refuse({ failure, message }: FailureText, cause?: unknown): EidError {
  return new EidError(failure, message, { cause });
}
