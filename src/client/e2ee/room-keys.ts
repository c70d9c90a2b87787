/**
 * Agrees on the room key with the others, by messages that the server relays and cannot forge. No clock, no timer, no
 * socket: time is an argument (ms, monotonic), and whoever drives it calls `tick` at `next`.
 *
 * An epoch is a room key with the list of those who have it. Whoever is first in line (`People.rank`) makes a new one when
 * the newest does not fit who is here; the others do so after a while of their own, so that nobody's silence stops the
 * meeting. Of several epochs everybody sends with the greatest (number, key id) and reads all for a while: they converge.
 */
import { compareEpochs, type Epoch, EpochBook, type KnownEpoch } from './epoch-book.js';
import { type EpochMessage, openEpoch, sealEpoch } from './epoch-message.js';
import { type Identity, importPublicKey } from './key-exchange.js';
import { type KeyMessage, MAX_MEMBERS, parseKeyMessage, writeKeyMessage } from './key-messages.js';
import { People, sameMembers } from './people.js';
import type { Member } from './room-secret.js';

export type { Epoch } from './epoch-book.js';

export interface RoomKeysSettings {
  room: string;
  identity: Identity;
  /** Resolves with false when it could not be sent: it is then tried again. Never rejects. */
  send(payload: string, to?: readonly string[]): Promise<boolean>;
  /** Something that can be read from this object is different now. */
  onChanged(): void;
  /** Somebody was announced with two keys, or an epoch names others than those announced: somebody cheats. */
  onConflict(peerId: string): void;
}

/** Joins that come together are one epoch. */
const GATHER_MS = 20;
/** One maker makes two epochs in this time at the most: a newcomer needs no patience, many together share. */
const MAKE_INTERVAL_MS = 600;
/** Each in line waits so much longer than the one before. */
const PATIENCE_MS = 2_000;
const ASK_INTERVAL_MS = 1_000;
const ANSWER_INTERVAL_MS = 500;
const RETRY_MS = 1_000;
/** A number far ahead is a jest at the cost of all later epochs. */
const MAX_STEP = 2 ** 20;

export class RoomKeys {
  #people = new People();
  #selfId = '';
  readonly #book = new EpochBook();
  #misfitSince: number | null = null;
  #forced = false;
  /** The last two times. */
  #madeAt: [number, number] = [-Infinity, -Infinity];
  #askedAt = -Infinity;
  #hello: { unsentSince: number | null } = { unsentSince: null };
  readonly #answeredAt = new Map<string, number>();
  readonly #unanswered = new Map<string, number>();
  #queue: Promise<void> = Promise.resolve();
  #next = Infinity;
  /** Messages that were refused: malformed, stale, forged, or of strangers. */
  refused = 0;

  constructor(private readonly settings: RoomKeysSettings) {}

  /** All that can be read with. */
  get epochs(): readonly Epoch[] {
    return this.#book.all;
  }

  /** What to send with; null: not yet. */
  get sending(): Epoch | null {
    return this.#book.sending;
  }

  /** The newest, which is about to be sent with. */
  get newest(): Epoch | null {
    return this.#book.newest;
  }

  get selfId(): string {
    return this.#selfId;
  }

  /** In the room but without encryption, or not heard of yet. */
  get silent(): string[] {
    return this.#people.silent;
  }

  /** When to call `tick`; Infinity: not before something happens. */
  get next(): number {
    return this.#next;
  }

  /** Resolves when all that was told has been worked off. */
  settled(): Promise<void> {
    return this.#queue;
  }

  /** A join that is no resume. `before`: who was there already, longest first. */
  enter(
    now: number,
    self: { peerId: string; host: boolean },
    before: readonly { peerId: string; host: boolean }[],
  ): void {
    this.#run(now, async () => {
      this.#people = new People();
      for (const { peerId, host } of before) this.#people.add(now, peerId, host);
      this.#people.add(now, self.peerId, self.host, this.settings.identity.publicKey);
      this.#selfId = self.peerId;
      this.#book.begin(now);
      this.#misfitSince = null;
      this.#forced = false;
      this.#askedAt = now;
      await this.#sayHello(now);
    });
  }

  /** After a resume: what was said while the socket was away may have been lost. */
  resumed(now: number): void {
    this.#run(now, async () => {
      // Let the others tell first what happened.
      if (this.#misfitSince !== null) this.#misfitSince = now;
      await this.#sayHello(now);
      const { newest } = this.#book;
      if (newest) await this.#deliver(now, newest);
    });
  }

  peerJoined(now: number, { peerId, host }: { peerId: string; host: boolean }): void {
    this.#run(now, () => this.#people.add(now, peerId, host));
  }

  peerLeft(now: number, peerId: string): void {
    this.#run(now, () => {
      this.#people.remove(peerId);
      this.#answeredAt.delete(peerId);
      this.#unanswered.delete(peerId);
    });
  }

  /** A relayed message under KEY_TOPIC. */
  receive(now: number, from: string, payload: string): void {
    this.#run(now, async () => {
      const message = parseKeyMessage(payload);
      if (!message || !this.#people.has(from) || from === this.#selfId) return void this.refused++;
      if (message.type === 'epoch') return this.#receiveEpoch(now, from, message);
      if (!(await this.#learn(from, message.publicKey))) return;
      // Not proven by anything, so not taken at its word for far.
      if (message.number > this.#book.highest + MAX_STEP) return void this.refused++;
      this.#book.heardOf(message.number);
      if (message.type === 'ask') return this.#answer(now, from, message);
      if (message.reply) await this.#sayHello(now, from);
    });
  }

  /** Something came under a key that is not here. */
  missing(now: number): void {
    this.#run(now, () => this.#ask(now));
  }

  tick(now: number): void {
    this.#run(now, () => {});
  }

  // ---- one thing after the other --------------------------------------------------------------------------------

  #run(now: number, task: () => Promise<void> | void): void {
    const done = this.#queue.then(async () => {
      await task();
      await this.#settle(now);
      this.settings.onChanged();
    });
    // A fault of ours is reported to the page, and the next message is heard all the same.
    this.#queue = done.catch((error: unknown) => {
      queueMicrotask(() => {
        throw error;
      });
    });
  }

  async #settle(now: number): Promise<void> {
    this.#book.settle(now);
    // Before the first join there is nothing to do.
    this.#next = Infinity;
    if (this.#selfId === '') return;
    const { unsentSince } = this.#hello;
    if (unsentSince !== null && now >= unsentSince + RETRY_MS) await this.#sayHello(now);
    const { newest } = this.#book;
    const unsent = newest?.unsentSince ?? null;
    if (unsent !== null && now >= unsent + RETRY_MS) await this.#deliver(now, newest!);
    if (this.#fits()) this.#misfitSince = null;
    else await this.#mend(now);
    this.#next = this.#deadline(now);
  }

  #fits(): boolean {
    const { newest } = this.#book;
    return !this.#forced && newest !== null && sameMembers(newest.members, this.#wanted());
  }

  /** Who the next epoch should be for. */
  #wanted(): Member[] {
    return this.#people.members.slice(0, MAX_MEMBERS);
  }

  /** The newest epoch is for others than those who are here. */
  async #mend(now: number): Promise<void> {
    // The room is too full for us.
    if (!this.#wanted().some(({ peerId }) => peerId === this.#selfId)) return;
    this.#misfitSince ??= now;
    if (now >= this.#makeAt(now)) await this.#make(now);
    else if (now >= this.#askAt()) await this.#ask(now);
  }

  #makeAt(now: number): number {
    const rank = this.#people.rank(now, this.#selfId);
    const since = this.#misfitSince! + GATHER_MS + rank * PATIENCE_MS;
    return Math.max(since, this.#madeAt[0] + MAKE_INTERVAL_MS, this.#people.helloDue(now));
  }

  #askAt(): number {
    return Math.max(this.#misfitSince! + ASK_INTERVAL_MS, this.#askedAt + ASK_INTERVAL_MS);
  }

  #deadline(now: number): number {
    const times = [this.#book.next];
    if (this.#hello.unsentSince !== null) times.push(this.#hello.unsentSince + RETRY_MS);
    const unsent = this.#book.newest?.unsentSince ?? null;
    if (unsent !== null) times.push(unsent + RETRY_MS);
    if (this.#misfitSince !== null) times.push(this.#makeAt(now), this.#people.nextChange(now));
    if (this.#misfitSince !== null && this.#people.rank(now, this.#selfId) > 0) times.push(this.#askAt());
    return Math.min(...times);
  }

  // ---- saying ---------------------------------------------------------------------------------------------------

  async #sayHello(now: number, to?: string): Promise<void> {
    const { publicKey } = this.settings.identity;
    const payload = writeKeyMessage({
      type: 'hello',
      publicKey,
      reply: to === undefined,
      number: this.#book.highest,
    });
    const sent = await this.settings.send(payload, to === undefined ? undefined : [to]);
    if (to === undefined || !sent) this.#hello.unsentSince = sent ? null : now;
  }

  async #ask(now: number): Promise<void> {
    if (now < this.#askedAt + ASK_INTERVAL_MS) return;
    this.#askedAt = now;
    const { number, keyId } = this.#book.newest ?? { number: 0, keyId: 0 };
    const { publicKey } = this.settings.identity;
    await this.settings.send(writeKeyMessage({ type: 'ask', publicKey, number, keyId }));
  }

  async #make(now: number): Promise<void> {
    const { identity, room } = this.settings;
    const selfId = this.#selfId;
    const others = this.#people.members.filter(({ peerId }) => peerId !== selfId).slice(0, MAX_MEMBERS - 1);
    const number = this.#book.highest + 1;
    const { epoch, message } = await sealEpoch(identity, { room, number, selfId, others });
    this.#madeAt = [this.#madeAt[1], now];
    this.#forced = false;
    const known = this.#take(now, epoch, message);
    if (known) await this.#deliver(now, known);
  }

  async #deliver(now: number, epoch: KnownEpoch): Promise<void> {
    if (epoch.message === null) return;
    const to = epoch.members
      .map(({ peerId }) => peerId)
      .filter((id) => id !== this.#selfId && this.#people.has(id));
    if (to.length === 0 || (await this.settings.send(epoch.message, to))) epoch.unsentSince = null;
    else epoch.unsentSince = now;
  }

  // ---- hearing --------------------------------------------------------------------------------------------------

  /** False: not a key, or not the one that this peer is known by. */
  async #learn(peerId: string, publicKey: Member['publicKey']): Promise<boolean> {
    try {
      await importPublicKey(publicKey);
    } catch {
      this.refused++;
      return false;
    }
    if (this.#people.learn(peerId, publicKey)) return true;
    this.refused++;
    this.settings.onConflict(peerId);
    return false;
  }

  async #receiveEpoch(now: number, from: string, message: EpochMessage): Promise<void> {
    const { number, members, wrapped } = message;
    const { identity, room } = this.settings;
    const self = members.find(({ peerId }) => peerId === this.#selfId);
    const maker = members.find(({ peerId }) => peerId === from);
    const known = this.#book.newest?.number ?? 0;
    // Not for us: its maker has not heard of us yet, and will.
    if (!self || !maker || !wrapped.has(self.peerId)) return void this.refused++;
    if (number > this.#book.highest + MAX_STEP) return void this.refused++;
    if (number < known) {
      this.refused++;
      // Its maker does not know how far we are.
      if (this.#mayAnswer(now, from)) await this.#sayHello(now, from);
      return;
    }
    // Nobody reads along whom the server has not shown to us.
    const strangers = members.some(({ peerId }) => !this.#people.wasSeen(peerId));
    if (strangers || !sameMembers([self], [{ peerId: self.peerId, publicKey: identity.publicKey }])) {
      return void this.refused++;
    }
    // Under the key that the maker announced, if it did.
    const publicKey = this.#people.keyOf(from) ?? maker.publicKey;
    const epoch = await openEpoch(identity, room, message, { maker: { peerId: from, publicKey }, self });
    if (!epoch) return void this.refused++;
    const conflicts = members.filter((member) => !this.#people.learn(member.peerId, member.publicKey));
    if (conflicts.length > 0) {
      this.refused++;
      return conflicts.forEach(({ peerId }) => this.settings.onConflict(peerId));
    }
    this.#take(now, epoch, null);
  }

  /** Null: it was here before. */
  #take(now: number, epoch: Epoch, message: string | null): KnownEpoch | null {
    const known = this.#book.add(now, epoch, message);
    if (known && known === this.#book.newest) {
      // Whoever made it is alive: the wait of the others in line begins anew.
      this.#misfitSince = null;
      this.#unanswered.clear();
    }
    return known;
  }

  async #answer(now: number, from: string, { number, keyId }: KeyMessage & { type: 'ask' }): Promise<void> {
    const best = this.#book.newest;
    const order = best ? compareEpochs(best, { number, keyId }) : -1;
    if (order === 0) return;
    if (order < 0) {
      await this.#ask(now);
      if (this.#isTired(now, from)) this.#forced = true;
      return;
    }
    if (!this.#mayAnswer(now, from)) return;
    if (!best!.members.some(({ peerId }) => peerId === from)) return;
    if (best!.message !== null) await this.settings.send(best!.message, [from]);
    else if (this.#isTired(now, from)) this.#forced = true;
  }

  /** First in line, and asked in vain for what only somebody else has. */
  #isTired(now: number, from: string): boolean {
    if (this.#people.rank(now, this.#selfId) !== 0) return false;
    const asked = (this.#unanswered.get(from) ?? 0) + 1;
    this.#unanswered.set(from, asked);
    return asked > 2;
  }

  #mayAnswer(now: number, to: string): boolean {
    if (now < (this.#answeredAt.get(to) ?? -Infinity) + ANSWER_INTERVAL_MS) return false;
    this.#answeredAt.set(to, now);
    return true;
  }
}
