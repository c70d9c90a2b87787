/**
 * SRTP protection against libsrtp in C (compiled on the spot): batches as the forwarding loop makes them, one packet to each
 * of N receivers. Also without the kernel, of mixed lengths, and the way back: `node bench/srtp/protect.js`.
 */
import { readFileSync } from 'node:fs';
import { PacketBatch } from '../../dist/srtp/packet-batch.js';
import { protectBatch } from '../../dist/srtp/protect-batch.js';
import { SrtpKernel } from '../../dist/srtp/srtp-kernel.js';
import { SrtpReceiver } from '../../dist/srtp/srtp-receiver.js';
import { SrtpSender } from '../../dist/srtp/srtp-sender.js';
import { availability } from '../load/targets/sluss.js';
import { microOptions, nanosecondsPerPacket, publishTable } from '../support/micro-bench.js';
import { Libsrtp } from './libsrtp/libsrtp.js';

const AES_CM = 'AES_CM_128_HMAC_SHA1_80';
const GCM = 'AEAD_AES_128_GCM';
/** Keys of the figures of one row, as report/goals.js knows them. */
const CASES = [
  { key: 'ns112', suite: AES_CM, size: 112 },
  { key: 'ns1142', suite: AES_CM, size: 1142 },
  { key: 'gcm112', suite: GCM, size: 112 },
  { key: 'gcm1142', suite: GCM, size: 1142 },
];
const SLOTS = 256;
const SLOT_SIZE = 2048;
/** Packets that are unprotected again and again. */
const PREPARED = 256;

const micro = microOptions();
const { options } = micro;
const { seconds } = options;
const wasm = readFileSync(new URL('../../dist/srtp/srtp-kernel.wasm', import.meta.url));
const kernel = SrtpKernel.create(wasm, SLOTS * SLOT_SIZE);
const libsrtp = await Libsrtp.compile();
const versions = { ours: availability().version, libsrtp: await libsrtp?.version() };

/** Rows: how each figure is measured; undefined where there is none. */
const WAYS = {
  libsrtp: ({ suite, size }) => libsrtp?.measure(suite, size, seconds),
  sluss: ({ suite, size }) => protection(suite, size, { receivers: 200 }),
  'sluss, 10 receivers': ({ suite, size }) => protection(suite, size, { receivers: 10 }),
  'sluss, 4 receivers': ({ suite, size }) => protection(suite, size, { receivers: 4 }),
  'sluss, 1 receiver': ({ suite, size }) => protection(suite, size, { receivers: 1 }),
  'sluss, mixed lengths': ({ suite, size }) => protection(suite, size, { receivers: 50, mixed: true }),
  'sluss, node:crypto alone': ({ suite, size }) =>
    protection(suite, size, { receivers: 200, withKernel: null }),
  'sluss, unprotecting': ({ suite, size }) => unprotection(suite, size),
};

const runs = [];
for (const [name, measure] of Object.entries(WAYS)) {
  if (!name.includes(options.only)) continue;
  const run = { target: name, version: name === 'libsrtp' ? versions.libsrtp : versions.ours };
  for (const one of CASES) {
    const ns = await measure(one);
    if (ns === undefined) continue;
    run[one.key] = ns;
    if (!options.json) {
      const what = `${name}, ${one.suite}, ${one.size} bytes`;
      console.log(`${what.padEnd(66)} ${Math.round(ns).toString().padStart(5)} ns per packet`);
    }
  }
  if (Object.keys(run).length > 2) runs.push(run);
}
await libsrtp?.close();
publishTable(micro, {
  title: 'SRTP protection',
  columns: [
    { key: 'target', title: 'ns per packet' },
    { key: 'ns112', title: 'AES_CM 112 bytes' },
    { key: 'ns1142', title: '1,142 bytes' },
    { key: 'gcm112', title: 'GCM 112 bytes' },
    { key: 'gcm1142', title: '1,142 bytes' },
  ],
  legend:
    'Nanoseconds per packet, with the copy into its slot. sluss: one packet to each of 200 receivers, as the forwarding\n' +
    'loop makes them; libsrtp: packet by packet, the only way it has.',
  plots: [
    {
      title: 'AES_CM_128_HMAC_SHA1_80, 1,142 bytes, ns',
      parts: [{ key: 'ns1142', label: 'ns' }],
      digits: 0,
    },
    { title: 'AES_CM_128_HMAC_SHA1_80, 112 bytes, ns', parts: [{ key: 'ns112', label: 'ns' }], digits: 0 },
  ],
  runs,
});

/** Each turn is one packet to each receiver, with the copy into its slot. */
function protection(suite, size, { receivers, mixed = false, withKernel = kernel }) {
  const bytes = withKernel?.packets ?? new Uint8Array(SLOTS * SLOT_SIZE);
  const batch = new PacketBatch(SLOTS, SLOT_SIZE, { bytes, offset: 0, kernel: withKernel });
  const senders = Array.from({ length: receivers }, (_, n) => new SrtpSender(keying(suite, n)));
  const source = bytes.length - SLOT_SIZE;
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
  // The keystream of these senders is for those of the next case.
  withKernel?.keystreams.sweep();
  withKernel?.keystreams.sweep();
  return cost;
}

/** Packets are protected beforehand, as many as the sequence numbers of one cycle would allow. */
function unprotection(suite, size) {
  const sender = new SrtpSender(keying(suite, 1));
  const bytes = new Uint8Array(SLOT_SIZE);
  const wire = [];
  for (let n = 0; n < PREPARED; n++) {
    bytes.fill(0);
    bytes[0] = 0x80;
    bytes[1] = 96;
    bytes[3] = n;
    const length = sender.protectRtp(bytes, 0, size);
    wire.push(bytes.slice(0, length));
  }
  return nanosecondsPerPacket(() => {
    const receiver = new SrtpReceiver(keying(suite, 1));
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
