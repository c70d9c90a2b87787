// @ts-check
/**
 * A DTLS 1.2 client that does just what a WebRTC endpoint has to: ECDHE over X25519 or P-256, AES-128-GCM, its
 * certificate, use_srtp. Cheap enough for hundreds in one process. It does not check the server's signature and
 * fingerprint (a load client has nothing to protect), but it does check Finished, so both sides hold the same keys.
 */
import {
  createECDH,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';
import { exportSrtp, prf, RecordProtection, transcriptHash } from './dtls-keys.js';

const VERSION = 0xfefd;
const RecordType = { ChangeCipherSpec: 20, Alert: 21, Handshake: 22 };
const Type = {
  ClientHello: 1,
  ServerHello: 2,
  HelloVerifyRequest: 3,
  Certificate: 11,
  ServerKeyExchange: 12,
  CertificateRequest: 13,
  ServerHelloDone: 14,
  CertificateVerify: 15,
  ClientKeyExchange: 16,
  Finished: 20,
};
const CIPHER_SUITES = [0xc02b, 0xc02f];
const X25519 = 29;
const P256 = 23;
const ECDSA_SHA256 = 0x0403;
const EXTENDED_MASTER_SECRET = 23;
const SRTP_AES128_CM_HMAC_SHA1_80 = 1;
const MAX_DATAGRAM = 1200;
const FIRST_RETRANSMISSION_MS = 500;
const MOST_RETRANSMISSIONS = 5;

/** @typedef {{ der: Buffer, key: import('node:crypto').KeyObject }} ClientCertificate ECDSA on P-256 */

export class DtlsClient {
  /**
   * @param {object} options
   * @param {ClientCertificate} options.certificate
   * @param {(datagram: Buffer) => void} options.send
   * @param {(keys: { send: Buffer, receive: Buffer }) => void} options.onConnected SRTP keying of both directions
   * @param {(error: Error) => void} options.onFailed
   * @param {number[]} [options.groups] offered, best first; default X25519, then P-256, as browsers do
   */
  constructor({ certificate, send, onConnected, onFailed, groups = [X25519, P256] }) {
    this.groups = groups;
    this.certificate = certificate;
    this.sendDatagram = send;
    this.onConnected = onConnected;
    this.onFailed = onFailed;
    this.random = randomBytes(32);
    this.cookie = Buffer.alloc(0);
    /** @type {Buffer[]} handshake messages with unfragmented headers, from the last ClientHello on */
    this.transcript = [];
    this.nextSend = 0;
    this.nextReceive = 0;
    this.recordNumbers = [0, 0];
    /** @type {Map<number, { type: number, body: Buffer, have: Set<number>, missing: number }>} */
    this.partial = new Map();
    /** @type {{ type: number, epoch: number, content: Buffer }[]} */
    this.flight = [];
    this.extendedMasterSecret = false;
    this.connected = false;
    this.retransmissions = 0;
  }

  start() {
    this.#sendHello();
  }

  close() {
    clearTimeout(this.timer);
  }

  /** @param {Buffer} datagram */
  receive(datagram) {
    for (let at = 0; at + 13 <= datagram.length;) {
      const end = at + 13 + datagram.readUInt16BE(at + 11);
      if (end > datagram.length) return;
      this.#record(datagram[at], datagram.subarray(at + 3, at + 11), datagram.subarray(at + 13, end));
      at = end;
    }
  }

  /**
   * @param {number} type
   * @param {Buffer} sequence epoch and number
   * @param {Buffer} fragment
   */
  #record(type, sequence, fragment) {
    const sealed = sequence.readUInt16BE(0) === 1;
    if (sealed && !this.protection) return;
    const plain = sealed ? this.protection?.open(type, sequence, fragment) : fragment;
    if (plain === undefined) return;
    if (type === RecordType.Alert && !this.connected) {
      return this.#fail(new Error(`the server ended the DTLS handshake with alert ${plain[1]}`));
    }
    if (type !== RecordType.Handshake) return;
    for (let at = 0; at + 12 <= plain.length;) {
      const end = at + 12 + plain.readUIntBE(at + 9, 3);
      if (end > plain.length) return;
      this.#fragment(plain.subarray(at, end));
      at = end;
    }
  }

  /** @param {Buffer} bytes one handshake fragment with its header */
  #fragment(bytes) {
    const number = bytes.readUInt16BE(4);
    if (number < this.nextReceive || this.connected) return;
    let message = this.partial.get(number);
    if (!message) {
      const length = bytes.readUIntBE(1, 3);
      if (length > 16_384) return;
      message = { type: bytes[0], body: Buffer.alloc(length), have: new Set(), missing: length };
      this.partial.set(number, message);
    }
    const offset = bytes.readUIntBE(6, 3);
    if (message.have.has(offset) || offset + bytes.length - 12 > message.body.length) return;
    message.have.add(offset);
    bytes.copy(message.body, offset, 12);
    message.missing -= bytes.length - 12;
    for (let next; (next = this.partial.get(this.nextReceive)) !== undefined && next.missing <= 0;) {
      this.partial.delete(this.nextReceive);
      this.#message(next.type, this.nextReceive++, next.body);
    }
  }

  /**
   * @param {number} type
   * @param {number} number
   * @param {Buffer} body
   */
  #message(type, number, body) {
    if (type === Type.HelloVerifyRequest) {
      this.cookie = Buffer.from(body.subarray(3, 3 + body[2]));
      this.transcript = [];
      return this.#sendHello();
    }
    if (type === Type.Finished) return this.#finish(body);
    this.transcript.push(handshake(type, number, body));
    if (type === Type.ServerHello) this.#readServerHello(body);
    if (type === Type.ServerKeyExchange)
      this.serverKey = { group: body.readUInt16BE(1), point: body.subarray(4, 4 + body[3]) };
    if (type === Type.ServerHelloDone) this.#answer();
  }

  #sendHello() {
    const body = Buffer.concat([
      uint16(VERSION),
      this.random,
      Buffer.from([0]),
      vector8(this.cookie),
      vector16(Buffer.concat(CIPHER_SUITES.map(uint16))),
      Buffer.from([1, 0]),
      vector16(
        Buffer.concat([
          extension(10, vector16(Buffer.concat(this.groups.map(uint16)))),
          extension(11, vector8(Buffer.from([0]))),
          extension(13, vector16(Buffer.concat([ECDSA_SHA256, 0x0804, 0x0401].map(uint16)))),
          extension(14, Buffer.concat([vector16(uint16(SRTP_AES128_CM_HMAC_SHA1_80)), Buffer.from([0])])),
          extension(EXTENDED_MASTER_SECRET, Buffer.alloc(0)),
        ]),
      ),
    ]);
    this.flight = [];
    this.#queue(Type.ClientHello, body);
    this.#transmit();
  }

  /** @param {Buffer} body */
  #readServerHello(body) {
    this.serverRandom = Buffer.from(body.subarray(2, 34));
    const end = body.length;
    let at = 35 + body[34] + 3;
    if (at + 2 > end) return;
    at += 2;
    while (at + 4 <= end) {
      if (body.readUInt16BE(at) === EXTENDED_MASTER_SECRET) this.extendedMasterSecret = true;
      at += 4 + body.readUInt16BE(at + 2);
    }
  }

  /** Certificate, key, proof, Finished. */
  #answer() {
    if (!this.serverKey || !this.serverRandom) return this.#fail(new Error('the server sent no ECDHE key'));
    const { publicKey, secret } = agree(this.serverKey);
    const { der, key } = this.certificate;
    this.flight = [];
    this.#queue(Type.Certificate, vector24(vector24(der)));
    this.#queue(Type.ClientKeyExchange, vector8(publicKey));
    this.masterSecret = this.extendedMasterSecret
      ? prf(secret, 'extended master secret', transcriptHash(this.transcript), 48)
      : prf(secret, 'master secret', Buffer.concat([this.random, this.serverRandom]), 48);
    const signature = sign('sha256', Buffer.concat(this.transcript), key);
    this.#queue(Type.CertificateVerify, Buffer.concat([uint16(ECDSA_SHA256), vector16(signature)]));
    this.protection = new RecordProtection(this.masterSecret, this.random, this.serverRandom);
    this.flight.push({ type: RecordType.ChangeCipherSpec, epoch: 0, content: Buffer.from([1]) });
    this.#queue(Type.Finished, this.#verifyData('client finished'), 1);
    this.#transmit();
  }

  /** @param {Buffer} body of the server's Finished */
  #finish(body) {
    if (!this.masterSecret || !this.serverRandom) return;
    if (!body.equals(this.#verifyData('server finished'))) {
      return this.#fail(new Error('the Finished message of the server is wrong'));
    }
    this.connected = true;
    clearTimeout(this.timer);
    this.onConnected(exportSrtp(this.masterSecret, this.random, this.serverRandom));
  }

  /** @param {string} label */
  #verifyData(label) {
    return prf(/** @type {Buffer} */ (this.masterSecret), label, transcriptHash(this.transcript), 12);
  }

  /**
   * @param {number} type
   * @param {Buffer} body
   */
  #queue(type, body, epoch = 0) {
    const content = handshake(type, this.nextSend++, body);
    this.transcript.push(content);
    this.flight.push({ type: RecordType.Handshake, epoch, content });
  }

  /**
   * A record with a number of its own, also when its content was sent before.
   * @param {{ type: number, epoch: number, content: Buffer }} entry
   */
  #seal({ type, epoch, content }) {
    const sequence = Buffer.alloc(8);
    sequence.writeUInt16BE(epoch, 0);
    sequence.writeUIntBE(this.recordNumbers[epoch]++, 2, 6);
    const fragment = epoch === 1 ? this.protection?.seal(type, sequence, content) : content;
    return Buffer.concat([
      Buffer.from([type]),
      uint16(VERSION),
      sequence,
      vector16(/** @type {Buffer} */ (fragment)),
    ]);
  }

  /** Sends the flight in as few datagrams as fit, and again when nothing comes. */
  #transmit() {
    let datagram = Buffer.alloc(0);
    for (const entry of this.flight) {
      const record = this.#seal(entry);
      if (datagram.length > 0 && datagram.length + record.length > MAX_DATAGRAM) {
        this.sendDatagram(datagram);
        datagram = Buffer.alloc(0);
      }
      datagram = Buffer.concat([datagram, record]);
    }
    this.sendDatagram(datagram);
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        if (this.retransmissions === MOST_RETRANSMISSIONS)
          return this.#fail(new Error('the DTLS handshake timed out'));
        this.retransmissions++;
        this.#transmit();
      },
      FIRST_RETRANSMISSION_MS * 2 ** this.retransmissions,
    );
  }

  /** @param {Error} error */
  #fail(error) {
    clearTimeout(this.timer);
    this.onFailed(error);
  }
}

/**
 * @param {{ group: number, point: Buffer }} server
 * @returns {{ publicKey: Buffer, secret: Buffer }}
 */
function agree({ group, point }) {
  if (group === P256) {
    const ecdh = createECDH('prime256v1');
    return { publicKey: ecdh.generateKeys(), secret: ecdh.computeSecret(point) };
  }
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  // As JWK: OpenSSL's decoder and encoder of DER take longer than the curve itself.
  const x = point.toString('base64url');
  const theirs = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  const ours = /** @type {string} */ (publicKey.export({ format: 'jwk' }).x);
  return {
    publicKey: Buffer.from(ours, 'base64url'),
    secret: diffieHellman({ privateKey, publicKey: theirs }),
  };
}

/**
 * @param {number} type
 * @param {number} number
 * @param {Buffer} body
 */
function handshake(type, number, body) {
  const header = Buffer.alloc(12);
  header[0] = type;
  header.writeUIntBE(body.length, 1, 3);
  header.writeUInt16BE(number, 4);
  header.writeUIntBE(body.length, 9, 3);
  return Buffer.concat([header, body]);
}

/**
 * @param {number} type
 * @param {Buffer} body
 */
function extension(type, body) {
  return Buffer.concat([uint16(type), vector16(body)]);
}

/** @param {number} value */
function uint16(value) {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** @param {Buffer} bytes */
function vector8(bytes) {
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** @param {Buffer} bytes */
function vector16(bytes) {
  return Buffer.concat([uint16(bytes.length), bytes]);
}

/** @param {Buffer} bytes */
function vector24(bytes) {
  return Buffer.concat([Buffer.from([0]), uint16(bytes.length), bytes]);
}
