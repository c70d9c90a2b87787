import type { ErrorCode } from '../signalling/protocol.js';

/** What can go wrong on this side of the socket. */
export type ClientErrorCode =
  /** No WebSocket could be opened. */
  | 'connect-failed'
  /** The socket went away before the answer came. */
  | 'connection-lost'
  | 'timeout'
  /** The client was closed, or is not joined. */
  | 'closed'
  /** A browser or device that cannot do WebRTC or the codec. */
  | 'unsupported-device'
  /** Taken out of the room while joining; the message is for people. */
  | 'removed'
  /** The room was ended while joining; the message is for people. */
  | 'ended'
  /** `requireEncryption`, and a stream would have been sent or received in the clear: it was not. */
  | 'encryption-required'
  /** This browser, or the codec asked for, has no end-to-end encryption. */
  | 'encryption-unsupported'
  /** The worker that encrypts is gone: nothing is sent. */
  | 'encryption-failed'
  /** Nothing can be sent encrypted before a room key is there: wait for the state `encrypted`. */
  | 'no-key'
  /** A sealed document is broken off, was changed, or is another one than the key is for. */
  | 'document-damaged';

/** Every failure of the client: `code` is stable, `message` is for people. */
export class SignallingError extends Error {
  override readonly name = 'SignallingError';

  constructor(
    readonly code: ErrorCode | ClientErrorCode,
    message: string,
    /** The field that the server refused. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** Of any error; those without one are `internal`. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : 'internal';
}

export function isConnectionLost(error: unknown): boolean {
  return error instanceof SignallingError && (error.code === 'connection-lost' || error.code === 'timeout');
}
