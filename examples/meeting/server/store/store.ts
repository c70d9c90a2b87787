/**
 * Where the meeting service keeps what must outlive it: SQLite in a folder, or PostgreSQL. Both pass the same suite
 * (test/service/store/conformance.ts).
 *
 *   const store = await openStore({ dataDir: './data' });
 *   await store.transaction(async (tx) => {
 *     await tx.meetings.insert(meeting);
 *     await tx.audit.append({ organisationId, at: Date.now(), action: 'meeting.booked', actor, meetingId: meeting.id });
 *   });
 *
 * A promise that resolved is a promise kept: what it wrote survives a crash of the process or the machine. Transactions run
 * one after the other, so what one has read stays true until it ends; keep them short and wait for nothing else in them.
 * Inside a transaction only its own `tx` may be used. Errors are `StoreError` with a code; everything else is a fault.
 */
import type {
  ApiKeyRecord,
  AuditInput,
  AuditRecord,
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

export { StoreError, type StoreErrorCode } from './errors.js';
export { openStore } from './open-store.js';
export type * from './records.js';

export interface OpenStoreOptions {
  /** `postgres://user:password@host:port/database`; left out: SQLite in `dataDir`. */
  databaseUrl?: string;
  /** Folder of `meeting.sqlite`; made when missing, for the service's user only. */
  dataDir: string;
}

export interface Store extends StoreGroups {
  readonly kind: 'sqlite' | 'postgres';
  /** All of it or nothing. Rolls back when `work` rejects, and rejects with the same error. */
  transaction<T>(work: (tx: StoreGroups) => Promise<T>): Promise<T>;
  /**
   * Removes what is older than the retention settings say; to be called once an hour or so. It writes to the audit logs what
   * it removed, and removes in small transactions, so that others get between.
   */
  purge(now: number): Promise<PurgeReport>;
  /**
   * Everything of one organisation for the archive, one JSON object a line: organisation, meetings (which started in the
   * period) with invitations, participants and payments, audit entries of the period, and at last `{ "type": "end", ... }`
   * with the counts: a file without it is not whole.
   */
  exportArchive(organisationId: string, period: Period): AsyncIterableIterator<string>;
  /**
   * SQLite: a copy of the database as it is now, in a new file, for backups. Other programs must not open or copy the database
   * while the service runs: they do not see its locks. Nothing else is answered meanwhile (about a second for 100 MB).
   * PostgreSQL has `pg_dump` for that: `misuse`.
   */
  backupTo(file: string): Promise<void>;
  /** Waits for what is under way. Calls after it are refused; closing twice is fine. */
  close(): Promise<void>;
}

/** Also the shape of a transaction. */
export interface StoreGroups {
  readonly organisations: OrganisationStore;
  readonly organisers: OrganiserStore;
  readonly rooms: RoomStore;
  readonly meetingTypes: MeetingTypeStore;
  readonly meetings: MeetingStore;
  readonly invitations: InvitationStore;
  readonly participants: ParticipantStore;
  readonly sessions: SessionStore;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditStore;
  readonly settings: SettingStore;
  readonly payments: PaymentStore;
  readonly outbox: OutboxStore;
  /**
   * Removes name, address, number, hashes and evidence of a citizen from the meetings of one organisation, messages to them
   * and, when there was anything, their sessions. What was done stays (a place without a name, the audit log). Answers how many records it changed.
   */
  erasePerson(organisationId: string, subjectHash: string): Promise<number>;
}

/** From `from` inclusive to `to` exclusive; left out: open. */
export interface Period {
  from?: number;
  to?: number;
}

export interface OrganisationStore {
  insert(record: OrganisationRecord): Promise<void>;
  get(id: string): Promise<OrganisationRecord | null>;
  /** By name. */
  list(): Promise<OrganisationRecord[]>;
  update(id: string, change: Partial<Omit<OrganisationRecord, 'id'>>): Promise<OrganisationRecord>;
}

export interface OrganiserStore {
  insert(record: OrganiserRecord): Promise<void>;
  get(id: string): Promise<OrganiserRecord | null>;
  /** Active ones only. `subjectHash` of a personal number or an HSA-ID. */
  findBySubject(subjectHash: string): Promise<OrganiserRecord | null>;
  /** Active ones only. */
  findByEmail(email: string): Promise<OrganiserRecord | null>;
  /** By name, those no longer active too. */
  list(organisationId: string): Promise<OrganiserRecord[]>;
  /** True: nobody can log in yet; the service was never set up. */
  isEmpty(): Promise<boolean>;
  /** With `active: false` their sessions end. */
  update(id: string, change: Partial<Omit<OrganiserRecord, 'id'>>): Promise<OrganiserRecord>;
}

export interface RoomStore {
  insert(record: RoomRecord): Promise<void>;
  get(id: string): Promise<RoomRecord | null>;
  /** Active ones, by name. */
  list(filter: { organisationId: string; organiserId?: string }): Promise<RoomRecord[]>;
  update(id: string, change: Partial<Pick<RoomRecord, 'name' | 'active'>>): Promise<RoomRecord>;
}

export interface MeetingTypeStore {
  insert(record: MeetingTypeRecord): Promise<void>;
  get(id: string): Promise<MeetingTypeRecord | null>;
  /** Active ones, by name. */
  list(organisationId: string): Promise<MeetingTypeRecord[]>;
  update(id: string, change: Partial<Omit<MeetingTypeRecord, 'id'>>): Promise<MeetingTypeRecord>;
}

export interface MeetingFilter extends Period {
  organisationId?: string;
  organiserId?: string;
  roomId?: string;
  seriesId?: string;
  status?: readonly MeetingRecord['status'][];
  /** At most so many. Default 1,000. */
  limit?: number;
}

export interface MeetingStore {
  /** The version becomes 1. */
  insert(record: Omit<MeetingRecord, 'version'>): Promise<MeetingRecord>;
  get(id: string): Promise<MeetingRecord | null>;
  /** By start; the period is of `startsAt`. */
  list(filter: MeetingFilter): Promise<MeetingRecord[]>;
  /** `version` as read; `conflict` when it has changed since. */
  update(
    id: string,
    version: number,
    change: Partial<Omit<MeetingRecord, 'id' | 'version'>>,
  ): Promise<MeetingRecord>;
}

export interface InvitationStore {
  insert(record: InvitationRecord): Promise<void>;
  get(id: string): Promise<InvitationRecord | null>;
  findByTokenHash(tokenHash: string): Promise<InvitationRecord | null>;
  /** In the order of writing. */
  list(meetingIds: readonly string[]): Promise<InvitationRecord[]>;
  /** One person's invitations to a series, by their common id or by the hash of their common link; in the order of writing. */
  listSeries(of: { seriesId: string } | { tokenHash: string }): Promise<InvitationRecord[]>;
  update(id: string, change: Partial<Omit<InvitationRecord, 'id' | 'meetingId'>>): Promise<InvitationRecord>;
}

export interface ParticipantStore {
  /** `duplicate`: the invitation is claimed, or the person is in this meeting already. */
  insert(record: ParticipantRecord): Promise<void>;
  get(id: string): Promise<ParticipantRecord | null>;
  findByInvitation(invitationId: string): Promise<ParticipantRecord | null>;
  findBySubject(meetingId: string, subjectHash: string): Promise<ParticipantRecord | null>;
  /** In the order of writing. */
  list(meetingIds: readonly string[]): Promise<ParticipantRecord[]>;
  update(
    id: string,
    change: Partial<Omit<ParticipantRecord, 'id' | 'meetingId'>>,
  ): Promise<ParticipantRecord>;
  lobby(meetingId: string): Promise<LobbyRecord | null>;
  /**
   * Writes the lobby's state down. `version` as read or as answered by the last `saveLobby`, 0 when there is none yet;
   * `conflict` when it has changed since. Answers the new version.
   */
  saveLobby(meetingId: string, version: number, state: unknown, now: number): Promise<number>;
  /** Lobbies of meetings with status `open`: what a restarted server takes up again. */
  openLobbies(): Promise<LobbyRecord[]>;
}

export interface SessionStore {
  insert(record: SessionRecord): Promise<void>;
  get(idHash: string): Promise<SessionRecord | null>;
  update(
    idHash: string,
    change: Partial<
      Pick<SessionRecord, 'identity' | 'organiserId' | 'language' | 'lastSeenAt' | 'expiresAt'>
    >,
  ): Promise<SessionRecord>;
  /** A new id at login: the old session is gone, the new one there, and places claimed by the old one follow. */
  replace(oldIdHash: string, record: SessionRecord): Promise<void>;
  /** Unknown ones are fine. */
  delete(idHash: string): Promise<void>;
}

export interface ApiKeyStore {
  insert(record: ApiKeyRecord): Promise<void>;
  findByHash(keyHash: string): Promise<ApiKeyRecord | null>;
  /** In the order of writing. */
  list(organisationId: string): Promise<ApiKeyRecord[]>;
  touch(id: string, now: number): Promise<void>;
  /** False: the organisation has none such. */
  delete(organisationId: string, id: string): Promise<boolean>;
}

export interface AuditFilter extends Period {
  organisationId: string | null;
  meetingId?: string;
  /** Only entries after this one, for paging. */
  afterSequence?: number;
  /** Only entries before this one: of these, and of all when it is `Infinity`, the newest `limit`. */
  beforeSequence?: number;
  /** At most so many. Default 1,000. */
  limit?: number;
}

/** An entry up to which a log was found good. */
export interface AuditMark {
  sequence: number;
  hash: string;
}

export interface AuditVerdict {
  intact: boolean;
  /** So many were looked at. */
  entries: number;
  /** The first thing wrong, for people who look into it; null when intact. */
  problem: { organisationId: string | null; sequence: number; message: string } | null;
}

/** One chain of entries for each organisation and one for the service: nothing in it is ever changed. */
export interface AuditStore {
  /** Refuses personal data (`personal-data`). */
  append(entry: AuditInput): Promise<AuditRecord>;
  /** By sequence. */
  list(filter: AuditFilter): Promise<AuditRecord[]>;
  /** One JSON object a line. */
  export(
    filter: Omit<AuditFilter, 'limit' | 'afterSequence' | 'beforeSequence'>,
  ): AsyncIterableIterator<string>;
  /** Reckons every hash again, a page at a time with room for others between. Left out: all the logs. */
  verify(organisationId?: string | null): Promise<AuditVerdict>;
  /**
   * As `verify` of one log, but only what follows an entry that was found good earlier, and whether that one still stands
   * as it did; null, or an entry that retention has removed: all of it.
   */
  verifySince(
    organisationId: string | null,
    mark: AuditMark | null,
  ): Promise<AuditVerdict & { last: AuditMark }>;
}

export interface SettingStore {
  /** Null: not set. */
  get<T>(key: string): Promise<T | null>;
  /** Any JSON. */
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Setting `retention`, in days; what of it is left out has its default. */
export interface RetentionSettings {
  /** What the e-ID signed, for organisations that keep it; at most as long as the meeting. Default 365. */
  evidence: number;
  /** Sent and given up messages. Default 30. */
  outbox: number;
  /** The service's own audit log; those of organisations have their own setting. Default 1,825. */
  audit: number;
}

export interface PaymentStore {
  insert(record: PaymentRecord): Promise<void>;
  get(id: string): Promise<PaymentRecord | null>;
  findByReference(provider: string, reference: string): Promise<PaymentRecord | null>;
  /** In the order of writing. */
  list(filter: { meetingId: string; invitationId?: string }): Promise<PaymentRecord[]>;
  /** With `onlyIf`, only in that state: `conflict` otherwise. */
  update(
    id: string,
    change: Partial<Pick<PaymentRecord, 'reference' | 'state' | 'updatedAt'>>,
    onlyIf?: PaymentRecord['state'],
  ): Promise<PaymentRecord>;
}

export type OutboxInput = Pick<
  OutboxRecord,
  'id' | 'channel' | 'recipient' | 'content' | 'meetingId' | 'invitationId' | 'createdAt'
>;

export interface OutboxStore {
  /** To be sent at once. */
  enqueue(message: OutboxInput): Promise<void>;
  get(id: string): Promise<OutboxRecord | null>;
  /** In the order of writing. */
  list(filter: { meetingId: string }): Promise<OutboxRecord[]>;
  /**
   * Takes messages that are due, the oldest first, and counts the attempt. They are due again after `leaseMs`, should the
   * sender die: a message may then go out twice, but never not at all.
   */
  take(now: number, leaseMs: number, limit: number): Promise<OutboxRecord[]>;
  /** Forgets address and content. */
  sent(id: string, now: number): Promise<void>;
  /** Try again later. */
  retry(id: string, nextAttemptAt: number, error: string): Promise<void>;
  /** Given up. */
  fail(id: string, now: number, error: string): Promise<void>;
  /** The time at which the next one is due; null: none waits. */
  nextDue(): Promise<number | null>;
}

/** How many of each were removed. */
export interface PurgeReport {
  meetings: number;
  evidence: number;
  sessions: number;
  outbox: number;
  audit: number;
}
