/** Checks what is put into a lobby: its settings, and snapshots that come back from a store. */
import {
  boolean,
  integer,
  list,
  object,
  oneOf,
  optional,
  type Parser,
  ShapeError,
  text,
} from '../../signalling/shape.js';
import { ASSURANCES, reaches } from '../eid/eid-provider.js';
import { LobbyError } from './lobby-error.js';
import type { LobbySettings, LobbySnapshot } from './lobby-types.js';
import { PARTICIPANT_STATES } from './transitions.js';

/** Throws `bad-settings`. */
export function checkSettings({ meetingId, capacity, minimumAssurance }: LobbySettings): void {
  if (meetingId === '') throw new LobbyError('bad-settings', 'meetingId must not be empty');
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new LobbyError('bad-settings', `capacity must be an integer of at least 1, not ${capacity}`);
  }
  if (!ASSURANCES.includes(minimumAssurance)) {
    throw new LobbyError('bad-settings', `minimumAssurance must be one of ${ASSURANCES.join(', ')}`);
  }
}

/** Throws `bad-snapshot`, also for a state that no lobby can be in. */
export function parseSnapshot(value: unknown): LobbySnapshot {
  try {
    const parsed = snapshot(value, 'snapshot');
    checkStates(parsed);
    return parsed;
  } catch (error) {
    if (error instanceof ShapeError) throw new LobbyError('bad-snapshot', error.message);
    throw error;
  }
}

const MANY = 100_000;
const time = integer(0, Number.MAX_SAFE_INTEGER);
const word = text(0, 4096);
const id = text(1, 256);
const assurance = oneOf(ASSURANCES);

const settings = object({
  meetingId: id,
  capacity: integer(1, MANY),
  minimumAssurance: assurance,
  hosts: list(id, 0, MANY),
  opensAt: optional(time),
});

const verified = object({
  provider: word,
  assurance,
  matchesInvitation: boolean,
  name: word,
  pseudonym: optional(word),
  at: time,
});

const snapshot: Parser<LobbySnapshot> = object({
  version: (value, field) => {
    if (value !== 1) throw new ShapeError(field, '1');
    return 1 as const;
  },
  settings,
  locked: boolean,
  notice: nullable(word),
  ended: nullable(object({ reason: word, at: time })),
  nextOrder: time,
  participants: list(
    object({
      id,
      displayName: word,
      role: word,
      state: oneOf(PARTICIPANT_STATES),
      invitedIdentity: nullable(word),
      verified: nullable(verified),
      waitingSince: nullable(time),
      order: nullable(time),
      admittedAt: nullable(time),
      entered: boolean,
      reason: nullable(word),
    }),
    0,
    MANY,
  ),
});

function nullable<T>(parser: Parser<T>): Parser<T | null> {
  return (value, field) => (value === null ? null : parser(value, field));
}

function checkStates({ participants, settings: { minimumAssurance, capacity } }: LobbySnapshot): void {
  if (new Set(participants.map((participant) => participant.id)).size !== participants.length) {
    throw new LobbyError('bad-snapshot', 'two participants have the same id');
  }
  for (const { state, verified: proof, order } of participants) {
    if (state === 'waiting' && order === null) throw new LobbyError('bad-snapshot', 'somebody waits nowhere');
    if (state !== 'waiting' && state !== 'admitted') continue;
    if (!proof || !reaches(proof.assurance, minimumAssurance)) {
      throw new LobbyError(
        'bad-snapshot',
        `somebody is ${state} without the proof that the meeting asks for`,
      );
    }
  }
  if (participants.filter(({ state }) => state === 'admitted').length > capacity) {
    throw new LobbyError('bad-snapshot', 'more people are admitted than the meeting has places');
  }
}
