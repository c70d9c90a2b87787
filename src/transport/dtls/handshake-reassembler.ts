/**
 * Puts fragmented, repeated and reordered handshake messages back together, within fixed memory.
 * Messages come out in the order of message_seq and only by `peek`/`advance`, so that whoever drives the
 * handshake can reject one (`discard`) and keep waiting for a better message with the same number.
 */
import { type DtlsDropReason } from './dtls-reasons.js';
import {
  HANDSHAKE_HEADER_LENGTH,
  writeHandshakeHeader,
  type FragmentReader,
  type HandshakeMessage,
} from './handshake-message.js';

/** A client's longest flight has five messages; no sane one is numbered further ahead. */
const WINDOW = 8;

interface PartialMessage {
  type: number;
  length: number;
  /** room for the header, then the body */
  bytes: Uint8Array;
  /** 1 for every body byte that has arrived */
  arrived: Uint8Array;
  missing: number;
}

export class HandshakeReassembler {
  /** message_seq of the message that `peek` will return */
  next = 0;
  /** body bytes stored so far, over the whole handshake: repeated bytes count once per message */
  storedBytes = 0;

  private readonly partial = new Map<number, PartialMessage>();
  private buffered = 0;

  /**
   * @param maxMessageBytes largest body accepted
   * @param maxBufferedBytes largest sum of the bodies under assembly
   */
  constructor(
    private readonly maxMessageBytes: number,
    private readonly maxBufferedBytes: number,
  ) {}

  /** Stores one fragment. Returns null when it was new, or why it was not taken. */
  add(fragment: FragmentReader, source: Uint8Array): DtlsDropReason | null {
    const { sequence, type, messageLength } = fragment;
    if (sequence < this.next) return 'duplicate-handshake';
    if (sequence >= this.next + WINDOW) return 'message-sequence';
    if (messageLength > this.maxMessageBytes) return 'reassembly-limit';
    let entry = this.partial.get(sequence);
    if (entry && (entry.type !== type || entry.length !== messageLength)) {
      // Two stories about one message: the later one may be the genuine retransmission.
      this.remove(sequence);
      entry = undefined;
    }
    if (!entry) {
      if (this.buffered + messageLength > this.maxBufferedBytes) return 'reassembly-limit';
      entry = {
        type,
        length: messageLength,
        bytes: new Uint8Array(HANDSHAKE_HEADER_LENGTH + messageLength),
        arrived: new Uint8Array(messageLength),
        missing: messageLength,
      };
      this.partial.set(sequence, entry);
      this.buffered += messageLength;
    } else if (entry.missing === 0) {
      return 'duplicate-handshake';
    }
    const before = entry.missing;
    copyFragment(entry, fragment, source);
    this.storedBytes += before - entry.missing;
    return before === entry.missing && messageLength > 0 ? 'duplicate-handshake' : null;
  }

  /** The message numbered `next`, when all of it is there. */
  peek(): HandshakeMessage | null {
    const entry = this.partial.get(this.next);
    if (!entry || entry.missing > 0) return null;
    writeHandshakeHeader(entry.bytes, entry.type, this.next, entry.length);
    return { type: entry.type, sequence: this.next, bytes: entry.bytes };
  }

  /** The message from `peek` is taken; on to the following one. */
  advance(): void {
    this.remove(this.next);
    this.next++;
  }

  /** The message from `peek` is not acceptable; wait for another under the same number. */
  discard(): void {
    this.remove(this.next);
  }

  private remove(sequence: number): void {
    const entry = this.partial.get(sequence);
    if (!entry) return;
    this.partial.delete(sequence);
    this.buffered -= entry.length;
  }
}

function copyFragment(entry: PartialMessage, fragment: FragmentReader, source: Uint8Array): void {
  const { fragmentOffset, fragmentLength, dataOffset } = fragment;
  const { bytes, arrived } = entry;
  for (let i = 0; i < fragmentLength; i++) {
    const at = fragmentOffset + i;
    if (arrived[at] === 1) continue;
    arrived[at] = 1;
    entry.missing--;
    bytes[HANDSHAKE_HEADER_LENGTH + at] = source[dataOffset + i];
  }
}
