import { computed, effect, signal } from '@preact/signals';
import type { SessionView } from '../../../shared/api.js';
import { lastActivityAt } from '../api/request.js';
import type { Session } from './session.js';

/** How long before the end the person is warned; half of the time when that is short. */
const WARNING_MS = 5 * 60_000;
/** A person at work keeps the session alive by this many requests at most. */
const TOUCH_EVERY_MS = 2 * 60_000;
const TICK_MS = 1_000;

/**
 * Watches the time since anything was asked of the server: it ends the session when that is long ago. Warns before, and
 * ends it here as well when the time is out, so that nobody finds another's page open.
 */
export class SessionExpiry {
  /** While false nothing is counted: nobody is signed in, or a meeting goes on, which is activity itself. */
  readonly watching = signal(false);
  /** The warning shows; whole seconds that are left. Null: there is time. */
  readonly secondsLeft = signal<number | null>(null);
  /** The time ran out on this page. */
  readonly expired = signal(false);
  readonly warning = computed(() => this.secondsLeft.value !== null);

  constructor(private readonly session: Session) {
    effect(() => {
      if (this.session.person.value !== null) this.expired.value = false;
    });
    effect(() => {
      const view = this.session.view.value;
      // The server's own count wins, above all for the longest time that any session lasts.
      if (view?.idleSecondsLeft !== undefined)
        lastActivityAt.value = Date.now() + view.idleSecondsLeft * 1000 - limitOf(view);
    });
    for (const type of ['keydown', 'pointerdown'] as const) {
      addEventListener(type, () => this.#touched(), { passive: true });
    }
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** "I am still here". */
  async stay(): Promise<void> {
    this.secondsLeft.value = null;
    lastActivityAt.value = Date.now();
    await this.session.stay();
  }

  #touched(): void {
    // While the warning shows only its own button counts: a key pressed into it is no answer.
    if (!this.#counts() || this.warning.peek()) return;
    if (Date.now() - lastActivityAt.peek() > TOUCH_EVERY_MS) void this.stay();
  }

  #tick(): void {
    if (!this.#counts()) {
      this.secondsLeft.value = null;
      return;
    }
    const limit = limitOf(this.session.view.peek());
    const left = lastActivityAt.peek() + limit - Date.now();
    if (left <= 0) void this.#end();
    else this.secondsLeft.value = left <= Math.min(WARNING_MS, limit / 2) ? Math.ceil(left / 1000) : null;
  }

  #counts(): boolean {
    return this.watching.peek() && this.session.person.peek() !== null;
  }

  async #end(): Promise<void> {
    this.secondsLeft.value = null;
    this.expired.value = true;
    // Whether it is told or not: the server counts for itself.
    await this.session.signOut().catch(() => undefined);
    this.session.forget();
  }
}

function limitOf(view: SessionView | null): number {
  return (view?.idleTimeoutMinutes ?? 30) * 60_000;
}
