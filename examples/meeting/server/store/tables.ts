/** The tables as Kysely sees them: the records with JSON as text and booleans as 0 and 1, alike in both databases. */
import type { Generated, Kysely } from 'kysely';
import type {
  ApiKeyRecord,
  InvitationRecord,
  LobbyRecord,
  MeetingRecord,
  MeetingTypeRecord,
  OrganisationRecord,
  OrganiserRecord,
  OutboxRecord,
  ParticipantRecord,
  PaymentRecord,
  RoomRecord,
  SessionRecord,
} from './records.js';

export interface Tables {
  organisations: Stored<
    OrganisationRecord,
    'support' | 'providers' | 'retention' | 'roomPackage',
    'keepEvidence' | 'active'
  >;
  organisers: Stored<OrganiserRecord, 'roles', 'active'>;
  rooms: Stored<RoomRecord, never, 'active'>;
  meetingTypes: Stored<MeetingTypeRecord, 'approvedClass', 'active'>;
  meetings: Stored<MeetingRecord, 'informationClass' | 'assessment' | 'payment', never>;
  invitations: Ordered<InvitationRecord>;
  participants: Ordered<ParticipantRecord>;
  lobbies: Stored<LobbyRecord, 'state', never>;
  sessions: Stored<SessionRecord, 'identity', never>;
  apiKeys: Ordered<ApiKeyRecord>;
  payments: Ordered<PaymentRecord>;
  outbox: Ordered<Stored<OutboxRecord, 'content', never>>;
  settings: { key: string; value: string };
  audit: AuditRow;
  auditHeads: AuditHeadRow;
}

export type Database = Kysely<Tables>;

export interface AuditRow {
  /** The organisation's id; empty for the service's own log. */
  chain: string;
  sequence: number;
  at: number;
  action: string;
  actor: string;
  meetingId: string | null;
  /** Canonical JSON. */
  details: string;
  previousHash: string;
  hash: string;
}

/** The last entry of each log, and the last one that retention removed: what lies between must be there. */
export interface AuditHeadRow {
  chain: string;
  sequence: number;
  hash: string;
  prunedSequence: number;
  prunedHash: string;
}

/** Numbered by the database in the order of writing. */
type Ordered<R> = R & { writeOrder: Generated<number> };

/** Record `R` with the fields `J` as JSON and the fields `F` as flags. */
type Stored<R, J extends keyof R, F extends keyof R> = {
  [K in keyof R]: K extends J ? (null extends R[K] ? string | null : string) : K extends F ? number : R[K];
};
