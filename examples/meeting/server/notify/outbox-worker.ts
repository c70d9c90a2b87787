import { DeliveryError } from './mailer.js';
import type { OutboxRecord, Store, StoreGroups } from '../store/store.js';

/** Sends one message, or rejects; `DeliveryError.permanent` gives it up. */
export type Deliver = (message: OutboxRecord, now: number) => Promise<'sent' | 'obsolete'>;

export interface OutboxOptions {
  store: Store;
  deliver: Deliver;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Told of what went wrong, without addresses. */
  onTrouble?: (message: OutboxRecord, trouble: { reason: string; final: boolean; fault?: unknown }) => void;
}

/** Waits between attempts, in milliseconds; the last one repeats. A provider may be down for a night. */
export const RETRY_DELAYS_MS = [10_000, 30_000, 60_000, 5 * 60_000, 15 * 60_000, 60 * 60_000];
/** Given up when it is this old. */
export const GIVE_UP_AFTER_MS = 3 * 24 * 60 * 60_000;
/** Longer than any delivery takes; after a crash a message waits this long. */
export const LEASE_MS = 2 * 60_000;
/** Sent at the same time. */
const BATCH = 10;
/** Looks at least so often: another server may have left something, or the clock have jumped. */
const MAX_WAIT_MS = 60_000;
/** The store itself did not answer. */
const STORE_TROUBLE_MS = 5_000;

/**
 * Sends what the outbox holds. Messages are written to it in the transaction that decides them and leave it when a provider
 * has taken them, so neither a crash nor a provider's bad day loses one.
 *
 *   worker.start();
 *   await store.transaction((tx) => tx.outbox.enqueue(...)); worker.wake();
 *   await worker.stop();   // waits for what is being sent
 */
export class OutboxWorker {
  readonly #options: OutboxOptions;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  /** Something came while a round was running. */
  #again = false;
  #stopped = true;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  start(): void {
    this.#stopped = false;
    this.wake();
  }

  /** Something was put in. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** Resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#running;
  }

  async #run(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    let wait = STORE_TROUBLE_MS;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        while (!this.#stopped && (await this.#sendDue()) > 0);
      }
      const due = await this.#options.store.outbox.nextDue();
      wait = due === null ? MAX_WAIT_MS : Math.min(Math.max(due - this.#now(), 0), MAX_WAIT_MS);
    } catch {
      // The store is away: its own log says why. What was taken comes back when its lease ends.
    }
    this.#running = null;
    if (this.#stopped) return;
    if (this.#again) return this.wake();
    this.#timer = setTimeout(() => this.wake(), wait);
    // It must not keep a process alive that has nothing else to do.
    this.#timer.unref();
  }

  async #sendDue(): Promise<number> {
    const taken = await this.#options.store.outbox.take(this.#now(), LEASE_MS, BATCH);
    await Promise.all(taken.map((message) => this.#send(message)));
    return taken.length;
  }

  async #send(message: OutboxRecord): Promise<void> {
    const { store, deliver, onTrouble } = this.#options;
    try {
      const outcome = await deliver(message, this.#now());
      if (outcome === 'obsolete') await store.outbox.fail(message.id, this.#now(), 'not needed any more');
      else await this.#settle(message, 'sent', (tx, now) => tx.outbox.sent(message.id, now));
    } catch (caught) {
      const now = this.#now();
      const permanent = caught instanceof DeliveryError && caught.permanent;
      const final = permanent || now - message.createdAt >= GIVE_UP_AFTER_MS;
      // Only our own words are kept: others may hold an address.
      const isDelivery = caught instanceof DeliveryError;
      const reason = isDelivery ? caught.message : 'fault of the service';
      if (final) await this.#settle(message, 'failed', (tx, at) => tx.outbox.fail(message.id, at, reason));
      else await store.outbox.retry(message.id, now + retryDelay(message.attempts), reason);
      onTrouble?.(message, { reason, final, ...(isDelivery ? {} : { fault: caught }) });
    }
  }

  /** The message and what the organiser sees of it change together. */
  async #settle(
    message: OutboxRecord,
    delivery: 'sent' | 'failed',
    mark: (tx: StoreGroups, now: number) => Promise<void>,
  ): Promise<void> {
    await this.#options.store.transaction(async (tx) => {
      const now = this.#now();
      await mark(tx, now);
      const { invitationId } = message;
      const invitation = invitationId === null ? null : await tx.invitations.get(invitationId);
      if (invitation === null) return;
      const { seriesId } = invitation;
      const aboutSeries =
        (message.content as { series?: unknown } | null)?.series === true && seriesId !== null;
      const told = aboutSeries ? await tx.invitations.listSeries({ seriesId }) : [invitation];
      const change = { delivery, deliveredAt: delivery === 'sent' ? now : null };
      for (const { id } of told) await tx.invitations.update(id, change);
    });
  }
}

/** `attempts`: how many there were, from 1. */
export function retryDelay(attempts: number): number {
  return RETRY_DELAYS_MS[Math.min(Math.max(attempts, 1), RETRY_DELAYS_MS.length) - 1];
}
