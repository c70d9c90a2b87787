// @ts-check
/** A receiver that looks at everything it gets: authentic, decrypted, complete, and how long it was on its way. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readSendTime } from './media-source.js';
import { isRtcp } from './rtcp.js';
import { SrtpContext, TAG_LENGTH } from './srtp.js';

/** Samples kept for one measurement. */
const MOST_DELAYS = 200_000;

export class SampledReceiver {
  static async open() {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
    await new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(undefined)));
    return new SampledReceiver(socket);
  }

  /** @param {import('node:dgram').Socket} socket */
  constructor(socket) {
    this.socket = socket;
    this.port = socket.address().port;
    /** What this side would send with, as servers want to know it; nothing is sent. */
    this.ownKey = randomBytes(30).toString('base64');
    /** @type {SrtpContext | undefined} */
    this.srtp = undefined;
    /** @type {number[]} milliseconds from sending to here */
    this.delays = [];
    this.received = 0;
    this.notAuthentic = 0;
    this.first = Infinity;
    this.last = -1;
    socket.on('message', (bytes) => this.#receive(bytes, performance.now()));
  }

  /** @param {string | undefined} keyBase64 of the server; undefined: it sends plain RTP with room for a tag behind it */
  expect(keyBase64) {
    this.srtp = keyBase64 === undefined ? undefined : new SrtpContext(Buffer.from(keyBase64, 'base64'));
  }

  /** Begins a new measurement. */
  reset() {
    this.delays = [];
    this.received = 0;
    this.notAuthentic = 0;
    this.first = Infinity;
    this.last = -1;
  }

  /** Packets of the source between the first and the last one here that did not come. */
  get lost() {
    return this.last < 0 ? 0 : this.last - this.first + 1 - this.received;
  }

  close() {
    this.socket.close();
  }

  /**
   * @param {Buffer} bytes
   * @param {number} now
   */
  #receive(bytes, now) {
    if (isRtcp(bytes)) return;
    const plain = this.srtp === undefined ? bytes.subarray(0, -TAG_LENGTH) : this.srtp.unprotectRtp(bytes);
    if (plain === undefined) {
      this.notAuthentic++;
      return;
    }
    const stamp = readSendTime(plain);
    if (stamp === undefined) return;
    this.received++;
    this.first = Math.min(this.first, stamp.number);
    this.last = Math.max(this.last, stamp.number);
    if (this.delays.length < MOST_DELAYS) this.delays.push(now - stamp.sentAt);
  }
}
