import { signal } from '@preact/signals';
import { ApiFailure } from '../api/failure.js';

export type ResourceState<T> =
  { status: 'loading' } | { status: 'failed'; failure: ApiFailure } | { status: 'ready'; value: T };

/** Something fetched from the server: on its way, there, or refused. */
export class Resource<T> {
  readonly state = signal<ResourceState<T>>({ status: 'loading' });
  /** Counts loads: an answer that comes after a newer load is thrown away. */
  #load = 0;

  constructor(private readonly fetch: () => Promise<T>) {}

  /** The value when it is there, else null. */
  get value(): T | null {
    const state = this.state.value;
    return state.status === 'ready' ? state.value : null;
  }

  /** Keeps showing what there was until the new answer comes. */
  async load(): Promise<void> {
    const load = ++this.#load;
    if (this.state.peek().status === 'failed') this.state.value = { status: 'loading' };
    try {
      const value = await this.fetch();
      if (load === this.#load) this.state.value = { status: 'ready', value };
    } catch (error) {
      if (load === this.#load) this.state.value = { status: 'failed', failure: asFailure(error) };
    }
  }

  set(value: T): void {
    this.#load++;
    this.state.value = { status: 'ready', value };
  }

  /** Changes what is there by the server's answer to a request; nothing while nothing is there. */
  update(change: (value: T) => T): void {
    const state = this.state.peek();
    if (state.status === 'ready') this.set(change(state.value));
  }
}

/** Our own mistakes are not the server's: they go on. */
export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  throw error;
}
