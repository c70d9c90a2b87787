import { batch, computed, signal } from '@preact/signals';
import type { EidOrderView, EidProviderView, StartEidRequest } from '../../../shared/api.js';
import { ApiFailure } from '../api/failure.js';
import {
  answerCode,
  cancelOrder,
  type EidPurpose,
  getOrder,
  getProviders,
  startOrder,
} from '../api/session-api.js';
import { localized } from '../texts/texts.js';
import { isSignedIn, returnFailure, watchedOrders } from './eid-return.js';
import { eidFailureText, failureText } from './failure-text.js';
import type { Message } from './form.js';
import { asFailure, Resource } from './resource.js';

const POLL_MS = 1_000;
/** The page may be taken away while the person is in their app, above all on phones: the order is found again by this. */
const KEY = 'service.order';

export interface IdentificationSetup {
  purpose: EidPurpose;
  /** Where the browser comes back to; also what a remembered order belongs to. */
  returnPath: string;
  onComplete: () => void;
}

/** One person proving who they are: the choice of the e-ID, the order, and how it ends. */
export class Identification {
  readonly providers: Resource<EidProviderView[]>;
  readonly provider = signal<EidProviderView | null>(null);
  readonly order = signal<EidOrderView | null>(null);
  readonly sameDevice = signal(prefersSameDevice());
  readonly busy = signal(false);
  /** Why it failed, or why it could not begin. */
  readonly failure = signal<Message | null>(null);
  /** What the e-ID says now. Followed by screen readers, so it changes only when the words do. */
  readonly message = computed(() => {
    const order = this.order.value;
    return order === null || order.state !== 'pending' ? '' : localized(order.message);
  });
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts orders: answers about an older one are thrown away. */
  #attempt = 0;

  constructor(private readonly setup: IdentificationSetup) {
    this.providers = new Resource(() => getProviders(setup.purpose));
  }

  async open(): Promise<void> {
    await this.providers.load();
    await this.#resume();
  }

  /** The order is the person's own: whoever leaves the page, does not go on. */
  close(): void {
    this.#stopPolling();
  }

  choose(provider: EidProviderView): void {
    batch(() => {
      this.provider.value = provider;
      this.failure.value = null;
    });
    if (provider.flow === 'app' || provider.flow === 'redirect') void this.start();
  }

  /** Begins anew with the chosen e-ID; `extra` is what its flow asks for. True when the order stands. */
  async start(extra: Pick<StartEidRequest, 'email' | 'claim'> = {}): Promise<boolean> {
    const provider = this.provider.peek();
    if (provider === null || this.busy.peek()) return false;
    await this.#drop();
    const attempt = ++this.#attempt;
    batch(() => {
      this.busy.value = true;
      this.failure.value = null;
      returnFailure.value = null;
    });
    try {
      const { purpose, returnPath } = this.setup;
      const order = await startOrder({
        provider: provider.id,
        ...purpose,
        sameDevice: this.sameDevice.peek(),
        returnPath,
        ...extra,
      });
      if (attempt !== this.#attempt) {
        void cancelOrder(order.id).catch(() => undefined);
        return false;
      }
      rememberOrder({ id: order.id, provider: provider.id, returnPath });
      this.#take(order);
      if (order.redirectUrl !== undefined) location.assign(order.redirectUrl);
      return true;
    } catch (error) {
      if (attempt === this.#attempt) this.#refused(asFailure(error));
      return false;
    } finally {
      if (attempt === this.#attempt) this.busy.value = false;
    }
  }

  async switchDevice(sameDevice: boolean): Promise<void> {
    this.sameDevice.value = sameDevice;
    await this.start();
  }

  async submitCode(code: string): Promise<void> {
    const order = this.order.peek();
    if (order === null) return;
    this.#take(await answerCode(order.id, code));
  }

  /** Back to the choice. */
  async cancel(): Promise<void> {
    this.#attempt++;
    batch(() => {
      this.provider.value = null;
      this.failure.value = null;
      this.busy.value = false;
    });
    await this.#drop();
  }

  /** The redirect provider sent the browser back without a proof. */
  failed(reason: string): void {
    this.failure.value = () => eidFailureText(reason) ?? failureText(new ApiFailure('internal', 0));
  }

  async #resume(): Promise<void> {
    const remembered = recallOrder();
    if (remembered === null || remembered.returnPath !== this.setup.returnPath || this.order.peek() !== null)
      return;
    const provider = this.providers.value?.find(({ id }) => id === remembered.provider);
    if (provider === undefined) return forgetOrder();
    try {
      const order = await getOrder(remembered.id);
      // Back from the provider's page without a proof: the choice is shown again.
      const unfinished = provider.flow === 'redirect' && order.state === 'pending';
      if (order.state === 'failed' || unfinished) return forgetOrder();
      this.provider.value = provider;
      this.sameDevice.value = order.qrSvg === undefined;
      this.#take(order);
    } catch {
      forgetOrder();
    }
  }

  async #drop(): Promise<void> {
    const order = this.order.peek();
    this.#stopPolling();
    forgetOrder();
    this.order.value = null;
    if (order?.state === 'pending') await cancelOrder(order.id).catch(() => undefined);
  }

  #take(order: EidOrderView): void {
    this.order.value = order;
    if (order.state === 'pending') {
      watchedOrders.add(order.id);
      this.#timer = setTimeout(() => void this.#poll(order.id), POLL_MS);
      return;
    }
    this.#stopPolling();
    forgetOrder();
    if (order.state === 'complete') this.setup.onComplete();
    else this.failure.value = () => eidFailureText(order.failure) ?? localized(order.message);
  }

  async #poll(id: string): Promise<void> {
    try {
      const order = await getOrder(id);
      const done = order.failure === 'expired' && (await this.#isDoneElsewhere());
      // Cancelled or begun anew meanwhile.
      if (this.order.peek()?.id !== id || this.#timer === undefined) return;
      this.#take(done ? { ...order, state: 'complete' } : order);
    } catch (error) {
      const failure = asFailure(error);
      const done = failure.status === 404 && (await this.#isDoneElsewhere());
      const order = this.order.peek();
      if (order?.id !== id || this.#timer === undefined) return;
      if (done) return this.#take({ ...order, state: 'complete' });
      // A moment without network must not end what the person is doing in their app.
      if (failure.status === 0 || failure.status >= 500 || failure.status === 429) {
        this.#timer = setTimeout(() => void this.#poll(id), 2 * POLL_MS);
      } else this.#refused(failure);
    }
  }

  /** The app has opened another tab of this browser, where the order was finished. */
  async #isDoneElsewhere(): Promise<boolean> {
    const provider = this.provider.peek();
    return provider?.flow === 'app' && this.sameDevice.peek() && isSignedIn(provider.id);
  }

  #refused(failure: ApiFailure): void {
    this.#stopPolling();
    forgetOrder();
    batch(() => {
      this.order.value = null;
      this.failure.value = () => eidFailureText(failure.code) ?? failureText(failure);
    });
  }

  #stopPolling(): void {
    watchedOrders.delete(this.order.peek()?.id ?? '');
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** On a phone or tablet the e-ID app is nearly always on the device itself. */
export function prefersSameDevice(): boolean {
  return isMobile();
}

export function isMobile(): boolean {
  return /Android|iPhone|iPad|iPod|Mobile/i.test(navigator.userAgent);
}

interface RememberedOrder {
  id: string;
  provider: string;
  returnPath: string;
}

function rememberOrder(order: RememberedOrder): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(order));
  } catch {
    // Storage is refused: a reloaded page begins anew.
  }
}

function recallOrder(): RememberedOrder | null {
  try {
    const order = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Partial<RememberedOrder> | null;
    const { id, provider, returnPath } = order ?? {};
    if (typeof id !== 'string' || typeof provider !== 'string' || typeof returnPath !== 'string') return null;
    return { id, provider, returnPath };
  } catch {
    return null;
  }
}

function forgetOrder(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept then.
  }
}
