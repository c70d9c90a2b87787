import { batch, computed, type ReadonlySignal, signal, type Signal } from '@preact/signals';
import type { ApiFailure } from '../api/failure.js';
import { failureText } from './failure-text.js';
import { asFailure } from './resource.js';

/** Words that follow the language: read while rendering. */
export type Message = () => string;

/** What a form knows of any of its fields. */
export interface AnyField {
  readonly id: string;
  readonly error: ReadonlySignal<Message | null>;
  /** Looks at the value; true when it will do. */
  validate(): boolean;
  refuse(message: Message): void;
}

/** One thing to fill in. `id` is the element's id and, for the server's complaints, the end of the property's name. */
export class Field<T> implements AnyField {
  readonly #value: Signal<T>;
  readonly #error = signal<Message | null>(null);

  constructor(
    readonly id: string,
    initial: T,
    private readonly check: (value: T) => Message | null = () => null,
  ) {
    this.#value = signal(initial);
  }

  get value(): T {
    return this.#value.value;
  }

  /** An answer that is being mended is not scolded until it is sent again. */
  set value(value: T) {
    batch(() => {
      this.#value.value = value;
      if (this.#error.peek() !== null) this.#error.value = this.check(value);
    });
  }

  peek(): T {
    return this.#value.peek();
  }

  get error(): ReadonlySignal<Message | null> {
    return this.#error;
  }

  validate(): boolean {
    this.#error.value = this.check(this.#value.peek());
    return this.#error.value === null;
  }

  refuse(message: Message): void {
    this.#error.value = message;
  }

  reset(value: T): void {
    batch(() => {
      this.#value.value = value;
      this.#error.value = null;
    });
  }
}

/** Fields that are sent together. Which ones count may depend on what is filled in. */
export class Form {
  readonly busy = signal(false);
  /** What is wrong with the whole, not with one field. */
  readonly problem = signal<Message | null>(null);
  /** Counts refused attempts: the summary of errors takes the focus at each. */
  readonly refusals = signal(0);
  readonly errors = computed(() =>
    this.fields().flatMap(({ id, error }) => (error.value === null ? [] : [{ id, message: error.value }])),
  );

  constructor(private readonly fields: () => readonly AnyField[]) {}

  /** True when every field will do. */
  validate(): boolean {
    const good = batch(() => {
      this.problem.value = null;
      return this.fields()
        .map((field) => field.validate())
        .every(Boolean);
    });
    if (!good) this.refusals.value++;
    return good;
  }

  /** Validates, then does `send` once at a time. True when it worked. */
  async submit(send: () => Promise<void>): Promise<boolean> {
    if (this.busy.peek() || !this.validate()) return false;
    this.busy.value = true;
    try {
      await send();
      return true;
    } catch (error) {
      this.#refuse(asFailure(error));
      return false;
    } finally {
      this.busy.value = false;
    }
  }

  #refuse(failure: ApiFailure): void {
    const named = this.fields().find(({ id }) => failure.field !== null && isNamed(id, failure.field));
    batch(() => {
      if (named === undefined) this.problem.value = () => failureText(failure);
      else named.refuse(() => failureText(failure));
      this.refusals.value++;
    });
  }
}

/** The server's `invitees.0.email` is the field `invitee-email`, its `startsAt` the field `starts-at`. */
function isNamed(id: string, property: string): boolean {
  const last = property.split('.').at(-1) ?? property;
  const dashed = last.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return id === dashed || id.endsWith(`-${dashed}`);
}
