import fc from 'fast-check';
import t from 'tap';
import type { PacketBatch } from '#src/srtp/packet-batch.js';
import { PacketBatch as Batch } from '#src/srtp/packet-batch.js';
import { protectBatch } from '#src/srtp/protect-batch.js';
import { SrtpReceiver } from '#src/srtp/srtp-receiver.js';
import { SrtpSender } from '#src/srtp/srtp-sender.js';
import type { SrtpProfile } from '#src/srtp/srtp-profiles.js';
import { newBatch, newKernel } from './kernel-support.js';
import { keyingOf, rtpPacket, toHex, type RtpFields } from './support.js';

const kernel = newKernel();

interface Sent {
  packet: Uint8Array;
  sender: SrtpSender | null;
}

/** What becomes of packets in one batch; null where one could not be protected. */
function protectedBy(batch: PacketBatch<null>, sent: Sent[]): (string | null)[] {
  for (const { packet, sender } of sent) {
    batch.bytes.set(packet, batch.acquire());
    batch.commit(packet.length, sender, null);
  }
  protectBatch(batch);
  const results = sent.map((_, i) => {
    const at = batch.offsets[i];
    return batch.lengths[i] === 0 ? null : toHex(batch.bytes.subarray(at, at + batch.lengths[i]));
  });
  batch.clear();
  return results;
}

const profiles: SrtpProfile[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM'];

function senders(): SrtpSender[] {
  return [0, 1, 2, 0, 0].map((profile, seed) => new SrtpSender(keyingOf(profiles[profile], seed)));
}

t.test('payloads of every length: the same bytes as node:crypto, one to five receivers', (t) => {
  const [withKernel, without] = [newBatch(kernel), newBatch(null)];
  const [ours, theirs] = [senders(), senders()];
  const wrong: number[] = [];
  for (let length = 0; length <= 1300; length++) {
    const packet = rtpPacket({
      sequenceNumber: (65000 + length) & 0xffff,
      payload: new Uint8Array(length).fill(length),
      csrcs: length % 16,
      extensionWords: length % 7 === 0 ? undefined : length % 20,
    });
    const count = 1 + (length % 5);
    const send = (from: SrtpSender[]): Sent[] => from.slice(0, count).map((sender) => ({ packet, sender }));
    const got = protectedBy(withKernel, send(ours));
    if (got.join() !== protectedBy(without, send(theirs)).join()) wrong.push(length);
  }
  t.same(wrong, []);
  t.ok(kernel.keystreams.lent > 0, 'it was made ahead of time');
  t.end();
});

/** Numbers go on, with gaps, old ones, repetitions and leaps, from near a wrap. */
const anyTraffic = fc.array(
  fc.record({
    sender: fc.integer({ min: -1, max: 4 }),
    ssrc: fc.constantFrom(1, 0xfffffffe),
    step: fc.oneof(
      { weight: 10, arbitrary: fc.constant(1) },
      { weight: 3, arbitrary: fc.integer({ min: -5, max: 40 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x7000 }) },
    ),
    size: fc.oneof(fc.constantFrom(100, 1130), fc.nat(1500)),
    broken: fc.integer({ min: 0, max: 30 }),
    csrcs: fc.nat(3),
    extensionWords: fc.option(fc.nat(8), { nil: undefined }),
    flush: fc.nat(8),
  }),
  { minLength: 1, maxLength: 250 },
);

t.test('any traffic: the same bytes as packet by packet with node:crypto, and receivers can read it', (t) => {
  fc.assert(
    fc.property(anyTraffic, fc.constantFrom(0, 0xff00), (traffic, start) => {
      const batch = newBatch(kernel);
      const [ours, theirs] = [senders(), senders()];
      const receiver = new SrtpReceiver(keyingOf(profiles[0], 0));
      const numbers = new Map<string, number>();
      const alone = new Uint8Array(2048);
      let failures = 0;
      const pending: { sent: Sent; expected: string | null }[] = [];
      const flush = () => {
        const results = protectedBy(
          batch,
          pending.map(({ sent }) => sent),
        );
        for (const [i, { sent, expected }] of pending.entries()) {
          if (results[i] !== expected) throw new Error(`packet ${i} of ${pending.length} differs`);
          if (sent.sender !== ours[0] || expected === null) continue;
          const wire = Buffer.from(expected, 'hex');
          const length = receiver.unprotectRtp(wire, 0, wire.length);
          if (length > 0 && toHex(wire.subarray(0, length)) !== toHex(sent.packet))
            throw new Error('the receiver reads something else');
        }
        pending.length = 0;
      };
      for (const { sender, ssrc, step, size, broken, csrcs, extensionWords, flush: end } of traffic) {
        const stream = `${sender} ${ssrc}`;
        const index = Math.max(0, (numbers.get(stream) ?? start) + step);
        numbers.set(stream, index);
        const fields: RtpFields = { sequenceNumber: index & 0xffff, ssrc, csrcs, extensionWords };
        // Sent again, a packet is the same.
        let packet = rtpPacket({ ...fields, payload: new Uint8Array(size).fill(index) });
        if (broken === 0) packet = packet.subarray(0, 7);
        let expected: string | null = toHex(packet);
        if (sender >= 0) {
          alone.set(packet);
          const length = theirs[sender].protectRtp(alone, 0, packet.length);
          if (length < 0) failures++;
          expected = length < 0 ? null : toHex(alone.subarray(0, length));
        }
        pending.push({ sent: { packet, sender: sender < 0 ? null : ours[sender] }, expected });
        if (end === 0) flush();
      }
      flush();
      return batch.protectionFailures === failures;
    }),
    { numRuns: 150 },
  );
  t.pass('in every run');
  t.end();
});

t.test('one stream, packets sent singly and in batches: one index runs through both', (t) => {
  const batch = newBatch(kernel);
  const [mixed, single] = [new SrtpSender(keyingOf(profiles[0])), new SrtpSender(keyingOf(profiles[0]))];
  const alone = (sender: SrtpSender, packet: Uint8Array) => {
    const bytes = new Uint8Array(2048);
    bytes.set(packet);
    return toHex(bytes.subarray(0, sender.protectRtp(bytes, 0, packet.length)));
  };
  for (let index = 0xfff0; index < 0x10050; index++) {
    const packet = rtpPacket({ sequenceNumber: index & 0xffff, payload: new Uint8Array(80).fill(index) });
    const expected = alone(single, packet);
    if (index % 5 === 0) t.equal(alone(mixed, packet), expected);
    else t.same(protectedBy(batch, [{ packet, sender: mixed }]), [expected]);
  }
  t.end();
});

t.test('GCM: a packet that was sent already is a counted failure, in the same batch or later', (t) => {
  const packet = rtpPacket({ sequenceNumber: 7 });
  for (const batch of [newBatch(kernel), newBatch(null)]) {
    const sender = new SrtpSender(keyingOf('AEAD_AES_128_GCM'));
    const [first, second] = protectedBy(batch, [
      { packet, sender },
      { packet, sender },
    ]);
    t.not(first, null);
    t.equal(second, null);
    t.same(protectedBy(batch, [{ packet, sender }]), [null]);
    t.equal(batch.protectionFailures, 2);
  }
  t.end();
});

t.test('AES_CM: a packet under its number once more is the same, however long ago it was', (t) => {
  const batch = newBatch(kernel);
  const sender = new SrtpSender(keyingOf(profiles[0]));
  const wire: (string | null)[] = [];
  const at = (index: number) => {
    const packet = rtpPacket({ sequenceNumber: index, payload: new Uint8Array(300).fill(index) });
    return protectedBy(batch, [{ packet, sender }])[0];
  };
  for (let index = 0; index < 60; index++) {
    wire.push(at(index));
    for (const back of [0, 1, 20]) if (index >= back) t.equal(at(index - back), wire[index - back]);
  }
  t.equal(new Set(wire).size, 60);
  t.equal(batch.protectionFailures, 0);
  t.end();
});

t.test('a sender may go from one kernel to another', (t) => {
  const packets = Array.from({ length: 40 }, (_, i) =>
    rtpPacket({ sequenceNumber: i, payload: new Uint8Array(200).fill(i) }),
  );
  const [moved, stayed] = [new SrtpSender(keyingOf(profiles[0])), new SrtpSender(keyingOf(profiles[0]))];
  const batches = [newBatch(kernel), newBatch(newKernel())];
  const plain = newBatch(null);
  for (const [i, packet] of packets.entries())
    t.same(
      protectedBy(batches[Math.floor(i / 10) % 2], [{ packet, sender: moved }]),
      protectedBy(plain, [{ packet, sender: stayed }]),
    );
  t.end();
});

t.test('a packet fills its slot and the next one stays as it is', (t) => {
  const batch = newBatch(kernel, 8);
  const packet = rtpPacket({ sequenceNumber: 1, payload: new Uint8Array(2028 - 12).fill(1) });
  const sender = new SrtpSender(keyingOf(profiles[0]));
  const expected = protectedBy(newBatch(null), [{ packet, sender: new SrtpSender(keyingOf(profiles[0])) }]);
  batch.bytes.fill(0xee, 0, 8 * 2048);
  t.same(protectedBy(batch, [{ packet, sender }]), expected);
  t.ok(batch.bytes.subarray(2048 - 10, 8 * 2048).every((byte) => byte === 0xee));
  t.end();
});

t.test('slots outside of the kernel’s memory are a fault of the caller', (t) => {
  const bytes = new Uint8Array(4096);
  t.throws(() => new Batch<null>(2, 2048, { bytes, offset: 0, kernel }), /its own memory/);
  t.end();
});
