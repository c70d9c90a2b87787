/**
 * - `conflict`: somebody else changed the record since it was read: read again, decide again.
 * - `duplicate`: something unique is there already (an organiser's e-mail, a claimed invitation).
 * - `not-found`: the record that was to be changed is not there.
 * - `personal-data`: an audit entry holds what may be a personal number, an address, a name or free text.
 * - `locked`: another server has the database open.
 * - `newer-database`: a later version of the service wrote the database.
 * - `unavailable`: the database cannot be opened or reached.
 * - `misuse`: a mistake in the calling code.
 */
export type StoreErrorCode =
  | 'conflict'
  | 'duplicate'
  | 'not-found'
  | 'personal-data'
  | 'locked'
  | 'newer-database'
  | 'unavailable'
  | 'misuse';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly code: StoreErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
