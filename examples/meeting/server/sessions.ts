/**
 * One session for each browser, in a cookie that scripts cannot read and other hosts cannot set. The store knows only the
 * hash of its id. A session begins without a person; each login makes a new id, so that nobody can prepare one for somebody
 * else.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Language, PortalRole } from '../shared/api.js';
import { refusal } from './http/refusal.js';
import type { Call } from './http/route.js';
import type { OrganiserRecord, SessionIdentity, SessionRecord } from './store/records.js';
import { type Store, StoreError } from './store/store.js';

export const SESSION_COOKIE = '__Host-sluss';
export const IDLE_TIMEOUT_MS = 30 * 60_000;
export const ABSOLUTE_TIMEOUT_MS = 12 * 60 * 60_000;
/** `lastSeenAt` is written no more often than this. */
const TOUCH_INTERVAL_MS = 60_000;

/** A session and the header that gives it to the browser. */
export interface NewSession {
  record: SessionRecord;
  cookie: readonly [name: 'Set-Cookie', value: string];
}

export interface PortalPerson {
  session: SessionRecord & { identity: SessionIdentity };
  organiser: OrganiserRecord;
  /** For the audit log. */
  actor: string;
}

export type SessionEndListener = (idHash: string, replacement: SessionRecord | null) => void;

export class Sessions {
  readonly #found = new WeakMap<Call, Promise<SessionRecord | null>>();
  readonly #ended: SessionEndListener[] = [];

  constructor(
    private readonly store: Store,
    private readonly now: () => number,
  ) {}

  /** The session of a request, when it is still good; what the person does with it keeps it from idling out. */
  find(call: Call): Promise<SessionRecord | null> {
    let found = this.#found.get(call);
    if (!found) {
      const id = call.cookie(SESSION_COOKIE);
      found = /^[\w-]{43}$/.test(id) ? this.#load(hashOf(id), !call.byItself) : Promise.resolve(null);
      this.#found.set(call, found);
    }
    return found;
  }

  /** Throws `not-signed-in` when nobody is identified. */
  async require(call: Call): Promise<SessionRecord & { identity: SessionIdentity }> {
    const session = await this.find(call);
    if (!session?.identity) throw refusal('not-signed-in');
    return { ...session, identity: session.identity };
  }

  /** Somebody of the portal with one of `roles`; throws `not-signed-in` or `forbidden`. */
  async requireRole(call: Call, ...roles: PortalRole[]): Promise<PortalPerson> {
    const session = await this.require(call);
    const organiser = await this.organiserOf(session);
    if (!organiser?.roles.some((role) => roles.includes(role))) throw refusal('forbidden');
    return { session, organiser, actor: `organiser:${organiser.id}` };
  }

  /** Null: a citizen, or no longer active. */
  async organiserOf(session: SessionRecord): Promise<OrganiserRecord | null> {
    if (session.organiserId === null) return null;
    const organiser = await this.store.organisers.get(session.organiserId);
    return organiser?.active === true ? organiser : null;
  }

  /** The request's session, or a new one without a person; `cookie` null when the browser has it already. */
  async findOrBegin(call: Call): Promise<{ record: SessionRecord; cookie: NewSession['cookie'] | null }> {
    const found = await this.find(call);
    if (found) return { record: found, cookie: null };
    const created = this.#create(null, null, call.language);
    await this.store.sessions.insert(created.record);
    return created;
  }

  /** Somebody has proven who they are: a new session takes the place of the old one. */
  async signIn(
    old: SessionRecord,
    identity: SessionIdentity,
    organiserId: string | null,
  ): Promise<NewSession> {
    const created = this.#create(identity, organiserId, old.language);
    await this.store.sessions.replace(old.idHash, created.record);
    this.#tellEnded(old.idHash, created.record);
    return created;
  }

  async setLanguage(session: SessionRecord, language: Language): Promise<SessionRecord> {
    return this.store.sessions.update(session.idHash, { language });
  }

  /** The header makes the browser forget the cookie. */
  async end(call: Call): Promise<NewSession['cookie']> {
    const session = await this.find(call);
    if (session) {
      await this.store.sessions.delete(session.idHash);
      this.#found.delete(call);
      this.#tellEnded(session.idHash);
    }
    return ['Set-Cookie', `${SESSION_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`];
  }

  /**
   * For those who hold only the hash: media admission, open event streams. Null when the session is no longer good, also one
   * that went with its organiser: then all who listen are told.
   */
  check(idHash: string): Promise<SessionRecord | null> {
    return this.#load(idHash, false, true);
  }

  /**
   * Somebody is plainly there without sending requests: in the room, or waiting with the page open. A meeting is not cut off
   * by the absolute end either: it moves along until the meeting is over.
   */
  async keepAlive(idHash: string): Promise<boolean> {
    const record = await this.#load(idHash, true, true);
    if (record === null) return false;
    const needed = this.now() + IDLE_TIMEOUT_MS;
    if (record.expiresAt < needed) await this.#change(idHash, { expiresAt: needed });
    return true;
  }

  /** Milliseconds until it ends when nothing more is done with it. */
  timeLeft({ lastSeenAt, expiresAt }: SessionRecord): number {
    return Math.min(lastSeenAt + IDLE_TIMEOUT_MS, expiresAt) - this.now();
  }

  /** Told of each session that has ended, and which one took its place at a login. */
  onEnded(listener: SessionEndListener): void {
    this.#ended.push(listener);
  }

  /** `tellsMissing`: not for what browsers send, which may be anything. */
  async #load(idHash: string, touch: boolean, tellsMissing = false): Promise<SessionRecord | null> {
    const record = await this.store.sessions.get(idHash);
    if (!record) {
      if (tellsMissing) this.#tellEnded(idHash);
      return null;
    }
    const now = this.now();
    if (now >= record.expiresAt || now - record.lastSeenAt >= IDLE_TIMEOUT_MS) {
      await this.store.sessions.delete(idHash);
      this.#tellEnded(idHash);
      return null;
    }
    if (!touch || now - record.lastSeenAt < TOUCH_INTERVAL_MS) return record;
    return this.#change(idHash, { lastSeenAt: now });
  }

  async #change(
    idHash: string,
    change: Partial<Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'>>,
  ): Promise<SessionRecord | null> {
    try {
      return await this.store.sessions.update(idHash, change);
    } catch (error) {
      // Ended by another request meanwhile.
      if (error instanceof StoreError && error.code === 'not-found') return null;
      throw error;
    }
  }

  #create(identity: SessionIdentity | null, organiserId: string | null, language: Language): NewSession {
    const id = randomBytes(32).toString('base64url');
    const now = this.now();
    return {
      record: {
        idHash: hashOf(id),
        identity,
        organiserId,
        language,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: now + ABSOLUTE_TIMEOUT_MS,
      },
      cookie: ['Set-Cookie', `${SESSION_COOKIE}=${id}; ${ATTRIBUTES}`],
    };
  }

  #tellEnded(idHash: string, replacement: SessionRecord | null = null): void {
    for (const listener of this.#ended) listener(idHash, replacement);
  }
}

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}
