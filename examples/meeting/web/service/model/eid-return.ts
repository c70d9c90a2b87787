/**
 * The way back from an e-ID's app on the same device: the app opens the page that the order began on, in this tab or a new
 * one, with a nonce in the fragment. The browser that began the order hands it in, and the order may finish; handed in by
 * another one, it ends the order.
 */
import { signal } from '@preact/signals';
import type { EidOrderView } from '../../../shared/api.js';
import { getOrder, getSession, returnToOrder } from '../api/session-api.js';
import { asFailure } from './resource.js';

const FRAGMENT = /^#eid-return=([\w-]{22})$/;
const POLL_MS = 1_000;
/** The app is done when it comes back; the service knows it two seconds later. */
const MAX_POLLS = 20;

/** Why whoever came back is not signed in, as `EidOrderView.failure` or `ApiFailure.code` say it; null: nothing to tell. */
export const returnFailure = signal<string | null>(null);

/** Orders that a part of this page asks for already. */
export const watchedOrders = new Set<string>();

/** The nonce in the address, which it is taken out of at once; null: none. */
export function takeReturn(): string | null {
  const nonce = FRAGMENT.exec(location.hash)?.[1] ?? null;
  if (nonce !== null) history.replaceState(history.state, '', location.pathname + location.search);
  return nonce;
}

/** Resolves when the order is over, or something else on this page follows it. */
export async function handInReturn(nonce: string): Promise<void> {
  returnFailure.value = null;
  try {
    const order = await returnToOrder(nonce);
    const failure = order.state === 'failed' ? (order.failure ?? 'rejected') : await follow(order);
    if (failure === undefined) return;
    // Handed in before, or another tab of this browser was faster.
    if (failure === 'expired' && (await isSignedIn(order.provider))) return;
    returnFailure.value = failure;
  } catch (error) {
    returnFailure.value = asFailure(error).code;
  }
}

/** Whether this browser's session is one that the e-ID has proven; '': any. The other tab's answer may still be on its way. */
export async function isSignedIn(provider: string): Promise<boolean> {
  for (let asked = 0; asked < 2; asked++) {
    if (asked > 0) await pause();
    const view = await getSession().catch(() => null);
    const proven = view?.person?.provider;
    if (proven !== undefined && (provider === '' || proven === provider)) return true;
  }
  return false;
}

/** How it ended; undefined: well, or it is not this one that sees to it. */
async function follow({ id }: EidOrderView): Promise<string | undefined> {
  for (let polls = 0; polls < MAX_POLLS; polls++) {
    if (watchedOrders.has(id)) return undefined;
    const order = await getOrder(id).catch((error: unknown) => {
      const { status, code } = asFailure(error);
      if (status === 404) return { state: 'failed', failure: 'expired' } as const;
      // A moment without network passes.
      if (status === 0 || status >= 500 || status === 429) return { state: 'pending' } as const;
      return { state: 'failed', failure: code } as const;
    });
    if (order.state === 'complete') return undefined;
    if (order.state === 'failed') return order.failure ?? 'rejected';
    await pause();
  }
  return 'expired';
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
