// @ts-check
/** The connectivity checks of an ICE client (RFC 8445, 8489). */
import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const MAGIC_COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const FINGERPRINT_XOR = 0x5354554e;
const Attribute = {
  Username: 0x0006,
  MessageIntegrity: 0x0008,
  XorMappedAddress: 0x0020,
  Priority: 0x0024,
  UseCandidate: 0x0025,
  Fingerprint: 0x8028,
  IceControlling: 0x802a,
};
const HOST_PRIORITY = 0x7e0000ff;

/**
 * A check that nominates its pair.
 * @param {{ username: string, password: string }} credentials `remote:local` and the remote password
 * @returns {{ request: Buffer, transactionId: Buffer }}
 */
export function bindingRequest({ username, password }) {
  const transactionId = randomBytes(12);
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(HOST_PRIORITY);
  const attributes = Buffer.concat([
    attribute(Attribute.Username, Buffer.from(username)),
    attribute(Attribute.Priority, priority),
    attribute(Attribute.IceControlling, randomBytes(8)),
    attribute(Attribute.UseCandidate, Buffer.alloc(0)),
  ]);
  return { request: sealed(BINDING_REQUEST, transactionId, attributes, password), transactionId };
}

/**
 * @param {Buffer} datagram
 * @param {Buffer} transactionId
 */
export function isSuccessFor(datagram, transactionId) {
  return (
    datagram.length >= 20 &&
    datagram.readUInt16BE(0) === BINDING_SUCCESS &&
    datagram.subarray(8, 20).equals(transactionId)
  );
}

/** @param {Buffer} datagram */
export function isRequest(datagram) {
  return datagram.length >= 20 && datagram.readUInt16BE(0) === BINDING_REQUEST;
}

/**
 * The answer to a check of a full ICE agent.
 * @param {Buffer} request
 * @param {{ address: string, port: number }} source IPv4
 * @param {string} password ours
 */
export function bindingSuccess(request, { address, port }, password) {
  const mapped = Buffer.alloc(8);
  mapped[1] = 1;
  mapped.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  mapped.writeUInt32BE((Buffer.from(address.split('.').map(Number)).readUInt32BE() ^ MAGIC_COOKIE) >>> 0, 4);
  return sealed(
    BINDING_SUCCESS,
    request.subarray(8, 20),
    attribute(Attribute.XorMappedAddress, mapped),
    password,
  );
}

/**
 * With MESSAGE-INTEGRITY and FINGERPRINT; each covers all before it, with a length that already counts it.
 * @param {number} type
 * @param {Buffer} transactionId
 * @param {Buffer} attributes
 * @param {string} password
 */
function sealed(type, transactionId, attributes, password) {
  const signed = message(type, transactionId, attributes, 24);
  const integrity = attribute(
    Attribute.MessageIntegrity,
    createHmac('sha1', password).update(signed).digest(),
  );
  const covered = message(type, transactionId, Buffer.concat([attributes, integrity]), 8);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(covered) ^ FINGERPRINT_XOR) >>> 0);
  return Buffer.concat([covered, attribute(Attribute.Fingerprint, fingerprint)]);
}

/**
 * @param {number} type
 * @param {Buffer} transactionId
 * @param {Buffer} attributes
 * @param {number} more bytes that will follow
 */
function message(type, transactionId, attributes, more) {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(attributes.length + more, 2);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  transactionId.copy(header, 8);
  return Buffer.concat([header, attributes]);
}

/**
 * @param {number} type
 * @param {Buffer} value
 */
function attribute(type, value) {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}
