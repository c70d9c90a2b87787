/**
 * An ICE-lite agent (RFC 8445 2.5): it answers authenticated Binding requests and never sends one. An address becomes
 * valid only by such a request; everything that fails a check is dropped without an answer, so the agent cannot be
 * used to reflect traffic or to probe for credentials.
 *
 * Time is an argument (ms, monotonic): handleRequest(now), nextTimeout(), handleTimeout(now).
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { DropCounters } from '../../stream/drop-counters.js';
import { StunClass, StunMessage, StunMethod, verifyFingerprint, verifyIntegrity } from './stun.js';
import { StunWriter } from './stun-writer.js';

/**
 * - `new`: no valid request yet
 * - `connected`: there is a selected tuple that the peer has not nominated
 * - `completed`: the peer nominated the selected tuple
 * - `disconnected`: consent expired; no tuple is valid. A new valid request connects again.
 */
export type IceState = 'new' | 'connected' | 'completed' | 'disconnected' | 'closed';

export type IceDropReason =
  | 'stun-malformed'
  /** A response or indication: we never asked. */
  | 'stun-not-request'
  | 'stun-not-binding'
  | 'stun-unknown-ufrag'
  /** MESSAGE-INTEGRITY missing or not made with our password. */
  | 'stun-bad-integrity'
  | 'stun-bad-fingerprint'
  /** Authenticated, but the peer calls itself controlled as well; answered with 487. */
  | 'stun-role-conflict'
  | 'ice-closed';

const DROP_REASONS: readonly IceDropReason[] = [
  'stun-malformed',
  'stun-not-request',
  'stun-not-binding',
  'stun-unknown-ufrag',
  'stun-bad-integrity',
  'stun-bad-fingerprint',
  'stun-role-conflict',
  'ice-closed',
];

/** What the agent needs of an address; RemoteTuple is one. Tuples are compared by identity. */
export interface IceTuple {
  readonly address: string;
  readonly port: number;
  /** The lasting object for this address: called once the address has proved itself. */
  intern(): IceTuple;
}

/** Callbacks run inside the agent's methods and must not call them in turn, but for close() in onStateChange. */
export interface IceLiteAgentOptions<T extends IceTuple> {
  usernameFragment: string;
  password: string;
  /** Seconds without a valid request until `disconnected` (RFC 7675). Default 30; 0 never expires. */
  consentTimeoutSeconds?: number;
  /** Not called for `closed`. When a selected tuple changes too, that is told first. */
  onStateChange?(state: IceState): void;
  onSelectedTuple?(tuple: T): void;
  /** The tuple is interned. */
  onTupleAdded?(tuple: T): void;
  onTupleRemoved?(tuple: T): void;
  /** A fragment that requests may name from now on: in the constructor and at restart(). */
  onUsernameFragmentAdded?(usernameFragment: string): void;
  /** No longer: when a restart has taken effect, and at close(). */
  onUsernameFragmentRemoved?(usernameFragment: string): void;
}

/** More addresses than a peer has interfaces, relays and NAT rebindings at a time. */
export const MAX_ICE_TUPLES = 8;

const DEFAULT_CONSENT_TIMEOUT_SECONDS = 30;

interface Credentials {
  usernameFragment: string;
  usernameFragmentBytes: Uint8Array;
  password: string;
  key: KeyObject;
}

export class IceLiteAgent<T extends IceTuple> {
  readonly drops = new DropCounters<IceDropReason>(DROP_REASONS);
  /** Valid requests, each answered. */
  requestCount = 0;

  readonly #options: IceLiteAgentOptions<T>;
  readonly #consentTimeout: number;
  readonly #message = new StunMessage();
  #credentials: Credentials;
  /** From before a restart, until the peer uses the new ones. */
  #oldCredentials: Credentials | null = null;
  #state: IceState = 'new';
  /** Oldest first. */
  #tuples: T[] = [];
  #selected: T | null = null;
  /** Highest nomination value seen; -1 before any. */
  #nomination = -1;
  #consentAt = 0;

  constructor(options: IceLiteAgentOptions<T>) {
    this.#options = options;
    this.#consentTimeout = (options.consentTimeoutSeconds ?? DEFAULT_CONSENT_TIMEOUT_SECONDS) * 1000;
    this.#credentials = makeCredentials(options.usernameFragment, options.password);
    options.onUsernameFragmentAdded?.(options.usernameFragment);
  }

  get usernameFragment(): string {
    return this.#credentials.usernameFragment;
  }

  get password(): string {
    return this.#credentials.password;
  }

  get state(): IceState {
    return this.#state;
  }

  get selectedTuple(): T | null {
    return this.#selected;
  }

  get tuples(): readonly T[] {
    return this.#tuples;
  }

  isValidTuple(tuple: T): boolean {
    return this.#tuples.includes(tuple);
  }

  /**
   * One STUN datagram. Gives the bytes to send back to `tuple`, or null: dropped and counted. Never throws.
   * `tuple` may be the scratch object of an unknown address.
   */
  handleRequest(now: number, bytes: Uint8Array, offset: number, length: number, tuple: T): Uint8Array | null {
    if (this.#state === 'closed') return this.#drop('ice-closed');
    const message = this.#message;
    if (!message.parse(bytes, offset, length)) return this.#drop('stun-malformed');
    if (message.messageClass !== StunClass.Request) return this.#drop('stun-not-request');
    if (message.method !== StunMethod.Binding) return this.#drop('stun-not-binding');

    const credentials = this.#credentialsNamedBy(bytes, message);
    if (credentials === null) return this.#drop('stun-unknown-ufrag');
    if (message.fingerprintOffset !== -1 && !verifyFingerprint(bytes, message)) {
      return this.#drop('stun-bad-fingerprint');
    }
    if (!verifyIntegrity(bytes, message, credentials.key)) return this.#drop('stun-bad-integrity');

    const transactionOffset = offset + 8;
    if (message.iceControlled) {
      this.drops.count('stun-role-conflict');
      return new StunWriter(StunClass.Error, StunMethod.Binding, bytes, transactionOffset)
        .errorCode(487, 'Role Conflict')
        .integrity(credentials.key)
        .fingerprint().bytes;
    }

    const response = new StunWriter(StunClass.Success, StunMethod.Binding, bytes, transactionOffset)
      .xorMappedAddress(tuple.address, tuple.port)
      .integrity(credentials.key)
      .fingerprint().bytes;
    this.requestCount++;
    this.#consentAt = now;
    if (credentials === this.#credentials) this.#retireOldCredentials();
    this.#handleCheck(tuple, message);
    return response;
  }

  /**
   * New credentials, answered from now on. The old ones stay good until the peer uses the new: it learns them by
   * signalling, which takes its time. The media path stays as it is meanwhile.
   */
  restart(usernameFragment: string, password: string, now: number): void {
    if (this.#state === 'closed') throw new Error('the ICE agent is closed and cannot restart');
    this.#retireOldCredentials();
    this.#oldCredentials = this.#credentials;
    this.#credentials = makeCredentials(usernameFragment, password);
    this.#nomination = -1;
    this.#consentAt = now;
    this.#options.onUsernameFragmentAdded?.(usernameFragment);
  }

  /**
   * The peer sent authentic media (SRTP or DTLS that passed) by this tuple: answer there. That settles the path with
   * peers that nominate every pair they check and then use one of them. Only a tuple that is already valid is
   * selected: an address is never learnt from media.
   */
  followMedia(tuple: T): void {
    if (tuple !== this.#selected && this.isValidTuple(tuple)) this.#select(tuple);
  }

  /** When handleTimeout() is due (ms), Infinity for never. */
  nextTimeout(): number {
    return this.#selected !== null && this.#consentTimeout > 0
      ? this.#consentAt + this.#consentTimeout
      : Infinity;
  }

  /** Drops all tuples when the peer's consent to receive has expired. Too early a call does nothing. */
  handleTimeout(now: number): void {
    if (now < this.nextTimeout()) return;
    this.#nomination = -1;
    this.#removeAllTuples();
    this.#setState('disconnected');
  }

  /** Forgets all tuples and fragments. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#removeAllTuples();
    this.#retireOldCredentials();
    this.#options.onUsernameFragmentRemoved?.(this.#credentials.usernameFragment);
  }

  #drop(reason: IceDropReason): null {
    this.drops.count(reason);
    return null;
  }

  #credentialsNamedBy(bytes: Uint8Array, message: StunMessage): Credentials | null {
    const length = message.usernameFragmentLength(bytes);
    if (names(bytes, message.usernameOffset, length, this.#credentials)) return this.#credentials;
    const old = this.#oldCredentials;
    return old !== null && names(bytes, message.usernameOffset, length, old) ? old : null;
  }

  #retireOldCredentials(): void {
    const old = this.#oldCredentials;
    if (old === null) return;
    this.#oldCredentials = null;
    this.#options.onUsernameFragmentRemoved?.(old.usernameFragment);
  }

  /**
   * The first valid tuple is selected at once, so that media need not wait for a nomination. Later the last nomination
   * wins: towards a lite agent browsers nominate only the pair they have chosen, so it follows their choice. With
   * nomination values only a higher one than before counts, whatever USE-CANDIDATE says.
   */
  #handleCheck(tuple: T, message: StunMessage): void {
    const valid = this.#addTuple(tuple);
    const numbered = message.nomination !== -1;
    const nominated = numbered ? message.nomination > this.#nomination : message.useCandidate;
    if (numbered && nominated) this.#nomination = message.nomination;
    if (nominated || this.#selected === null) this.#select(valid);
    if (nominated) this.#setState('completed');
    else if (this.#state !== 'completed') this.#setState('connected');
  }

  #addTuple(candidate: T): T {
    if (this.isValidTuple(candidate)) return candidate;
    const tuple = candidate.intern() as T;
    this.#tuples.push(tuple);
    this.#options.onTupleAdded?.(tuple);
    if (this.#tuples.length > MAX_ICE_TUPLES) {
      // The one just added is the last, so with a limit of two or more this finds an older one.
      const oldest = this.#tuples[0] === this.#selected ? 1 : 0;
      const [removed] = this.#tuples.splice(oldest, 1);
      this.#options.onTupleRemoved?.(removed);
    }
    return tuple;
  }

  #removeAllTuples(): void {
    const tuples = this.#tuples;
    this.#tuples = [];
    this.#selected = null;
    for (const tuple of tuples) this.#options.onTupleRemoved?.(tuple);
  }

  #select(tuple: T): void {
    if (tuple === this.#selected) return;
    this.#selected = tuple;
    this.#options.onSelectedTuple?.(tuple);
  }

  #setState(state: IceState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onStateChange?.(state);
  }
}

function makeCredentials(usernameFragment: string, password: string): Credentials {
  return {
    usernameFragment,
    usernameFragmentBytes: new TextEncoder().encode(usernameFragment),
    password,
    key: createSecretKey(password, 'utf8'),
  };
}

function names(bytes: Uint8Array, offset: number, length: number, credentials: Credentials): boolean {
  const expected = credentials.usernameFragmentBytes;
  if (length !== expected.length) return false;
  for (let i = 0; i < length; i++) if (bytes[offset + i] !== expected[i]) return false;
  return true;
}
