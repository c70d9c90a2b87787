/** What every store does, whatever it keeps things in. */
import type { Test } from 'tap';
import {
  openStore,
  type OpenStoreOptions,
  type Store,
} from '../../../examples/meeting/server/store/store.js';
import { auditConformance } from './conformance-audit.js';
import { lifeConformance } from './conformance-life.js';
import { recordConformance } from './conformance-records.js';
import { transactionConformance } from './conformance-transactions.js';

/** Where a new, empty store is. */
export type Place = (t: Test) => Promise<OpenStoreOptions>;

/** `body` with a store of its own, closed at the end; `place` is for opening it again. */
export type WithStore = (
  name: string,
  body: (t: Test, store: Store, place: OpenStoreOptions) => Promise<void>,
) => void;

export function conformance(t: Test, place: Place): void {
  const withStore: WithStore = (name, body) => {
    void t.test(name, async (t) => {
      const options = await place(t);
      const store = await openStore(options);
      try {
        await body(t, store, options);
      } finally {
        await store.close();
      }
    });
  };
  recordConformance(withStore);
  transactionConformance(withStore);
  auditConformance(withStore);
  lifeConformance(withStore);
}

/** The code of the `StoreError` that the promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}
