/**
 * What a participant of a meeting goes through:
 *
 *   invited -> identified -> waiting -> admitted -> left
 *                                 \-> denied <-/
 *
 * The whole table; what is not in it is illegal. When each line may be used (who acts, capacity, lock) is in lobby.ts.
 */
import { LobbyError } from './lobby-error.js';

export const PARTICIPANT_STATES = [
  /** May come; nothing is proven. */
  'invited',
  /** Has proven who they are, at the level that the meeting asks for. */
  'identified',
  'waiting',
  /** May be in the room. */
  'admitted',
  /** Not let in, or removed. Only a host's `admit` changes that. */
  'denied',
  /** Has gone, and waits again when coming back. */
  'left',
] as const;
export type ParticipantState = (typeof PARTICIPANT_STATES)[number];

export type Transition = 'identify' | 'wait' | 'arrive' | 'admit' | 'deny' | 'remove' | 'leave';

const TRANSITIONS: Record<Transition, Partial<Record<ParticipantState, ParticipantState>>> = {
  identify: {
    invited: 'identified',
    identified: 'identified',
    left: 'identified',
    // The same person proves it again, as after a session that was idle for too long.
    waiting: 'waiting',
    admitted: 'admitted',
    denied: 'denied',
  },
  wait: { identified: 'waiting', left: 'waiting' },
  /** A host waits for nobody. */
  arrive: { identified: 'admitted', left: 'admitted' },
  admit: { waiting: 'admitted', denied: 'admitted' },
  deny: { invited: 'denied', identified: 'denied', waiting: 'denied', left: 'denied' },
  remove: { admitted: 'denied' },
  leave: { identified: 'left', waiting: 'left', admitted: 'left' },
};

/** The state after it; throws `illegal-transition`, or `denied` where that is the reason. */
export function nextState(state: ParticipantState, transition: Transition): ParticipantState {
  const next = TRANSITIONS[transition][state];
  if (next !== undefined) return next;
  if (state === 'denied') throw new LobbyError('denied', `${transition}: not let in; a host may admit them`);
  throw new LobbyError('illegal-transition', `"${transition}" is not possible for somebody who is ${state}`);
}
