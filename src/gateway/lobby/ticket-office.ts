/**
 * Tickets to a room: secrets of 256 bits that open one WebSocket join, once, within seconds. What a page got by HTTP, with
 * its session's cookie, thus proves itself at the signalling without any lasting secret in the page.
 */
import { createHash, randomBytes as systemRandomBytes } from 'node:crypto';

export interface TicketOfficeOptions {
  /** Milliseconds, monotonic. Default: `performance.now`. */
  now?: () => number;
  /** Default: node:crypto. */
  randomBytes?: (size: number) => Uint8Array;
  /** Milliseconds that a ticket is good for; default 30 s. */
  lifetimeMs?: number;
  /** Unused tickets kept at most, default 10,000; beyond, the oldest is good no more. */
  maxTickets?: number;
  /** The same for one participant; default 4. */
  maxPerParticipant?: number;
}

export interface TicketHolder {
  participantId: string;
  /** Of the session that asked for it, opaque to the office. */
  sessionId: string;
}

interface Ticket extends TicketHolder {
  room: string;
  expiresAt: number;
}

const TICKET_BYTES = 32;

export class TicketOffice {
  /** By the ticket's SHA-256, so that the time of a look-up says nothing about the ticket; the oldest first. */
  readonly #tickets = new Map<string, Ticket>();
  readonly #byParticipant = new Map<string, Set<string>>();
  readonly #now: () => number;
  readonly #randomBytes: (size: number) => Uint8Array;
  readonly #lifetimeMs: number;
  readonly #maxTickets: number;
  readonly #maxPerParticipant: number;

  constructor(options: TicketOfficeOptions = {}) {
    this.#now = options.now ?? (() => performance.now());
    this.#randomBytes = options.randomBytes ?? systemRandomBytes;
    this.#lifetimeMs = options.lifetimeMs ?? 30_000;
    this.#maxTickets = options.maxTickets ?? 10_000;
    this.#maxPerParticipant = options.maxPerParticipant ?? 4;
  }

  /** Unused tickets, expired ones among them until the next call. */
  get size(): number {
    return this.#tickets.size;
  }

  issue({ room, participantId, sessionId }: TicketHolder & { room: string }): string {
    this.#forgetExpired();
    const own = this.#byParticipant.get(participantId) ?? new Set<string>();
    if (own.size >= this.#maxPerParticipant) this.#take(first(own));
    if (this.#tickets.size >= this.#maxTickets) this.#take(first(this.#tickets.keys()));
    const ticket = Buffer.from(this.#randomBytes(TICKET_BYTES)).toString('base64url');
    const key = hash(ticket);
    this.#tickets.set(key, { room, participantId, sessionId, expiresAt: this.#now() + this.#lifetimeMs });
    own.add(key);
    this.#byParticipant.set(participantId, own);
    return ticket;
  }

  /** Null: unknown, used, expired, revoked, or for another room. Whatever the answer, the ticket is used up. */
  redeem(ticket: string, room: string): TicketHolder | null {
    const found = this.#take(hash(ticket));
    if (!found || found.room !== room || found.expiresAt <= this.#now()) return null;
    return { participantId: found.participantId, sessionId: found.sessionId };
  }

  /** All unused tickets of a participant. */
  revoke(participantId: string): void {
    for (const key of this.#byParticipant.get(participantId) ?? []) this.#take(key);
  }

  #take(key: string): Ticket | undefined {
    const ticket = this.#tickets.get(key);
    if (!ticket) return undefined;
    this.#tickets.delete(key);
    const own = this.#byParticipant.get(ticket.participantId)!;
    own.delete(key);
    if (own.size === 0) this.#byParticipant.delete(ticket.participantId);
    return ticket;
  }

  #forgetExpired(): void {
    const now = this.#now();
    for (const [key, { expiresAt }] of this.#tickets) {
      if (expiresAt > now) return;
      this.#take(key);
    }
  }
}

function first(keys: Iterable<string>): string {
  const [key] = keys;
  return key;
}

function hash(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
