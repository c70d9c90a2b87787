/**
 * What stands between callers and the groups: database errors become `StoreError`s, both databases treat a failed transaction
 * alike, and use that would wait for itself forever is refused.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Backend } from './backend.js';
import { StoreError } from './errors.js';
import type { StoreGroups } from './store.js';

/** Of one transaction. */
export interface TransactionState {
  ended: boolean;
  /** The database's error after which nothing of it can be kept, even if `work` swallowed it. */
  failure: Error | null;
}

export class Guard {
  readonly #backend: Backend;
  readonly #running = new Set<Promise<unknown>>();
  readonly #within = new AsyncLocalStorage<TransactionState>();
  #closed = false;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** A call of the store itself. */
  run<T>(call: () => Promise<T>): Promise<T> {
    const refusal = this.#refusal();
    if (refusal !== null) return Promise.reject(refusal);
    const promise = this.#translated(call);
    const settled = promise.catch(() => undefined).finally(() => this.#running.delete(settled));
    this.#running.add(settled);
    return promise;
  }

  /** `work` with the state of its transaction. */
  async runTransaction<T>(work: (state: TransactionState) => Promise<T>): Promise<T> {
    const state: TransactionState = { ended: false, failure: null };
    try {
      return await this.#within.run(state, () => work(state));
    } finally {
      state.ended = true;
    }
  }

  /** A call in a transaction. PostgreSQL would refuse all that follows a failure with words of its own. */
  async runWithin<T>(state: TransactionState, call: () => Promise<T>): Promise<T> {
    if (state.ended)
      throw new StoreError('misuse', 'this transaction has ended: await all its calls within it');
    if (state.failure !== null) {
      throw new StoreError('misuse', 'the transaction has failed: let its first error end it', {
        cause: state.failure,
      });
    }
    try {
      return await call();
    } catch (error) {
      const translated = this.translate(error);
      if (translated !== error || !(error instanceof StoreError)) state.failure = translated;
      throw translated;
    }
  }

  translate(error: unknown): Error {
    if (error instanceof StoreError) return error;
    const cause = error instanceof Error ? error : new Error(String(error));
    switch (this.#backend.meaningOf(error)) {
      case 'duplicate':
        return new StoreError('duplicate', 'there is such a record already', { cause });
      case 'missing-reference':
        return new StoreError(
          'not-found',
          'something that the record refers to is not there, or is still referred to',
          {
            cause,
          },
        );
      case 'unavailable':
        return new StoreError('unavailable', `the database does not answer (${cause.message})`, { cause });
      case null:
        return cause;
    }
  }

  /** No new calls; resolves when those under way have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running);
  }

  async #translated<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.translate(error);
    }
  }

  #refusal(): StoreError | null {
    if (this.#closed) return new StoreError('misuse', 'the store is closed');
    const state = this.#within.getStore();
    if (state === undefined || state.ended) return null;
    return new StoreError(
      'misuse',
      'in a transaction only its tx may be used: the store itself would wait for it',
    );
  }
}

type Call = (...parameters: unknown[]) => unknown;

/** The same groups with every call going through `run`. */
export function guarded(groups: StoreGroups, run: <T>(call: () => Promise<T>) => Promise<T>): StoreGroups {
  const wrap = (call: Call): Call => {
    return (...parameters) => {
      // Iterators read in pages: each page is one call.
      if (Object.prototype.toString.call(call) === '[object AsyncGeneratorFunction]') {
        return pagewise(call(...parameters) as AsyncIterableIterator<unknown>, run);
      }
      return run(() => call(...parameters) as Promise<unknown>);
    };
  };
  return mapCalls(groups, wrap) as unknown as StoreGroups;
}

export async function* pagewise<T>(
  iterator: AsyncIterator<T>,
  run: <R>(call: () => Promise<R>) => Promise<R>,
): AsyncIterableIterator<T> {
  for (;;) {
    const step = await run(() => iterator.next());
    if (step.done === true) return;
    yield step.value;
  }
}

function mapCalls(value: object, wrap: (call: Call) => Call): Record<string, unknown> {
  const mapped = Object.entries(value).map(([name, inner]) => [
    name,
    typeof inner === 'function' ? wrap(inner as Call) : mapCalls(inner as object, wrap),
  ]);
  return Object.fromEntries(mapped) as Record<string, unknown>;
}
