/**
 * One meeting while it matters: its lobby, who may act for whom in it, and the pages that look at it. Each change of the
 * lobby is in the store before anybody is answered, so that a crash takes nothing back.
 *
 * The lobby changes at once and is written down after; both happen in turn (`#queue`). Should the store refuse, the lobby
 * becomes what it was before: what was not written down never happened.
 */
import {
  Lobby,
  type LobbyChange,
  type LobbyParticipant,
  type LobbySettings,
  type LobbySnapshot,
} from 'sluss/gateway';
import type { LobbyView, ParticipantView, VerifiedPerson } from '../../shared/api.js';
import type { EventStream } from '../http/event-stream.js';
import type { InvitationRecord, MeetingRecord, OrganisationRecord } from '../store/records.js';
import { type Store, StoreError, type StoreGroups } from '../store/store.js';
import { lobbyRefusal } from './lobby-refusal.js';
import { auditEntries, recordChange } from './lobby-traces.js';
import { lobbyView, participantView } from './meeting-views.js';
import { type Shown, Viewers } from './viewers.js';

/** The waiting room opens so long before the start. */
export const OPENS_BEFORE_MS = 60 * 60_000;
/** Of those that wait for a store that is away; beyond, the oldest are lost. */
const MAX_OWED = 1_000;
/** `ParticipantView.reason` of somebody whose invitation was taken back. */
const REVOKED = 'revoked';

export interface LiveMeetingEnvironment {
  store: Store;
  now(): number;
  verifiedPerson(proof: NonNullable<LobbyParticipant['verified']>): VerifiedPerson;
  /** Carries out in the room what the lobby decides; returns what ends it. */
  follow(lobby: Lobby): () => void;
  /** A change could not be written down, and was taken back. */
  onTrouble(meetingId: string, error: unknown): void;
  /** Somebody else wrote this lobby: it must be read anew. */
  onOutdated(meeting: LiveMeeting): void;
  /** Somebody is in the room who, as it turned out, may not. */
  evict(meetingId: string, participantId: string): void;
}

export class LiveMeeting implements Shown {
  #lobby: Lobby;
  #meeting: MeetingRecord;
  #queue: Promise<unknown> = Promise.resolve();
  /** Changes of the operation that runs now; null: none runs, so a change comes from the room. */
  #collecting: LobbyChange[] | null = null;
  #unfollow: () => void;
  #unsubscribe: () => void;
  /** Of the room, which nobody can take back, and the store has not taken: written down with what comes next. */
  #owed: readonly LobbyChange[] = [];
  readonly #viewers = new Viewers(this);
  readonly #revoked = new Set<string>();
  /** The session that may act for a participant. */
  readonly #sessions = new Map<string, string>();

  private constructor(
    meeting: MeetingRecord,
    readonly organisation: OrganisationRecord,
    lobby: Lobby,
    /** Of what the store holds; 0: nothing yet. */
    private version: number,
    private readonly environment: LiveMeetingEnvironment,
  ) {
    this.#meeting = meeting;
    this.#lobby = lobby;
    this.#unfollow = environment.follow(lobby);
    this.#unsubscribe = lobby.subscribe((change) => this.#changed(change));
  }

  /** Null: there is no such meeting. */
  static async load(meetingId: string, environment: LiveMeetingEnvironment): Promise<LiveMeeting | null> {
    const { store } = environment;
    const meeting = await store.meetings.get(meetingId);
    const organisation = meeting && (await store.organisations.get(meeting.organisationId));
    if (!meeting || !organisation) return null;
    const room = await store.rooms.get(meeting.roomId);
    const written = await store.participants.lobby(meetingId);
    const settings: LobbySettings = {
      meetingId,
      capacity: room?.capacity ?? 5,
      minimumAssurance: meeting.minimumAssurance,
      hosts: [],
      opensAt: meeting.startsAt - OPENS_BEFORE_MS,
    };
    const lobby = written ? restoreWith(written.state, settings) : new Lobby(settings);
    const live = new LiveMeeting(meeting, organisation, lobby, written?.version ?? 0, environment);
    for (const { id, sessionHash } of await store.participants.list([meetingId])) {
      if (sessionHash !== null) live.#sessions.set(id, sessionHash);
    }
    await live.#follow(await store.invitations.list([meetingId]));
    return live;
  }

  get id(): string {
    return this.#meeting.id;
  }

  get meeting(): MeetingRecord {
    return this.#meeting;
  }

  get lobby(): Lobby {
    return this.#lobby;
  }

  get isOver(): boolean {
    return (
      this.#lobby.ended !== null || this.#meeting.status === 'ended' || this.#meeting.status === 'cancelled'
    );
  }

  get endedReason(): string | null {
    return this.isOver ? (this.#lobby.ended?.reason ?? this.#meeting.status) : null;
  }

  /** Somebody is in the room or looks on. */
  get isWatched(): boolean {
    return this.#viewers.size > 0 || this.#lobby.participants().some(({ present }) => present);
  }

  // ---- changes ------------------------------------------------------------------------------------------------

  /**
   * Does something with the lobby and writes it down; resolves when it is durable. `alongside` writes more in the same
   * transaction, before the participants' records are brought up to date. Throws what people are told.
   */
  change<T>(
    work: (lobby: Lobby, now: number) => T,
    alongside?: (tx: StoreGroups) => Promise<void>,
  ): Promise<T> {
    return this.#inTurn(async () => {
      const changes: LobbyChange[] = [];
      const before = this.#lobby.snapshot();
      this.#collecting = changes;
      let result: T;
      try {
        result = work(this.#lobby, this.environment.now());
      } catch (error) {
        throw lobbyRefusal(error);
      } finally {
        this.#collecting = null;
      }
      try {
        await this.#writeDown(changes, alongside);
      } catch (error) {
        this.#takeBack(before, error);
        throw error;
      }
      this.#viewers.tellAll();
      return result;
    });
  }

  /** The meeting's record, an invitation or a person changed in the store. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const { store } = this.environment;
      const meeting = await store.meetings.get(this.id);
      if (!meeting) return;
      this.#meeting = meeting;
      if (!this.isOver) {
        this.#resettle({ ...this.#lobby.settings, opensAt: meeting.startsAt - OPENS_BEFORE_MS });
        await this.#follow(await store.invitations.list([this.id]));
      }
      this.#viewers.tellAll();
    });
  }

  /** Resolves when what was begun is written down. */
  async settled(): Promise<void> {
    await this.#queue.catch(() => undefined);
  }

  // ---- sessions -----------------------------------------------------------------------------------------------

  sessionOf(participantId: string): string | undefined {
    return this.#sessions.get(participantId);
  }

  bind(participantId: string, sessionHash: string): void {
    this.#sessions.set(participantId, sessionHash);
  }

  participantOf(sessionHash: string): string | undefined {
    for (const [participantId, bound] of this.#sessions) if (bound === sessionHash) return participantId;
    return undefined;
  }

  /** The invitation was taken back: nobody lets them in any more. */
  isRevoked(participantId: string): boolean {
    return this.#revoked.has(participantId);
  }

  /**
   * Sessions of those who look on or are in the room; true: plainly there, in the room, or waiting or let in with the page
   * open. An open page alone is not enough.
   */
  watchingSessions(): Map<string, boolean> {
    const sessions = new Map<string, boolean>();
    for (const { participantId, sessionHash } of this.#viewers.list()) {
      const state = this.#lobby.participant(participantId)?.state;
      const isThere = !this.isOver && (state === 'waiting' || state === 'admitted');
      sessions.set(sessionHash, isThere || sessions.get(sessionHash) === true);
    }
    for (const { id, present } of this.#lobby.participants()) {
      const bound = this.#sessions.get(id);
      if (present && bound !== undefined) sessions.set(bound, !this.isOver);
    }
    return sessions;
  }

  closeStreamsOf(sessionHash: string): void {
    this.#viewers.closeThoseOf(sessionHash);
  }

  // ---- looking on ---------------------------------------------------------------------------------------------

  me(participantId: string): ParticipantView {
    const participant = this.#lobby.participant(participantId);
    if (!participant) throw new Error('a participant who is not in the lobby');
    return participantView(this.#facts(), participant);
  }

  lobbyView(): LobbyView {
    return lobbyView(
      this.#facts(),
      (proof) => this.environment.verifiedPerson(proof),
      (id) => this.isRevoked(id),
    );
  }

  watch(stream: EventStream, participantId: string, sessionHash: string): void {
    this.#viewers.add(stream, participantId, sessionHash);
  }

  close(): void {
    this.#unfollow();
    this.#unsubscribe();
    this.#viewers.close();
  }

  // ---- inside -------------------------------------------------------------------------------------------------

  #facts(): { meeting: MeetingRecord; organisation: OrganisationRecord; lobby: Lobby } {
    return { meeting: this.#meeting, organisation: this.organisation, lobby: this.#lobby };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  #changed(change: LobbyChange): void {
    if (this.#collecting) {
      this.#collecting.push(change);
      return;
    }
    // Somebody has come into the room or left it: nobody waits for an answer.
    this.#inTurn(async () => {
      this.#viewers.tellAll();
      try {
        await this.#writeDown([change]);
      } catch (error) {
        this.#owed = [...this.#owed, change].slice(-MAX_OWED);
        throw error;
      }
    }).catch((error: unknown) => this.environment.onTrouble(this.id, error));
  }

  async #writeDown(
    newChanges: readonly LobbyChange[],
    alongside: (tx: StoreGroups) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const { store } = this.environment;
    const changes = [...this.#owed, ...newChanges];
    const now = this.environment.now();
    const lobby = this.#lobby;
    const snapshot = lobby.snapshot();
    const entries = changes.flatMap((change) => auditEntries(lobby, this.organisation.id, change));
    const touched = new Set(changes.flatMap(({ participantIds }) => participantIds));
    const status = this.#statusAfter(changes);
    let written = { version: this.version, meeting: this.#meeting };
    await store.transaction(async (tx) => {
      await alongside(tx);
      const version = await tx.participants.saveLobby(this.id, this.version, snapshot, now);
      for (const id of touched) {
        const record = await tx.participants.get(id);
        const change = record && recordChange(lobby, id, record, now);
        if (change) await tx.participants.update(id, change);
      }
      let meeting = this.#meeting;
      if (status !== null) {
        const current = (await tx.meetings.get(this.id))!;
        const endedAt = status === 'ended' ? now : current.endedAt;
        if (current.status !== 'cancelled') {
          meeting = await tx.meetings.update(this.id, current.version, { status, endedAt });
        }
      }
      for (const entry of entries) await tx.audit.append(entry);
      written = { version, meeting };
    });
    this.#owed = [];
    this.version = written.version;
    this.#meeting = written.meeting;
  }

  #takeBack(before: LobbySnapshot, error: unknown): void {
    if (error instanceof StoreError && error.code === 'conflict') return this.environment.onOutdated(this);
    // A person's second place, told to them.
    if (!(error instanceof StoreError && error.code === 'duplicate'))
      this.environment.onTrouble(this.id, error);
    this.#replace(Lobby.restore(before));
    this.#viewers.tellAll();
  }

  /** The meeting is open from when somebody waits in it. */
  #statusAfter(changes: readonly LobbyChange[]): 'open' | 'ended' | null {
    if (changes.some(({ operation }) => operation === 'end')) return 'ended';
    const opens = this.#meeting.status === 'planned' && changes.some(({ operation }) => operation === 'wait');
    return opens ? 'open' : null;
  }

  /**
   * Everybody with an invitation that works has a place in the book, which is written down with the next change; whose
   * invitation was taken back is out at once.
   */
  async #follow(invitations: readonly InvitationRecord[]): Promise<void> {
    if (this.#lobby.ended) return;
    const now = this.environment.now();
    const changes: LobbyChange[] = [];
    this.#collecting = changes;
    try {
      for (const { id, name, role, subjectHash, revokedAt } of invitations) {
        const known = this.#lobby.participant(id);
        if (revokedAt !== null) this.#revoked.add(id);
        if (!known && revokedAt === null) {
          const invitedIdentity = subjectHash ?? undefined;
          this.#lobby.add({ id, displayName: name, role, invitedIdentity }, now);
        } else if (known && revokedAt !== null && known.state !== 'denied') {
          if (known.state === 'admitted') this.#lobby.remove(id, REVOKED, null, now);
          else this.#lobby.deny(id, REVOKED, null, now);
        }
      }
    } finally {
      this.#collecting = null;
    }
    if (changes.every(({ operation }) => operation === 'add')) return;
    await this.#writeDown(changes);
  }

  /** The same lobby with other settings, and the same people in the room. */
  #resettle(settings: LobbySettings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#lobby.settings)) return;
    this.#replace(restoreWith(this.#lobby.snapshot(), settings));
  }

  #replace(lobby: Lobby): void {
    const present = this.#lobby.participants().filter((one) => one.present);
    this.#unfollow();
    this.#unsubscribe();
    this.#lobby = lobby;
    this.#unfollow = this.environment.follow(lobby);
    for (const { id } of present) {
      try {
        lobby.joinedRoom(id, this.environment.now());
      } catch {
        this.environment.evict(this.id, id);
      }
    }
    this.#unsubscribe = lobby.subscribe((change) => this.#changed(change));
  }
}

function restoreWith(state: unknown, settings: LobbySettings): Lobby {
  return Lobby.restore({ ...(state as object), settings });
}
