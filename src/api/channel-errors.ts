import type { ChannelErrors } from '../worker/channel.js';
import type { WireError } from '../worker/messages.js';
import { NotFoundError, UnsupportedError, WorkerClosedError } from './errors.js';

const classes: Record<string, new (message: string) => Error> = {
  TypeError,
  RangeError,
  NotFoundError,
  UnsupportedError,
};

/** An error of the worker thread in its own class; its stack is the thread's. */
export function reviveError({ name, message, stack }: WireError): Error {
  const error = new (classes[name] ?? Error)(message);
  if (stack !== undefined) {
    error.stack = stack;
  }
  return error;
}

export const channelErrors: ChannelErrors = {
  revive: reviveError,
  closed: (method) => new WorkerClosedError(`the worker is closed, so ${method} cannot be carried out`),
};
