/** What goes into the lobby of a meeting, what it holds, and what it tells. Times are milliseconds since 1970. */
import type { ProducerSource } from '../../signalling/protocol.js';
import type { Assurance } from '../eid/eid-provider.js';
import type { ParticipantState } from './transitions.js';

export interface LobbySettings {
  /** Also the name of the room in the gateway. */
  readonly meetingId: string;
  /** People admitted at the same time, hosts among them. */
  readonly capacity: number;
  /** What everybody must have proven, hosts too. */
  readonly minimumAssurance: Assurance;
  /** Ids of participants who are hosts, besides those added with the role `host`. */
  readonly hosts: readonly string[];
  /** Nobody waits or enters earlier. Left out: at any time. */
  readonly opensAt?: number;
}

export interface NewParticipant {
  readonly id: string;
  readonly displayName: string;
  /** `host` makes a host; other words are the service's own. */
  readonly role: string;
  /** Names the invited person, opaque to the lobby (a keyed hash): only somebody who matches it can identify. */
  readonly invitedIdentity?: string;
}

/** What an e-ID proved. */
export interface IdentityProof {
  /** `EidProvider.id`. */
  readonly provider: string;
  readonly assurance: Assurance;
  /** It is the person whom the invitation names. */
  readonly matchesInvitation: boolean;
  /** Becomes the display name. */
  readonly name: string;
  /**
   * Tells people apart without naming them (a keyed hash). Given: nobody else can take over the invitation later.
   * Left out: who waits, is admitted or denied cannot identify again.
   */
  readonly pseudonym?: string;
}

export interface VerifiedIdentity extends IdentityProof {
  readonly at: number;
}

/** Somebody in the lobby's book. */
export interface LobbyParticipant {
  readonly id: string;
  readonly displayName: string;
  readonly role: string;
  readonly state: ParticipantState;
  readonly invitedIdentity: string | null;
  readonly verified: VerifiedIdentity | null;
  /** While waiting. */
  readonly waitingSince: number | null;
  /** Place in line as a number that only grows; while waiting. */
  readonly order: number | null;
  readonly admittedAt: number | null;
  /** Has been in the room since the admission: may come back when the connection was lost, also if it is locked now. */
  readonly entered: boolean;
  /** In the room now. */
  readonly present: boolean;
  /** Why denied or removed. */
  readonly reason: string | null;
}

export type LobbyOperation =
  | 'add'
  | 'identify'
  | 'wait'
  | 'admit'
  | 'admitAll'
  | 'deny'
  | 'remove'
  | 'leave'
  | 'mute'
  | 'lock'
  | 'unlock'
  | 'notice'
  | 'end'
  | 'joinedRoom'
  | 'leftRoom';

/** Told once per operation, after it. */
export interface LobbyChange {
  readonly operation: LobbyOperation;
  /** Whom it is about; empty: everybody. */
  readonly participantIds: readonly string[];
  /** The host who did it; null: the person, or the service itself. */
  readonly by: string | null;
  readonly at: number;
  readonly reason?: string;
  /** Of `mute`. */
  readonly source?: ProducerSource;
}

export type LobbyListener = (change: LobbyChange) => void;

/** Plain JSON. Who is in the room is not part of it: after a restart nobody is. */
export interface LobbySnapshot {
  readonly version: 1;
  readonly settings: LobbySettings;
  readonly locked: boolean;
  readonly notice: string | null;
  readonly ended: { readonly reason: string; readonly at: number } | null;
  readonly nextOrder: number;
  readonly participants: readonly Omit<LobbyParticipant, 'present'>[];
}
