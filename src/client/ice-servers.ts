/** The ICE servers of a client: given once and for all, or asked for, and then not older than they may be. */
import type { RoomClientOptions } from './room-client-types.js';
import { askForIceServers } from './ticket-source.js';

/** TURN servers let in for hours with what they gave: this is well below. */
const LIFETIME_MS = 30 * 60_000;

export class IceServers {
  #servers: readonly RTCIceServer[] = [];
  #askedAt = -Infinity;

  constructor(
    private readonly given: RoomClientOptions['iceServers'] = [],
    private readonly lifetimeMs = LIFETIME_MS,
  ) {
    if (typeof given !== 'function') this.#servers = given;
  }

  /** Those of the last answer. */
  get servers(): readonly RTCIceServer[] {
    return this.#servers;
  }

  /** Whether there is somebody to ask. */
  get isAsked(): boolean {
    return typeof this.given === 'function';
  }

  /** The last answer is older than it may be. One without credentials does not age. */
  get isStale(): boolean {
    if (!this.isAsked || !this.#servers.some(({ credential }) => credential !== undefined)) return false;
    // Not the monotonic clock, which stands still in some browsers while the computer sleeps.
    return Date.now() - this.#askedAt >= this.lifetimeMs;
  }

  /** Rejects as the page's function does, and the last answer stays. */
  async ask(): Promise<readonly RTCIceServer[]> {
    if (typeof this.given === 'function') {
      this.#servers = await askForIceServers(this.given);
      this.#askedAt = Date.now();
    }
    return this.#servers;
  }
}
