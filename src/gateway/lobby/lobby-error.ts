/** Why the lobby refuses: stable words, so that a service can tell people in their own language. */
export type LobbyErrorCode =
  /** The state of the participant does not allow it. */
  | 'illegal-transition'
  | 'unknown-participant'
  | 'already-added'
  /** Only a host who is admitted may do it, and nobody may remove themselves. */
  | 'forbidden'
  | 'assurance-too-low'
  /** Another person than the invitation names, or than the one who proved their identity first. */
  | 'identity-mismatch'
  | 'not-identified'
  | 'not-admitted'
  | 'denied'
  | 'meeting-full'
  /** No host is in the room. */
  | 'host-absent'
  | 'locked'
  /** Earlier than the meeting may be entered. */
  | 'not-open'
  | 'ended'
  | 'bad-settings'
  | 'bad-snapshot';

export class LobbyError extends Error {
  override readonly name = 'LobbyError';

  constructor(
    readonly code: LobbyErrorCode,
    message: string,
  ) {
    super(message);
  }
}
