/** A room full of `RoomKeys` on virtual time, with a relay between them that can be slow, lossy or evil. */
import type { KeyMessage } from '#src/client/e2ee/key-messages.js';
import { Identity } from '#src/client/e2ee/key-exchange.js';
import { type Epoch, RoomKeys } from '#src/client/e2ee/room-keys.js';

export type { KeyMessage };

export interface Page {
  keys: RoomKeys;
  identity: Identity;
  peerId: string;
  host: boolean;
  online: boolean;
  present: boolean;
  /** Every epoch that it ever had, by key id. */
  had: Map<number, Epoch>;
  conflicts: string[];
}

export interface Relayed {
  from: string;
  to: string;
  payload: string;
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class RelayWorld {
  now = 0;
  /** In the order in which they came. */
  readonly pages: Page[] = [];
  /** Share of relayed messages lost. */
  loss = 0;
  maxDelayMs = 40;
  /** Each receiver hears everything in the order in which the server said it, as by one socket. Else: by sender. */
  ordered = true;
  /** What the server makes of a message; undefined: nothing else. */
  tamper: ((message: Relayed) => Relayed[]) | undefined;
  readonly log: Relayed[] = [];
  readonly #events: { at: number; order: number; run: () => void }[] = [];
  /** Each way keeps its order. */
  readonly #ways = new Map<string, number>();
  #count = 0;

  constructor(private readonly random: () => number) {}

  get present(): Page[] {
    return this.pages.filter(({ present }) => present);
  }

  async createPage(host = false): Promise<Page> {
    const identity = await Identity.create();
    const page: Page = {
      ...{ identity, host, peerId: '', online: false, present: false, had: new Map(), conflicts: [] },
      keys: new RoomKeys({
        room: 'room',
        identity,
        send: (payload, to) => Promise.resolve(this.#relay(page, payload, to)),
        onChanged: () => page.keys.epochs.forEach((epoch) => page.had.set(epoch.keyId, epoch)),
        onConflict: (peerId) => page.conflicts.push(peerId),
      }),
    };
    return page;
  }

  /** Also a rejoin: under a new peer id. */
  join(page: Page, peerId = `peer-${this.#count++}`): void {
    if (page.present) this.leave(page);
    const before = this.present.map(({ peerId, host }) => ({ peerId, host }));
    Object.assign(page, { peerId, present: true, online: true });
    this.pages.push(page);
    page.keys.enter(this.now, page, before);
    for (const other of this.present) {
      if (other !== page)
        this.#notify(other, () => other.keys.peerJoined(this.now, { peerId, host: page.host }));
    }
  }

  /** The page does not hear of it, as when its network is gone. */
  leave(page: Page): void {
    const { peerId } = page;
    page.present = page.online = false;
    this.pages.splice(this.pages.indexOf(page), 1);
    for (const other of this.present) this.#notify(other, () => other.keys.peerLeft(this.now, peerId));
  }

  resume(page: Page): void {
    page.online = true;
    page.keys.resumed(this.now);
  }

  /** As if `from` had sent it. */
  deliver({ from, to, payload }: Relayed): void {
    const receiver = this.present.find(({ peerId }) => peerId === to);
    if (!receiver?.online || this.random() < this.loss) return;
    this.#later(this.ordered ? to : `${from} ${to}`, () => {
      if (receiver.present && receiver.peerId === to) receiver.keys.receive(this.now, from, payload);
    });
  }

  async run(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      for (const { keys } of this.present) await keys.settled();
      const times = this.present.map(({ keys }) => Math.max(keys.next, this.now));
      const [event] = this.#events.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = Math.min(event?.at ?? Infinity, ...times);
      if (next > end) break;
      this.now = next;
      if (event?.at === next) this.#events.shift()!.run();
      for (const { keys } of this.present) if (keys.next <= this.now) keys.tick(this.now);
    }
    this.now = end;
  }

  #relay(page: Page, payload: string, to?: readonly string[]): boolean {
    if (!page.online) return false;
    const receivers = to ?? this.present.filter((other) => other !== page).map(({ peerId }) => peerId);
    for (const receiver of receivers) {
      const message = { from: page.peerId, to: receiver, payload };
      this.log.push(message);
      for (const made of this.tamper?.(message) ?? [message]) this.deliver(made);
    }
    return true;
  }

  #notify(page: Page, tell: () => void): void {
    this.#later(this.ordered ? page.peerId : `server ${page.peerId}`, () => page.present && tell());
  }

  #later(way: string, run: () => void): void {
    const at = Math.max(this.#ways.get(way) ?? 0, this.now + this.random() * this.maxDelayMs);
    this.#ways.set(way, at);
    this.#events.push({ at, order: this.#count++, run });
  }
}

/** All send with one key, which they all have, and it is for exactly those who are here. Empty: they do. */
export function disagreement({ present }: RelayWorld): string {
  const keyIds = new Set(present.map(({ keys }) => keys.sending?.keyId));
  if (keyIds.size > 1 || keyIds.has(undefined)) return `they send with ${[...keyIds].join(', ')}`;
  const peers = present.map(({ peerId }) => peerId).sort();
  for (const { keys, peerId } of present) {
    const members = keys.sending!.members.map((member) => member.peerId).sort();
    if (members.join() !== peers.join())
      return `${peerId} sends to ${members.join()} in place of ${peers.join()}`;
  }
  return '';
}
