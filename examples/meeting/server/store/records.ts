/**
 * What the store keeps, as plain records. Times are whole milliseconds since 1970, ids are `randomUUID()`. Personal numbers and
 * secrets never come here in the clear: a `...Hash` of a person is a keyed hash (HMAC-SHA256 with the service's secret), a
 * `...Hash` of a secret its SHA-256, both as text. Records that are changed by several at once carry a `version`.
 */
import type {
  Assurance,
  EncryptionDemand,
  InformationClass,
  Language,
  MeetingKind,
  MeetingRole,
  MeetingStatus,
  ParticipantState,
  PortalRole,
  RoomPackage,
  RoomView,
  SuitabilityAssessment,
  SupportContact,
} from '../../shared/api.js';

export interface OrganisationRecord {
  id: string;
  name: string;
  support: SupportContact;
  /** Ids of the approved e-ID providers. */
  providers: string[];
  /** Days. Meetings with all that belongs to them, and the organisation's audit log. */
  retention: { meetings: number; audit: number };
  /** What the e-ID signed is kept as long as the meeting; else only its hash. */
  keepEvidence: boolean;
  roomPackage: RoomPackage;
  active: boolean;
  createdAt: number;
}

/** Somebody who logs in to the portal. Among those active, e-mail and hashes are unique. */
export interface OrganiserRecord {
  id: string;
  /** Null: an operator who belongs to no organisation. */
  organisationId: string | null;
  name: string;
  /** Kept in lower case. */
  email: string;
  personalNumberHash: string | null;
  hsaIdHash: string | null;
  roles: PortalRole[];
  active: boolean;
  createdAt: number;
}

export interface RoomRecord {
  id: string;
  organisationId: string;
  organiserId: string;
  name: string;
  capacity: RoomView['capacity'];
  /** False: given up; meetings of the past still name it. */
  active: boolean;
  createdAt: number;
}

export interface MeetingTypeRecord {
  id: string;
  organisationId: string;
  name: string;
  approvedClass: InformationClass;
  minimumAssurance: Assurance;
  endToEndEncryption: EncryptionDemand;
  active: boolean;
  createdAt: number;
}

export interface MeetingRecord {
  id: string;
  organisationId: string;
  organiserId: string;
  roomId: string;
  meetingTypeId: string;
  seriesId: string | null;
  title: string;
  kind: MeetingKind;
  startsAt: number;
  /** When it starts by the rule of its series, whatever became of it since: what calendars know it by. Null: no series. */
  slotAt: number | null;
  durationMinutes: number;
  status: MeetingStatus;
  message: string;
  minimumAssurance: Assurance;
  endToEndEncryption: EncryptionDemand;
  informationClass: InformationClass;
  /** The documented decision. `assessedBy`: the organiser's name as it was. */
  assessment: SuitabilityAssessment & { assessedBy: string; assessedAt: number };
  /** Null: nothing to pay. */
  payment: { amount: number; currency: 'SEK' } | null;
  createdAt: number;
  /** Null until it has ended or is cancelled. */
  endedAt: number | null;
  /** From 1; each update makes it one more. */
  version: number;
}

export interface InvitationRecord {
  id: string;
  meetingId: string;
  name: string;
  role: MeetingRole;
  via: 'email' | 'sms' | 'link';
  email: string | null;
  phone: string | null;
  /** Given: only the person with this hash gets in. */
  subjectHash: string | null;
  language: Language;
  tokenHash: string;
  /** The same for one person's invitations to a series, which are told of together; null: to this meeting alone. */
  seriesId: string | null;
  /** Of the link to all of them. */
  seriesTokenHash: string | null;
  /** Of the calendar event, from 0: higher with each new time and with the cancellation. */
  sequence: number;
  delivery: 'not-sent' | 'sent' | 'failed';
  deliveredAt: number | null;
  /** Null while the link works. */
  revokedAt: number | null;
  createdAt: number;
}

/** Somebody verified for one meeting. At most one for each invitation, and one for each person of a meeting. */
export interface ParticipantRecord {
  id: string;
  meetingId: string;
  /** Null: the organiser, who is host without an invitation. */
  invitationId: string | null;
  organiserId: string | null;
  displayName: string;
  role: MeetingRole;
  state: ParticipantState;
  provider: string;
  assurance: Assurance;
  /** Null: erased. */
  subjectHash: string | null;
  evidenceHash: string | null;
  /** Only for organisations with `keepEvidence`. */
  evidence: string | null;
  /** `SessionRecord.idHash` that claimed the place last. */
  sessionHash: string | null;
  verifiedAt: number;
  admittedAt: number | null;
  leftAt: number | null;
}

/** The lobby of one meeting as its owner wrote it down. */
export interface LobbyRecord {
  meetingId: string;
  /** JSON. People in it are objects with `participantId` or `id`; erasure empties their `displayName`, `name`, `pseudonym`. */
  state: unknown;
  version: number;
  updatedAt: number;
}

/** The least of a proven identity that the service needs while somebody is signed in. */
export interface SessionIdentity {
  name: string;
  provider: string;
  assurance: Assurance;
  /** What `subjectHash` is a hash of, as `personal-number-se`. */
  subjectType: string;
  subjectHash: string;
  /** Of the same person, as the personal number beside an HSA-ID. */
  otherHashes: string[];
  authenticatedAt: number;
  evidenceHash: string;
  /** Only on the way to a meeting whose organisation keeps evidence. */
  evidence: string | null;
}

export interface SessionRecord {
  idHash: string;
  identity: SessionIdentity | null;
  /** Who they are in the portal. */
  organiserId: string | null;
  language: Language;
  createdAt: number;
  lastSeenAt: number;
  /** The absolute end; `purge` removes the session then. */
  expiresAt: number;
}

export interface ApiKeyRecord {
  id: string;
  organisationId: string;
  name: string;
  keyHash: string;
  createdAt: number;
  lastUsedAt: number | null;
}

export interface PaymentRecord {
  id: string;
  meetingId: string;
  invitationId: string;
  provider: string;
  /** The provider's own id of it, unique with `provider`; null before the provider has given one. */
  reference: string | null;
  amount: number;
  currency: 'SEK';
  state: 'pending' | 'paid' | 'failed' | 'refunded';
  createdAt: number;
  updatedAt: number;
}

/** A message on its way. Written in the transaction that decides it, sent after: a crash in between loses nothing. */
export interface OutboxRecord {
  id: string;
  channel: 'email' | 'sms';
  /** Address or number; emptied when sent. */
  recipient: string;
  /** JSON, the sender's own; null when sent. */
  content: unknown;
  meetingId: string | null;
  invitationId: string | null;
  state: 'queued' | 'sent' | 'failed';
  attempts: number;
  /** Not before this. */
  nextAttemptAt: number;
  /** For the operator; no addresses in it. */
  lastError: string | null;
  createdAt: number;
  /** When it was sent or given up. */
  doneAt: number | null;
}

export type AuditDetails = Record<string, string | number | boolean | null>;

export interface AuditInput {
  /** Whose log it goes to; null: the service's own. */
  organisationId: string | null;
  at: number;
  /** Words with dots, as `participant.admitted`. */
  action: string;
  /** A pseudonym as `organiser:<id>`, `participant:<id>`, `api-key:<id>` or `system`. */
  actor: string;
  meetingId?: string | null;
  /** Ids, codes, levels, counts. Not names, addresses or free text: see audit-rules.ts. */
  details?: AuditDetails;
}

export interface AuditRecord {
  organisationId: string | null;
  /** From 1 in each organisation's log, without gaps. */
  sequence: number;
  at: number;
  action: string;
  actor: string;
  meetingId: string | null;
  details: AuditDetails;
  /** SHA-256, hex: of the row before, and of this row with it. */
  previousHash: string;
  hash: string;
}
