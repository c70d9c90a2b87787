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
  | 'ended';

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

export function isConnectionLost(error: unknown): boolean {
  return error instanceof SignallingError && (error.code === 'connection-lost' || error.code === 'timeout');
}
