import type { WireError } from './messages.js';

/** The error classes of the public API that the thread itself raises; the class is rebuilt by name on the other side. */
export type CodedErrorName = 'NotFoundError' | 'UnsupportedError';

/** An error of a class that lives above this layer: it carries the class's name. */
export class CodedError extends Error {
  constructor(name: CodedErrorName, message: string) {
    super(message);
    this.name = name;
  }
}

/** Anything thrown, in a form that survives structured clone with its class name. */
export function encodeError(thrown: unknown): WireError {
  if (!(thrown instanceof Error)) {
    return { name: 'Error', message: String(thrown) };
  }
  return { name: thrown.name, message: thrown.message, stack: thrown.stack };
}
