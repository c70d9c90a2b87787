/**
 * The waiting room of one meeting: who has proven what, who waits, who may be in. Pure: no clock (`now` is an argument,
 * milliseconds since 1970), no timer, no randomness, no socket; admission.ts connects it with a gateway.
 *
 * 1. `add` everybody who is invited, hosts too.
 * 2. `identify` when an e-ID has proven who it is, then `wait`. A host who waits is admitted at once.
 * 3. `admit`, `admitAll`, `deny`, `remove` by a host.
 * 4. `mayEnter` is asked whenever somebody wants media; `joinedRoom` and `leftRoom` tell who is there.
 *
 * Every operation either changes something and tells the listeners once, or throws a `LobbyError` and changes nothing.
 * Where it says `by`, that is the id of a host who is admitted, or null for the service itself (an organiser who cancels).
 */
import type { ProducerSource } from '../../signalling/protocol.js';
import type { Assurance } from '../eid/eid-provider.js';
import { checkAssurance, checkInvited, checkProven, checkSamePerson } from './identity-checks.js';
import { LobbyError } from './lobby-error.js';
import { checkSettings, parseSnapshot } from './lobby-snapshot.js';
import type {
  IdentityProof,
  LobbyChange,
  LobbyListener,
  LobbyOperation,
  LobbyParticipant,
  LobbySettings,
  LobbySnapshot,
  NewParticipant,
} from './lobby-types.js';
import { nextState, type Transition } from './transitions.js';

type Entry = { -readonly [K in keyof LobbyParticipant]: LobbyParticipant[K] };

export class Lobby {
  #locked = false;
  #notice: string | null = null;
  #ended: { reason: string; at: number } | null = null;
  #nextOrder = 1;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<LobbyListener>();

  /** Throws `bad-settings`. */
  constructor(readonly settings: LobbySettings) {
    checkSettings(settings);
  }

  /** From `snapshot()`, also after a trip through JSON. Throws `bad-snapshot`. */
  static restore(snapshot: unknown): Lobby {
    const { settings, locked, notice, ended, nextOrder, participants } = parseSnapshot(snapshot);
    const lobby = new Lobby(settings);
    lobby.#locked = locked;
    lobby.#notice = notice;
    lobby.#ended = ended;
    lobby.#nextOrder = nextOrder;
    for (const participant of participants) {
      lobby.#entries.set(participant.id, { ...participant, present: false });
    }
    return lobby;
  }

  snapshot(): LobbySnapshot {
    return {
      version: 1,
      settings: { ...this.settings, hosts: [...this.settings.hosts] },
      locked: this.#locked,
      notice: this.#notice,
      ended: this.#ended && { ...this.#ended },
      nextOrder: this.#nextOrder,
      participants: [...this.#entries.values()].map((entry) => {
        const { present: _, verified, ...rest } = entry;
        return { ...rest, verified: verified && { ...verified } };
      }),
    };
  }

  /** Returns a function that ends it. */
  subscribe(listener: LobbyListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // ---- what there is ------------------------------------------------------------------------------------------

  get locked(): boolean {
    return this.#locked;
  }

  /** The hosts' newest message to those who wait. */
  get notice(): string | null {
    return this.#notice;
  }

  get ended(): { readonly reason: string; readonly at: number } | null {
    return this.#ended;
  }

  /** A host is in the room. */
  get hostPresent(): boolean {
    for (const entry of this.#entries.values()) {
      if (isHost(entry) && entry.present && entry.state === 'admitted') return true;
    }
    return false;
  }

  get admittedCount(): number {
    let count = 0;
    for (const { state } of this.#entries.values()) if (state === 'admitted') count++;
    return count;
  }

  /** Everybody, in the order of `add`. */
  participants(): LobbyParticipant[] {
    return [...this.#entries.values()];
  }

  participant(id: string): LobbyParticipant | undefined {
    return this.#entries.get(id);
  }

  /** In the order in which they came. */
  waiting(): LobbyParticipant[] {
    return this.#waiting();
  }

  /** From 1; null: not waiting. */
  queuePlace(id: string): number | null {
    const index = this.#waiting().findIndex((entry) => entry.id === id);
    return index < 0 ? null : index + 1;
  }

  isHost(id: string): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && isHost(entry);
  }

  /** A host who has proven who they are, and has not come yet or has left: may come at any moment. */
  isExpectedHost(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || !isHost(entry) || entry.verified === null) return false;
    return entry.state === 'identified' || entry.state === 'left';
  }

  /**
   * Whether somebody may have media now, with what their session proves now: null is yes. Asked again each time that
   * somebody enters. Who has been in the room since the admission may come back to it; anybody else needs a host there
   * and an open door.
   */
  mayEnter(id: string, assurance: Assurance, now: number): LobbyError | null {
    const entry = this.#entries.get(id);
    if (!entry) return new LobbyError('unknown-participant', 'nobody of this id is invited');
    try {
      this.#checkOpen(now);
      if (entry.state === 'denied') throw new LobbyError('denied', 'not let in; a host may admit them');
      if (entry.state !== 'admitted') throw new LobbyError('not-admitted', `${entry.state}, not admitted`);
      checkProven(entry, this.settings);
      checkAssurance(assurance, this.settings);
      this.#checkDoor(entry);
      return null;
    } catch (error) {
      if (error instanceof LobbyError) return error;
      throw error;
    }
  }

  // ---- coming -------------------------------------------------------------------------------------------------

  /** Throws `already-added`, `ended`. */
  add({ id, displayName, role, invitedIdentity }: NewParticipant, now: number): void {
    this.#checkNotEnded();
    if (this.#entries.has(id)) throw new LobbyError('already-added', 'this participant is there already');
    this.#entries.set(id, {
      id,
      displayName,
      role: this.settings.hosts.includes(id) ? HOST : role,
      state: 'invited',
      invitedIdentity: invitedIdentity ?? null,
      verified: null,
      waitingSince: null,
      order: null,
      admittedAt: null,
      entered: false,
      present: false,
      reason: null,
    });
    this.#tell('add', [id], null, now);
  }

  /** Throws `assurance-too-low`, `identity-mismatch`, `illegal-transition`, `ended`. */
  identify(id: string, proof: IdentityProof, now: number): void {
    this.#checkNotEnded();
    const entry = this.#find(id);
    checkAssurance(proof.assurance, this.settings);
    checkInvited(entry, proof);
    checkSamePerson(entry, proof);
    entry.state = nextState(entry.state, 'identify');
    const { provider, assurance, matchesInvitation, name, pseudonym } = proof;
    entry.verified = { provider, assurance, matchesInvitation, name, pseudonym, at: now };
    entry.displayName = name;
    this.#tell('identify', [id], null, now);
  }

  /**
   * Into the waiting room, at the end of the line; a host goes straight in. Throws `not-open`, `locked` (not for hosts),
   * `meeting-full` (hosts only), `denied`, `illegal-transition`, `ended`.
   */
  wait(id: string, now: number): void {
    this.#checkOpen(now);
    const entry = this.#find(id);
    if (isHost(entry)) {
      this.#admit(entry, 'arrive', now);
    } else {
      const state = nextState(entry.state, 'wait');
      checkProven(entry, this.settings);
      this.#checkUnlocked();
      entry.state = state;
      entry.waitingSince = now;
      entry.order = this.#nextOrder++;
    }
    this.#tell('wait', [id], null, now);
  }

  /** Goes away, and has to wait again. Throws `illegal-transition`, `denied`, `ended`. */
  leave(id: string, now: number): void {
    this.#checkNotEnded();
    const entry = this.#find(id);
    this.#end(entry, 'leave');
    this.#tell('leave', [id], null, now);
  }

  // ---- hosts --------------------------------------------------------------------------------------------------

  /**
   * Lets in somebody who waits, or who was denied or removed. Throws `forbidden`, `host-absent`, `locked`, `meeting-full`,
   * `not-identified`, `illegal-transition`, `ended`.
   */
  admit(id: string, by: string, now: number): void {
    this.#checkAdmitting(by, now);
    this.#admit(this.#find(id), 'admit', now);
    this.#tell('admit', [id], by, now);
  }

  /**
   * Lets in those who wait, in their order, as many as there are places for; returns their ids. Throws like `admit`;
   * `meeting-full` when somebody waits and there is not one place.
   */
  admitAll(by: string, now: number): string[] {
    this.#checkAdmitting(by, now);
    const places = this.settings.capacity - this.admittedCount;
    const waiting = this.#waiting();
    if (waiting.length > 0) this.#checkCapacity();
    const fitting = waiting.slice(0, places);
    for (const entry of fitting) this.#admit(entry, 'admit', now);
    const ids = fitting.map(({ id }) => id);
    if (ids.length > 0) this.#tell('admitAll', ids, by, now);
    return ids;
  }

  /** Not for those who are admitted: see `remove`. Throws `forbidden`, `illegal-transition`, `ended`. */
  deny(id: string, reason: string, by: string | null, now: number): void {
    this.#turnAway('deny', id, reason, by, now);
  }

  /** Out of the room, and not in again unless a host admits anew. Throws like `deny`. */
  remove(id: string, reason: string, by: string | null, now: number): void {
    this.#turnAway('remove', id, reason, by, now);
  }

  /** Ends what somebody in the room sends; they may send again. Throws `forbidden`, `not-admitted`, `ended`. */
  mute(id: string, source: ProducerSource, by: string | null, now: number): void {
    this.#checkNotEnded();
    this.#checkActor(by);
    if (this.#find(id).state !== 'admitted') throw new LobbyError('not-admitted', 'not in the meeting');
    this.#tell('mute', [id], by, now, { source });
  }

  /** Nobody new waits, is admitted or enters. Throws `forbidden`, `illegal-transition`, `ended`. */
  lock(by: string | null, now: number): void {
    this.#setLocked(true, by, now);
  }

  unlock(by: string | null, now: number): void {
    this.#setLocked(false, by, now);
  }

  /**
   * To everybody who waits, and who will; an empty text takes it back. Also from a host who has proven who they are and has
   * not come yet: that they are late is told before they come. Throws `forbidden`, `ended`.
   */
  setNotice(text: string, by: string | null, now: number): void {
    this.#checkNotEnded();
    if (by === null || !this.isExpectedHost(by)) this.#checkActor(by);
    this.#notice = text === '' ? null : text;
    this.#tell('notice', [], by, now);
  }

  /** For good. Throws `forbidden`, `ended`. */
  end(reason: string, by: string | null, now: number): void {
    this.#checkNotEnded();
    this.#checkActor(by);
    this.#ended = { reason, at: now };
    this.#tell('end', [], by, now, { reason });
  }

  // ---- the room -----------------------------------------------------------------------------------------------

  /**
   * Throws `not-admitted`, `denied`, `locked`, `host-absent` or `ended` when they may not be there, as when that was decided
   * while they came in: then they must be taken out again.
   */
  joinedRoom(id: string, now: number): void {
    this.#checkNotEnded();
    const entry = this.#find(id);
    if (entry.state === 'denied') throw new LobbyError('denied', 'removed meanwhile');
    if (entry.state !== 'admitted') throw new LobbyError('not-admitted', `${entry.state}, not admitted`);
    if (entry.present) throw new LobbyError('illegal-transition', 'in the room already');
    this.#checkDoor(entry);
    entry.present = entry.entered = true;
    this.#tell('joinedRoom', [id], null, now);
  }

  /** In whatever state, also after the end. Throws `illegal-transition` for somebody who is not there. */
  leftRoom(id: string, now: number): void {
    const entry = this.#find(id);
    if (!entry.present) throw new LobbyError('illegal-transition', 'not in the room');
    entry.present = false;
    this.#tell('leftRoom', [id], null, now);
  }

  // ---- inside -------------------------------------------------------------------------------------------------

  #waiting(): Entry[] {
    const waiting = [...this.#entries.values()].filter(({ state }) => state === 'waiting');
    return waiting.sort((a, b) => a.order! - b.order!);
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new LobbyError('unknown-participant', 'nobody of this id is invited');
    return entry;
  }

  /** The only way to become admitted. */
  #admit(entry: Entry, transition: Transition, now: number): void {
    const state = nextState(entry.state, transition);
    checkProven(entry, this.settings);
    this.#checkCapacity();
    entry.state = state;
    entry.admittedAt = now;
    entry.reason = entry.waitingSince = entry.order = null;
  }

  #turnAway(operation: 'deny' | 'remove', id: string, reason: string, by: string | null, now: number): void {
    this.#checkNotEnded();
    this.#checkActor(by);
    if (id === by) throw new LobbyError('forbidden', 'a host leaves; nobody removes themselves');
    const entry = this.#find(id);
    this.#end(entry, operation);
    entry.reason = reason;
    this.#tell(operation, [id], by, now, { reason });
  }

  #end(entry: Entry, transition: Transition): void {
    entry.state = nextState(entry.state, transition);
    entry.waitingSince = entry.order = entry.admittedAt = null;
    entry.entered = false;
  }

  #setLocked(locked: boolean, by: string | null, now: number): void {
    this.#checkNotEnded();
    this.#checkActor(by);
    if (this.#locked === locked) {
      throw new LobbyError('illegal-transition', `the meeting is ${locked ? '' : 'not '}locked`);
    }
    this.#locked = locked;
    this.#tell(locked ? 'lock' : 'unlock', [], by, now);
  }

  #checkNotEnded(): void {
    if (this.#ended) throw new LobbyError('ended', 'the meeting has ended');
  }

  #checkOpen(now: number): void {
    this.#checkNotEnded();
    if (now < (this.settings.opensAt ?? -Infinity)) {
      throw new LobbyError('not-open', 'the meeting is not open yet');
    }
  }

  #checkActor(by: string | null): void {
    if (by === null) return;
    const entry = this.#entries.get(by);
    if (!entry || !isHost(entry) || entry.state !== 'admitted') {
      throw new LobbyError('forbidden', 'only a host who is admitted may do this');
    }
  }

  #checkAdmitting(by: string, now: number): void {
    this.#checkOpen(now);
    this.#checkActor(by);
    this.#checkHostPresent();
    this.#checkUnlocked();
  }

  /** Who has been in the room since the admission comes back through a closed door, too; and hosts open it. */
  #checkDoor(entry: Entry): void {
    if (entry.entered || isHost(entry)) return;
    this.#checkUnlocked();
    this.#checkHostPresent();
  }

  #checkHostPresent(): void {
    if (!this.hostPresent) throw new LobbyError('host-absent', 'no host is in the room yet');
  }

  #checkUnlocked(): void {
    if (this.#locked) throw new LobbyError('locked', 'the meeting is locked: nobody new comes in');
  }

  #checkCapacity(): void {
    const { capacity } = this.settings;
    if (this.admittedCount >= capacity) {
      throw new LobbyError('meeting-full', `the meeting has its ${capacity} people`);
    }
  }

  #tell(
    operation: LobbyOperation,
    participantIds: readonly string[],
    by: string | null,
    at: number,
    more: Pick<LobbyChange, 'reason' | 'source'> = {},
  ): void {
    const change: LobbyChange = { operation, participantIds, by, at, ...more };
    for (const listener of [...this.#listeners]) listener(change);
  }
}

export const HOST = 'host';

function isHost({ role }: LobbyParticipant): boolean {
  return role === HOST;
}
