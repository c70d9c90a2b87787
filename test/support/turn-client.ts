/** As much of a TURN client (RFC 8656) over TCP as it takes to see what a server permits: allocations and permissions. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';

const MAGIC_COOKIE = 0x2112a442;
const HEADER_LENGTH = 20;
const INTEGRITY_LENGTH = 24;
const Method = { allocate: 0x003, createPermission: 0x008 };
const Attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  requestedTransport: 0x0019,
};
/** REQUESTED-TRANSPORT: UDP between the relay and the peer. */
const UDP = Buffer.from([17, 0, 0, 0]);

type Attributes = [type: number, value: Buffer][];

/** Answers are 200 or the error's code. */
export class TurnClient {
  #received = Buffer.alloc(0);
  #nonce: Buffer | undefined;
  #realm: Buffer | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly username: string,
    private readonly credential: string,
  ) {
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      socket.emit('received');
    });
  }

  static async connect(
    t: Test,
    port: number,
    { username, credential }: { username: string; credential: string },
  ): Promise<TurnClient> {
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return new TurnClient(socket, username, credential);
  }

  /** The first time without a password, as browsers do: the answer tells the realm. */
  async allocate(): Promise<number> {
    const attributes: Attributes = [[Attribute.requestedTransport, UDP]];
    if (this.#nonce === undefined) {
      const first = await this.#request(Method.allocate, attributes);
      if (first !== 401) throw new Error(`an allocation without a password was answered with ${first}`);
    }
    return this.#request(Method.allocate, attributes);
  }

  /** May the relay send to this address (IPv4)? */
  createPermission(address: string): Promise<number> {
    const value = Buffer.alloc(8);
    value[1] = 1; // IPv4
    Buffer.from(address.split('.').map(Number)).copy(value, 4);
    value.writeUInt16BE(MAGIC_COOKIE >>> 16, 2); // port 0
    value.writeUInt32BE((value.readUInt32BE(4) ^ MAGIC_COOKIE) >>> 0, 4);
    return this.#request(Method.createPermission, [[Attribute.xorPeerAddress, value]]);
  }

  async #request(method: number, attributes: Attributes): Promise<number> {
    const signed = this.#nonce !== undefined;
    const all: Attributes = signed
      ? [
          ...attributes,
          [Attribute.username, Buffer.from(this.username)],
          [Attribute.realm, this.#realm!],
          [Attribute.nonce, this.#nonce!],
        ]
      : attributes;
    const body = Buffer.concat(all.map(([type, value]) => encode(type, value)));
    const header = Buffer.alloc(HEADER_LENGTH);
    header.writeUInt16BE(method, 0);
    header.writeUInt16BE(body.length + (signed ? INTEGRITY_LENGTH : 0), 2);
    header.writeUInt32BE(MAGIC_COOKIE, 4);
    randomBytes(12).copy(header, 8);
    const message = Buffer.concat([header, body]);
    this.socket.write(signed ? Buffer.concat([message, this.#integrity(message)]) : message);
    return this.#answer();
  }

  #integrity(message: Buffer): Buffer {
    const key = createHash('md5')
      .update(`${this.username}:${this.#realm!.toString()}:${this.credential}`)
      .digest();
    return encode(Attribute.messageIntegrity, createHmac('sha1', key).update(message).digest());
  }

  async #answer(): Promise<number> {
    const whole = (): number =>
      this.#received.length < HEADER_LENGTH ? Infinity : HEADER_LENGTH + this.#received.readUInt16BE(2);
    while (this.#received.length < whole()) await once(this.socket, 'received');
    const message = this.#received.subarray(0, whole());
    this.#received = this.#received.subarray(message.length);
    const attributes = decode(message.subarray(HEADER_LENGTH));
    this.#nonce = attributes.get(Attribute.nonce) ?? this.#nonce;
    this.#realm = attributes.get(Attribute.realm) ?? this.#realm;
    const error = attributes.get(Attribute.errorCode);
    return error === undefined ? 200 : error[2] * 100 + error[3];
  }
}

function encode(type: number, value: Buffer): Buffer {
  const attribute = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  attribute.writeUInt16BE(type, 0);
  attribute.writeUInt16BE(value.length, 2);
  value.copy(attribute, 4);
  return attribute;
}

function decode(body: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= body.length;) {
    const length = body.readUInt16BE(at + 2);
    found.set(body.readUInt16BE(at), Buffer.from(body.subarray(at + 4, at + 4 + length)));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}
