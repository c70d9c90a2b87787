/**
 * Error classes of the API. Which class is thrown when:
 *
 * | class | thrown when |
 * |---|---|
 * | `TypeError` | an option or a field is missing, malformed or in conflict with another; an id or payload type is used twice |
 * | `UnsupportedError` | the input is well formed, but no codec fits: unknown codec in `mediaCodecs`, a producer codec or its RTX that the router lacks, a consumer without any common codec |
 * | `NotFoundError` | the named producer, data producer or other entity does not exist (any more) |
 * | `WorkerClosedError` | a request was made, or was pending, when its worker closed |
 * | `Error` | the call comes at a wrong time or clashes with what exists: a second `connect()`, an SSRC, MID or RID in use, SCTP not enabled |
 */

/** Something well formed that cannot be supported. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}

/** The entity that the call is about does not exist. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** The worker that should have carried out the call is closed. */
export class WorkerClosedError extends Error {
  override readonly name = 'WorkerClosedError';
}

/** The name that `WorkerClosedError` had before mediasoup 3.21; the same class. */
export const InvalidStateError = WorkerClosedError;
export type InvalidStateError = WorkerClosedError;
