/** A notification for many: encoded once for each subprotocol that somebody among them speaks. */
import { encodeFrame } from '../signalling/codec.js';
import type { NotificationName, Notifications } from '../signalling/messages.js';
import { type Subprotocol, SUBPROTOCOL_MSGPACK } from '../signalling/protocol.js';

export class SharedNotification {
  #text: Uint8Array | undefined;
  #packed: Uint8Array | undefined;

  private constructor(private readonly message: object) {}

  static of<K extends NotificationName>(notification: K, data: Notifications[K]): SharedNotification {
    return new SharedNotification({ notification, data });
  }

  /** The same bytes at every call, also for text: a string would be turned into bytes again for each socket. */
  frame(protocol: Subprotocol): Uint8Array {
    if (protocol === SUBPROTOCOL_MSGPACK) return (this.#packed ??= this.#encode(protocol));
    return (this.#text ??= this.#encode(protocol));
  }

  #encode(protocol: Subprotocol): Uint8Array {
    const frame = encodeFrame(protocol, this.message);
    return typeof frame === 'string' ? Buffer.from(frame) : frame;
  }
}
