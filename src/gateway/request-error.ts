/** A request that fails with a code; thrown by handlers, answered at one place. */
import type { ErrorInfo } from '../signalling/messages.js';
import type { ErrorCode } from '../signalling/protocol.js';

export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}

/** For the client. An unforeseen error is `internal` and its text stays on the server. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof RequestError) {
    return { code: error.code, message: error.message, field: error.field };
  }
  return { code: 'internal', message: 'the server could not carry out the request' };
}

/** By class name, since the backend may come from another copy of the package. */
const MEDIA_ERRORS: Record<string, ErrorCode> = {
  TypeError: 'unsupported',
  UnsupportedError: 'unsupported',
  NotFoundError: 'not-found',
  WorkerClosedError: 'media-unavailable',
  InvalidStateError: 'media-unavailable',
  Error: 'unsupported',
};

/** Awaits a call into the media layer; what that refuses becomes a coded error with its own text. */
export async function mediaCall<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const code = error instanceof Error ? MEDIA_ERRORS[error.name] : undefined;
    if (code === undefined) throw error;
    throw new RequestError(code, (error as Error).message);
  }
}
