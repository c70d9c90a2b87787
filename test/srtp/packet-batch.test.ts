import t from 'tap';
import { PacketBatch } from '#src/srtp/packet-batch.js';
import { protectBatch } from '#src/srtp/protect-batch.js';
import { SrtpReceiver } from '#src/srtp/srtp-receiver.js';
import { SrtpSender } from '#src/srtp/srtp-sender.js';
import { keyingOf, rtcpPacket, rtpPacket, toHex } from './support.js';

t.test('slots are given out one after the other until the batch is full', (t) => {
  const batch = new PacketBatch<string>(2, 64);
  t.equal(batch.acquire(), 0);
  t.equal(batch.acquire(), 0, 'the same until it is committed');
  batch.commit(20, null, 'a');
  t.equal(batch.acquire(), 64);
  batch.commit(64, null, 'b');
  t.equal(batch.acquire(), -1);
  t.throws(() => batch.commit(1, null, 'c'), RangeError);
  t.equal(batch.count, 2);
  t.same([...batch.lengths], [20, 64]);
  batch.clear();
  t.equal(batch.count, 0);
  t.equal(batch.acquire(), 0);
  t.notOk(batch.destinations.some(Boolean), 'nothing is held');
  t.end();
});

t.test('slots can lie in a range of larger memory', (t) => {
  const bytes = new Uint8Array(1024).fill(0xee);
  const batch = new PacketBatch<null>(2, 64, { bytes, offset: 256 });
  const sender = new SrtpSender(keyingOf('AEAD_AES_128_GCM'));
  for (const [sequenceNumber, at] of [256, 320].entries()) {
    const packet = rtpPacket({ sequenceNumber, payload: new Uint8Array(32) });
    t.equal(batch.acquire(), at);
    batch.bytes.set(packet, at);
    batch.commit(packet.length, sender, null);
  }
  protectBatch(batch);
  t.same([...batch.lengths], [60, 60]);
  t.ok(bytes.subarray(0, 256).every((byte) => byte === 0xee));
  t.ok(bytes.subarray(384).every((byte) => byte === 0xee));
  t.end();
});

t.test('a packet that leaves no room for its trailer is a fault of the caller', (t) => {
  const batch = new PacketBatch<null>(1, 64);
  const sender = new SrtpSender(keyingOf('AEAD_AES_128_GCM'));
  t.equal(batch.maxLength, 44);
  t.throws(() => batch.commit(45, sender, null), /45 bytes does not fit in a slot of 64/);
  t.throws(() => batch.commit(65, null, null), RangeError);
  t.equal(batch.count, 0);
  t.throws(() => new PacketBatch<null>(1, 100), RangeError);
  t.end();
});

t.test('protects what has a sender, leaves the rest, and counts what it could not', (t) => {
  const profiles = ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'] as const;
  const senders = profiles.map((profile) => new SrtpSender(keyingOf(profile)));
  const packet = rtpPacket({ sequenceNumber: 7, payload: new Uint8Array(500).fill(3) });
  const report = rtcpPacket(1);
  const batch = new PacketBatch<number>(8);
  const put = (bytes: Uint8Array, sender: SrtpSender | null) => {
    batch.bytes.set(bytes, batch.acquire());
    batch.commit(bytes.length, sender, batch.count);
  };
  put(packet, senders[0]);
  put(packet, senders[1]);
  put(report, null);
  put(new Uint8Array(30), senders[0]);
  put(packet.subarray(0, 5), senders[1]);
  protectBatch(batch);

  t.same([...batch.lengths.subarray(0, 5)], [522, 528, report.length, 0, 0]);
  t.equal(batch.protectionFailures, 2);
  t.same(batch.destinations.slice(0, 5), [0, 1, 2, 3, 4]);
  for (const i of [0, 1]) {
    const receiver = new SrtpReceiver(keyingOf(profiles[i]));
    const length = receiver.unprotectRtp(batch.bytes, batch.offsets[i], batch.lengths[i]);
    t.equal(toHex(batch.bytes.subarray(batch.offsets[i], batch.offsets[i] + length)), toHex(packet));
  }
  t.equal(toHex(batch.bytes.subarray(batch.offsets[2], batch.offsets[2] + report.length)), toHex(report));
  batch.clear();
  t.ok(batch.senders.every((sender) => sender === null));
  t.equal(batch.protectionFailures, 2, 'the counter goes on');
  t.end();
});
