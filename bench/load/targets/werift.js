// @ts-check
/**
 * Forwarding as an SFU made of werift's classes does it: for every receiver the header is rewritten, the packet is
 * serialised and encrypted by `SrtpSession`, and sent by `dgram`.
 */
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const SRTP_AES128_CM_HMAC_SHA1_80 = 1;

export const methods = ['plainProducer', 'plainReceivers'];

export function availability() {
  try {
    const entry = createRequire(import.meta.url).resolve('werift');
    const file = join(entry.slice(0, entry.indexOf('/werift/') + 1), 'werift/package.json');
    return { available: true, version: `werift ${JSON.parse(readFileSync(file, 'utf8')).version}` };
  } catch {
    return { available: false, reason: 'it is not installed', install: 'npm install (in the root)' };
  }
}

export async function createTarget() {
  return new WeriftTarget(await import('werift'));
}

class WeriftTarget {
  /** @param {typeof import('werift')} werift */
  constructor(werift) {
    this.werift = werift;
    /** @type {{ session: import('werift').SrtpSession, port: number, ssrc: number, sequence: number }[]} */
    this.receivers = [];
    this.packets = 0;
    this.failed = 0;
  }

  start() {
    return { pids: [process.pid], version: availability().version };
  }

  createRoom() {
    return 0;
  }

  async plainProducer() {
    const { RtpPacket } = this.werift;
    const out = await open();
    const socket = await open();
    socket.on('message', (bytes) => {
      if (bytes[1] >= 192 && bytes[1] <= 223) return;
      for (const receiver of this.receivers) {
        const packet = RtpPacket.deSerialize(bytes);
        packet.header.ssrc = receiver.ssrc;
        packet.header.sequenceNumber = receiver.sequence;
        receiver.sequence = (receiver.sequence + 1) & 0xffff;
        const encrypted = receiver.session.encrypt(packet.payload, packet.header);
        out.send(encrypted, receiver.port, '127.0.0.1', this.onSent);
      }
    });
    this.sockets = [socket, out];
    return { producerId: 'all', port: socket.address().port };
  }

  onSent = (/** @type {Error | null} */ error) => {
    if (error) this.failed++;
    else this.packets++;
  };

  /** @param {{ receivers: { port: number }[] }} options */
  plainReceivers({ receivers }) {
    const keys = receivers.map(({ port }) => {
      const keySalt = randomBytes(30);
      const masterKeys = {
        localMasterKey: keySalt.subarray(0, 16),
        localMasterSalt: keySalt.subarray(16),
        remoteMasterKey: randomBytes(16),
        remoteMasterSalt: randomBytes(14),
      };
      const session = new this.werift.SrtpSession({ keys: masterKeys, profile: SRTP_AES128_CM_HMAC_SHA1_80 });
      this.receivers.push({ session, port, ssrc: 0x10000 + this.receivers.length, sequence: 1 });
      return keySalt.toString('base64');
    });
    return { keys };
  }

  counters() {
    return {
      packets: this.packets,
      at: performance.now(),
      drops: this.failed ? { failed: this.failed } : {},
    };
  }

  close() {
    for (const socket of this.sockets ?? []) socket.close();
  }
}

/** @returns {Promise<import('node:dgram').Socket>} */
async function open() {
  const socket = createSocket({ type: 'udp4', sendBufferSize: 4 << 20, recvBufferSize: 4 << 20 });
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(undefined)));
  return socket;
}
