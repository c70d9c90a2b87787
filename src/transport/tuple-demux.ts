/**
 * Many transports behind one port (WebRtcServer): finds the one a datagram is for. A known address costs one field
 * read; an unknown one may only speak STUN, and only to a user name fragment that is registered, so nothing here grows
 * with what strangers send.
 */
import { classifyDatagram, DatagramKind } from '../rtp/demux.js';
import { DropCounters } from '../stream/drop-counters.js';
import { StunClass, StunMessage } from './ice/stun.js';
import { type RemoteTuple } from './remote-tuple.js';

export type DemuxDropReason =
  /** No STUN, from an address that passed no authenticated check: media, DTLS or noise (CVE-2023-49786). */
  | 'unknown-tuple'
  | 'stun-malformed'
  /** A response or indication: nobody here asked. */
  | 'stun-not-request'
  /** USERNAME missing, or for a transport that is not here. */
  | 'stun-unknown-ufrag';

/** RFC 8445 5.3. */
const MAX_USERNAME_FRAGMENT_LENGTH = 256;

/** `T` is what a tuple's `owner` holds: every tuple of the port must be owned by a T or by nobody. */
export class TupleDemux<T extends object> {
  readonly drops = new DropCounters<DemuxDropReason>([
    'unknown-tuple',
    'stun-malformed',
    'stun-not-request',
    'stun-unknown-ufrag',
  ]);
  readonly #byUsernameFragment = new Map<string, T>();
  readonly #message = new StunMessage();

  get usernameFragmentCount(): number {
    return this.#byUsernameFragment.size;
  }

  /** One for each transport, two while an ICE restart is under way. */
  usernameFragments(): [usernameFragment: string, owner: T][] {
    return [...this.#byUsernameFragment];
  }

  addUsernameFragment(usernameFragment: string, owner: T): void {
    if (this.#byUsernameFragment.has(usernameFragment)) {
      throw new Error(`ICE username fragment ${usernameFragment} is already in use on this port`);
    }
    this.#byUsernameFragment.set(usernameFragment, owner);
  }

  removeUsernameFragment(usernameFragment: string): void {
    this.#byUsernameFragment.delete(usernameFragment);
  }

  /**
   * Whose datagram this is, or null: dropped and counted. The owner of a known tuple gets whatever comes from it, STUN
   * for somebody else included: so a participant who forges another one's address cannot take that address over.
   */
  route(bytes: Uint8Array, length: number, tuple: RemoteTuple): T | null {
    if (tuple.owner !== null) return tuple.owner as T;
    if (classifyDatagram(bytes, 0, length) !== DatagramKind.Stun) return this.#drop('unknown-tuple');

    const message = this.#message;
    if (!message.parse(bytes, 0, length)) return this.#drop('stun-malformed');
    if (message.messageClass !== StunClass.Request) return this.#drop('stun-not-request');
    const fragmentLength = message.usernameFragmentLength(bytes);
    if (fragmentLength < 1 || fragmentLength > MAX_USERNAME_FRAGMENT_LENGTH) {
      return this.#drop('stun-unknown-ufrag');
    }
    const owner = this.#byUsernameFragment.get(asciiAt(bytes, message.usernameOffset, fragmentLength));
    return owner ?? this.#drop('stun-unknown-ufrag');
  }

  #drop(reason: DemuxDropReason): null {
    this.drops.count(reason);
    return null;
  }
}

function asciiAt(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1');
}
