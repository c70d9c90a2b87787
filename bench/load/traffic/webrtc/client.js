// @ts-check
/**
 * One WebRTC endpoint on a socket of its own: ICE checks, DTLS, SRTP both ways, reports and bandwidth feedback as a
 * browser sends them. Light enough for hundreds in a process: only clients that are told to do so decrypt everything
 * that they get, the others their first packet.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readSendTime } from '../media-source.js';
import { isRtcp, keyFrameRequests, receiverReport } from '../rtcp.js';
import { SrtpContext } from '../srtp.js';
import { DtlsClient } from './dtls-client.js';
import { FeedbackLog } from './feedback.js';
import { InboundStream } from './inbound-stream.js';
import { bindingRequest, bindingSuccess, isRequest, isSuccessFor } from './stun.js';

const TRANSPORT_WIDE = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const CHECK_AGAIN_MS = 200;
const MOST_CHECKS = 50;
const MOST_DELAYS = 50_000;

/** @typedef {{ iceParameters: any, iceCandidates: any[] }} RemoteTransport as of mediasoup's WebRtcTransport */

let nextSsrc = 0x40000000;

export class WebRtcClient {
  /**
   * @param {object} options
   * @param {import('./dtls-client.js').ClientCertificate} options.certificate
   * @param {boolean} [options.sampled] decrypts and times every packet; default false
   */
  constructor({ certificate, sampled = false }) {
    this.certificate = certificate;
    this.sampled = sampled;
    this.ufrag = randomBytes(4).toString('hex');
    this.password = randomBytes(16).toString('hex');
    this.ssrc = nextSsrc++;
    /** @type {Map<number, InboundStream>} by SSRC; only those that were announced */
    this.streams = new Map();
    this.feedback = new FeedbackLog();
    this.transportWideId = 0;
    this.notAuthentic = 0;
    /** @type {number[]} */
    this.delays = [];
    /** @type {Set<number>} SSRCs that have shown media */
    this.seen = new Set();
    /** @type {(ssrc: number) => void} a key frame is wanted of a stream that is sent from here */
    this.onKeyFrameRequest = () => {};
    /** @type {(ssrc: number) => void} the first authentic packet of a stream */
    this.onFirstPacket = () => {};
  }

  /**
   * Resolves when media can flow.
   * @param {RemoteTransport} remote
   */
  async connect({ iceParameters, iceCandidates }) {
    const candidate = iceCandidates.find(({ protocol }) => protocol === 'udp');
    this.socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    this.remote = { address: candidate.address ?? candidate.ip, port: candidate.port };
    const own = this.remote.address.startsWith('127.') ? '127.0.0.1' : '0.0.0.0';
    await new Promise((resolve) => this.socket?.bind(0, own, () => resolve(undefined)));
    this.credentials = {
      username: `${iceParameters.usernameFragment}:${this.ufrag}`,
      password: iceParameters.password,
    };
    await new Promise((resolve, reject) => {
      this.socket?.on('message', (bytes, source) => this.#receive(bytes, source));
      this.dtls = new DtlsClient({
        certificate: this.certificate,
        send: (datagram) => this.#send(datagram),
        onConnected: ({ send, receive }) => {
          this.outbound = new SrtpContext(send);
          this.inbound = new SrtpContext(receive);
          resolve(undefined);
        },
        onFailed: reject,
      });
      this.#check(reject);
    });
  }

  /** @param {{ ssrc: number, headerExtensions: { uri: string, id: number }[] }[]} consumers that will come */
  expect(consumers) {
    for (const { ssrc, headerExtensions } of consumers) {
      this.streams.set(ssrc, new InboundStream());
      this.transportWideId =
        headerExtensions.find(({ uri }) => uri === TRANSPORT_WIDE)?.id ?? this.transportWideId;
    }
  }

  /** @param {Buffer} packet plain RTP */
  sendRtp(packet) {
    if (this.outbound) this.#send(this.outbound.protectRtp(packet));
  }

  /** @param {Buffer} packet plain RTCP */
  sendRtcp(packet) {
    if (this.outbound) this.#send(this.outbound.protectRtcp(packet));
  }

  /** To be called ten times a second. */
  sendFeedback() {
    const [media] = this.streams.keys();
    for (const packet of this.feedback.take(this.ssrc, media ?? 0)) this.sendRtcp(packet);
  }

  /** To be called once a second; keeps the consent fresh too. */
  sendReport() {
    const streams = [...this.streams].filter(([, { started }]) => started);
    this.sendRtcp(
      receiverReport(
        this.ssrc,
        streams.map(([ssrc, { highest }]) => ({ ssrc, highest })),
      ),
    );
    if (this.credentials) this.#send(bindingRequest(this.credentials).request);
  }

  /** Begins a new measurement. */
  reset() {
    for (const stream of this.streams.values()) stream.reset();
    this.delays = [];
    this.notAuthentic = 0;
  }

  close() {
    clearTimeout(this.checkTimer);
    this.dtls?.close();
    this.socket?.close();
    this.socket = undefined;
  }

  /** @param {(error: Error) => void} fail */
  #check(fail, attempt = 1) {
    const { request, transactionId } = bindingRequest(/** @type {any} */ (this.credentials));
    this.transactionId = transactionId;
    this.#send(request);
    this.checkTimer = setTimeout(() => {
      if (attempt === MOST_CHECKS) fail(new Error('the server answers no ICE check'));
      else this.#check(fail, attempt + 1);
    }, CHECK_AGAIN_MS);
  }

  /** @param {Buffer} bytes */
  #send(bytes) {
    if (this.socket && this.remote) this.socket.send(bytes, this.remote.port, this.remote.address);
  }

  /**
   * RFC 7983.
   * @param {Buffer} bytes
   * @param {{ address: string, port: number }} source
   */
  #receive(bytes, source) {
    const first = bytes[0];
    if (first >= 128 && first < 192)
      return isRtcp(bytes) ? this.#receiveRtcp(bytes) : this.#receiveRtp(bytes);
    if (first >= 20 && first < 64) return this.dtls?.receive(bytes);
    if (isRequest(bytes)) return this.#send(bindingSuccess(bytes, source, this.password));
    if (this.transactionId && isSuccessFor(bytes, this.transactionId)) {
      this.transactionId = undefined;
      clearTimeout(this.checkTimer);
      this.dtls?.start();
    }
  }

  /** @param {Buffer} bytes */
  #receiveRtcp(bytes) {
    const plain = this.inbound?.unprotectRtcp(bytes);
    if (plain) for (const ssrc of keyFrameRequests(plain)) this.onKeyFrameRequest(ssrc);
  }

  /** @param {Buffer} bytes */
  #receiveRtp(bytes) {
    if (!this.inbound || bytes.length < 22) return;
    const ssrc = bytes.readUInt32BE(8);
    const now = performance.now();
    const number = this.transportWideId === 0 ? -1 : transportWideNumber(bytes, this.transportWideId);
    if (number >= 0) this.feedback.add(number, now);
    const stream = this.streams.get(ssrc);
    if (!stream) return;
    stream.add(bytes.readUInt16BE(2));
    const known = this.seen.has(ssrc);
    if (known && !this.sampled) return;
    const plain = this.inbound.unprotectRtp(bytes);
    if (!plain) {
      this.notAuthentic++;
      return;
    }
    if (!known) {
      this.seen.add(ssrc);
      this.onFirstPacket(ssrc);
    }
    const stamp = readSendTime(plain);
    if (stamp && this.delays.length < MOST_DELAYS) this.delays.push(now - stamp.sentAt);
  }
}

/**
 * @param {Buffer} packet with one-byte header extensions (RFC 8285)
 * @param {number} id
 * @returns {number} -1 when it has none
 */
function transportWideNumber(packet, id) {
  if ((packet[0] & 0x10) === 0) return -1;
  let at = 12 + (packet[0] & 0x0f) * 4;
  if (packet.readUInt16BE(at) !== 0xbede) return -1;
  const end = Math.min(packet.length, at + 4 + packet.readUInt16BE(at + 2) * 4);
  for (at += 4; at + 2 < end;) {
    const element = packet[at];
    if (element === 0) at++;
    else if (element >> 4 === id) return packet.readUInt16BE(at + 1);
    else at += 2 + (element & 0x0f);
  }
  return -1;
}
