/**
 * SRTP protection: batches as the forwarding loop makes them, one packet to each of N receivers, with the kernel and with
 * node:crypto; GCM; unprotection; and libsrtp in C, where it can be compiled.
 *   node bench/srtp/protect.js
 */
import { readFileSync } from 'node:fs';
import { PacketBatch } from '../../dist/srtp/packet-batch.js';
import { protectBatch } from '../../dist/srtp/protect-batch.js';
import { SrtpKernel } from '../../dist/srtp/srtp-kernel.js';
import { SrtpReceiver } from '../../dist/srtp/srtp-receiver.js';
import { SrtpSender } from '../../dist/srtp/srtp-sender.js';
import { nanosecondsPerPacket, secondsPerCase } from '../support/measure.js';
import { measureLibsrtp } from './libsrtp/libsrtp.js';

const AES_CM = 'AES_CM_128_HMAC_SHA1_80';
const GCM = 'AEAD_AES_128_GCM';
const SIZES = [112, 1142];
const RECEIVERS = [1, 2, 3, 4, 10, 50, 200];
const SLOT = 2048;

const seconds = secondsPerCase();
const wasm = readFileSync(new URL('../../dist/srtp/srtp-kernel.wasm', import.meta.url));
const kernel = SrtpKernel.create(wasm, 256 * SLOT);

for (const size of SIZES) {
  const libsrtp = await measureLibsrtp(size, seconds);
  report('libsrtp, C, 1 stream', size, libsrtp);
  for (const receivers of RECEIVERS)
    report(`kernel, ${receivers} receivers`, size, protection(AES_CM, size, receivers, kernel), libsrtp);
  report('node:crypto, 4 receivers', size, protection(AES_CM, size, 4, null), libsrtp);
  report('GCM, 4 receivers', size, protection(GCM, size, 4, kernel));
  report('kernel, lengths mixed', size, protection(AES_CM, size, 50, kernel, true), libsrtp);
  report('unprotect AES_CM', size, unprotection(AES_CM, size));
  report('unprotect GCM', size, unprotection(GCM, size));
}

function report(what, size, cost, libsrtp) {
  if (cost === undefined) return;
  const ratio = libsrtp === undefined ? '' : `${(cost / libsrtp).toFixed(2)} of libsrtp, `;
  console.log(
    `${what.padEnd(26)} ${String(size).padStart(5)} bytes  ${ratio}${String(cost).padStart(5)} ns per packet`,
  );
}

/** Each turn is one packet to each receiver, with the copy into its slot. */
function protection(profile, size, receivers, withKernel, mixed = false) {
  const bytes = withKernel?.packets ?? new Uint8Array(256 * SLOT);
  const batch = new PacketBatch(256, SLOT, { bytes, offset: 0, kernel: withKernel });
  const senders = Array.from({ length: receivers }, (_, n) => new SrtpSender(keying(profile, n)));
  const source = bytes.length - SLOT;
  let sequence = 0;
  const cost = nanosecondsPerPacket(() => {
    bytes[source] = 0x80;
    bytes[source + 1] = 96;
    bytes[source + 2] = sequence >> 8;
    bytes[source + 3] = sequence;
    sequence = (sequence + 1) & 0xffff;
    for (let n = 0; n < receivers; n++) {
      const slot = batch.acquire();
      const length = mixed ? size - ((n * 7919 + sequence * 31) % (size - 60)) : size;
      bytes.copyWithin(slot, source, source + length);
      batch.commit(length, senders[n], null);
    }
    protectBatch(batch);
    batch.clear();
    return receivers;
  }, seconds);
  withKernel?.keystreams.sweep();
  withKernel?.keystreams.sweep();
  return cost;
}

/** Packets are protected beforehand, as many as the sequence numbers of one cycle would allow. */
function unprotection(profile, size) {
  const sender = new SrtpSender(keying(profile, 1));
  const bytes = new Uint8Array(SLOT);
  const wire = [];
  for (let n = 0; n < 256; n++) {
    bytes.fill(0);
    bytes[0] = 0x80;
    bytes[1] = 96;
    bytes[3] = n;
    const length = sender.protectRtp(bytes, 0, size);
    wire.push(bytes.slice(0, length));
  }
  return nanosecondsPerPacket(() => {
    const receiver = new SrtpReceiver(keying(profile, 1));
    for (const packet of wire) {
      bytes.set(packet);
      if (receiver.unprotectRtp(bytes, 0, packet.length) < 0) throw new Error('a packet was refused');
    }
    return wire.length;
  }, seconds);
}

function keying(profile, n) {
  return {
    profile,
    masterKey: new Uint8Array(16).fill(n),
    masterSalt: new Uint8Array(profile === GCM ? 12 : 14),
  };
}
