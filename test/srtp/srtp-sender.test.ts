import fc from 'fast-check';
import t from 'tap';
import { SEND_WINDOW_SIZE } from '#src/srtp/outgoing-stream.js';
import { SrtpError, srtpErrorName } from '#src/srtp/srtp-error.js';
import { SrtpReceiver } from '#src/srtp/srtp-receiver.js';
import { SrtpSender } from '#src/srtp/srtp-sender.js';
import type { SrtpKeying } from '#src/srtp/srtp-keying.js';
import { SRTP_MAX_TRAILER, srtpProfileInfo, srtpProfileNames } from '#src/srtp/srtp-profiles.js';
import {
  anyProfile,
  anyRtcp,
  anyRtp,
  hex,
  inPlace,
  keyingOf,
  rtcpPacket,
  rtpPacket,
  succeed,
  toHex,
} from './support.js';

const protectRtp = (sender: SrtpSender, packet: Uint8Array) =>
  succeed(sender.protectRtp.bind(sender), packet);
const protectRtcp = (sender: SrtpSender, packet: Uint8Array) =>
  succeed(sender.protectRtcp.bind(sender), packet);
const unprotectRtp = (receiver: SrtpReceiver, packet: Uint8Array) =>
  succeed(receiver.unprotectRtp.bind(receiver), packet);
const unprotectRtcp = (receiver: SrtpReceiver, packet: Uint8Array) =>
  succeed(receiver.unprotectRtcp.bind(receiver), packet);

// The reference packets of libsrtp's test driver.
const libsrtp: { keying: SrtpKeying; srtp: Uint8Array; srtcp: Uint8Array }[] = [
  {
    keying: {
      profile: 'AES_CM_128_HMAC_SHA1_80',
      masterKey: hex('e1f97a0d3e018be0d64fa32c06de4139'),
      masterSalt: hex('0ec675ad498afeebb6960b3aabe6'),
    },
    srtp: hex(`800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb`),
    srtcp: hex(`81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8 80000001 993e08cd 54d6c123 0798`),
  },
  {
    keying: {
      profile: 'AEAD_AES_128_GCM',
      masterKey: hex('000102030405060708090a0b0c0d0e0f'),
      masterSalt: hex('a0a1a2a3a4a5a6a7a8a9aaab'),
    },
    srtp: hex(
      `800f1234 decafbad cafebabe c5002ede 04cfdd2e b91159e0 880aa06e d2976826 f796b201 df3131a1 27e8a392`,
    ),
    srtcp: hex(
      `81c8000b cafebabe c98b8b5d f0392a55 852b6c21 ac8e7025 c52c6fbe a2b3b446 ea31123b a88ce61e 80000001`,
    ),
  },
];
const libsrtpRtp = hex('800f1234 decafbad cafebabe abababab abababab abababab abababab');
const libsrtpRtcp = hex('81c8000b cafebabe abababab abababab abababab abababab');

for (const { keying, srtp, srtcp } of libsrtp)
  t.test(`reference packets of libsrtp, ${keying.profile}`, (t) => {
    const sender = new SrtpSender(keying);
    t.equal(toHex(protectRtp(sender, libsrtpRtp)), toHex(srtp));
    t.equal(toHex(protectRtcp(sender, libsrtpRtcp)), toHex(srtcp));
    const receiver = new SrtpReceiver(keying);
    t.equal(toHex(unprotectRtp(receiver, srtp)), toHex(libsrtpRtp));
    t.equal(toHex(unprotectRtcp(receiver, srtcp)), toHex(libsrtpRtcp));
    t.end();
  });

t.test('AES_CM_128_HMAC_SHA1_32 is the same with a shorter tag, but only for RTP', (t) => {
  const long = keyingOf('AES_CM_128_HMAC_SHA1_80');
  const short: SrtpKeying = { ...long, profile: 'AES_CM_128_HMAC_SHA1_32' };
  const rtp = rtpPacket({ sequenceNumber: 1 });
  const full = protectRtp(new SrtpSender(long), rtp);
  t.equal(toHex(protectRtp(new SrtpSender(short), rtp)), toHex(full.subarray(0, full.length - 6)));
  const rtcp = rtcpPacket(5);
  t.equal(toHex(protectRtcp(new SrtpSender(short), rtcp)), toHex(protectRtcp(new SrtpSender(long), rtcp)));
  t.end();
});

t.test('what is protected comes back, whatever the header, the payload and the place', (t) => {
  fc.assert(
    fc.property(anyProfile, anyRtp, fc.nat(40), (profile, packet, offset) => {
      const sender = new SrtpSender(keyingOf(profile));
      const receiver = new SrtpReceiver(keyingOf(profile));
      const wire = succeed(sender.protectRtp.bind(sender), packet, offset);
      if (wire.length !== packet.length + srtpProfileInfo(profile).rtpTagLength) return false;
      return toHex(succeed(receiver.unprotectRtp.bind(receiver), wire, offset + 1)) === toHex(packet);
    }),
  );
  fc.assert(
    fc.property(anyProfile, anyRtcp, fc.nat(40), (profile, packet, offset) => {
      const sender = new SrtpSender(keyingOf(profile));
      const receiver = new SrtpReceiver(keyingOf(profile));
      const wire = succeed(sender.protectRtcp.bind(sender), packet, offset);
      if (wire.length !== packet.length + srtpProfileInfo(profile).rtcpTagLength + 4) return false;
      return toHex(succeed(receiver.unprotectRtcp.bind(receiver), wire, offset + 1)) === toHex(packet);
    }),
  );
  t.end();
});

t.test('streams go on over wraps, with packets that come late at either end', (t) => {
  const shuffled = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 200, maxLength: 200 });
  fc.assert(
    fc.property(
      anyProfile,
      fc.integer({ min: 0xff00, max: 0xffff }),
      fc.integer({ min: 1, max: 3 }),
      shuffled,
      (profile, start, wraps, delays) => {
        const sender = new SrtpSender(keyingOf(profile));
        const receiver = new SrtpReceiver(keyingOf(profile));
        // Long strides reach the next wrap in few packets; near each wrap the order is mixed.
        const indices: number[] = [start];
        for (let wrap = 0; wrap < wraps; wrap++) {
          const edge = (wrap + 1) * 0x10000;
          const near = delays.map((delay, i) => ({ at: i + delay, index: edge - 100 + i }));
          near.sort((a, b) => a.at - b.at);
          indices.push(...near.map(({ index }) => index).filter((index) => index > start));
          for (let index = edge + 0x3000; index < edge + 0xff00; index += 0x3000) indices.push(index);
        }
        return indices.every((index) => {
          const packet = rtpPacket({ sequenceNumber: index & 0xffff, timestamp: index >>> 0 });
          return toHex(unprotectRtp(receiver, protectRtp(sender, packet))) === toHex(packet);
        });
      },
    ),
    { numRuns: 40 },
  );
  t.end();
});

t.test('a retransmission after a wrap gets the rollover counter that it had', (t) => {
  for (const profile of srtpProfileNames) {
    const sender = new SrtpSender(keyingOf(profile));
    const first = rtpPacket({ sequenceNumber: 0xfffe });
    const wire = toHex(protectRtp(sender, first));
    protectRtp(sender, rtpPacket({ sequenceNumber: 0xffff }));
    protectRtp(sender, rtpPacket({ sequenceNumber: 0 }));
    if (srtpProfileInfo(profile).aead)
      t.equal(inPlace(sender.protectRtp.bind(sender), first).code, SrtpError.RtpReplay, profile);
    else t.equal(toHex(protectRtp(sender, first)), wire, profile);
    const next = toHex(protectRtp(sender, rtpPacket({ sequenceNumber: 1 })));
    const fresh = new SrtpSender(keyingOf(profile));
    t.not(next, toHex(protectRtp(fresh, rtpPacket({ sequenceNumber: 1 }))), 'the cycle went on');
  }
  t.end();
});

t.test('GCM: a packet that was sent, or is too old to know, is refused and stays as it is', (t) => {
  for (const profile of ['AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'] as const) {
    const sender = new SrtpSender(keyingOf(profile));
    const tried = (sequenceNumber: number, ssrc = 1) => {
      const packet = rtpPacket({ sequenceNumber, ssrc, payload: new Uint8Array(40).fill(sequenceNumber) });
      const { code, bytes } = inPlace(sender.protectRtp.bind(sender), packet);
      if (code < 0) t.equal(toHex(bytes), toHex(packet));
      return code < 0 ? srtpErrorName(code) : 'ok';
    };
    t.equal(tried(0xfff0), 'ok');
    t.equal(tried(0xfff0), 'srtp-replay');
    t.equal(tried(0xfff0, 2), 'ok', 'of another SSRC');
    t.equal(tried(0xffef), 'ok', 'late, for the first time');
    t.equal(tried(0xffef), 'srtp-replay');
    t.equal(tried(5), 'ok', 'after the wrap');
    t.equal(tried(0xfff0), 'srtp-replay', 'still');
    t.equal(tried(0xffe0 + SEND_WINDOW_SIZE - 0x10000), 'ok');
    t.equal(tried(0xffe0), 'srtp-stale');
    t.equal(tried(0xffe1), 'ok', 'the oldest that is known');
    t.equal(tried(5), 'srtp-replay');
  }
  t.end();
});

t.test('GCM: no index is ever used twice, whatever comes', (t) => {
  const anyMove = fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: -3, max: 4 }) },
    { weight: 3, arbitrary: fc.integer({ min: -1100, max: 1100 }) },
    { weight: 1, arbitrary: fc.nat(0xffff) },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...srtpProfileNames.filter((profile) => srtpProfileInfo(profile).aead)),
      fc.constantFrom(0, 0x7ff0, 0xff00),
      fc.array(fc.record({ move: anyMove, ssrc: fc.constantFrom(1, 0xfffffffe) }), {
        minLength: 1,
        maxLength: 150,
      }),
      (profile, start, moves) => {
        const sender = new SrtpSender(keyingOf(profile));
        const at = new Map<number, number>();
        const used = new Set<string>();
        for (const { move, ssrc } of moves) {
          const sequenceNumber = ((at.get(ssrc) ?? start) + move) & 0xffff;
          at.set(ssrc, sequenceNumber);
          const packet = rtpPacket({ sequenceNumber, ssrc, payload: new Uint8Array(32) });
          const { code, bytes } = inPlace(sender.protectRtp.bind(sender), packet);
          if (code < 0) continue;
          // Of zeros, the ciphertext is the keystream, which an index that is used again would show again.
          const keystream = toHex(bytes.subarray(12, 12 + 32));
          if (used.has(keystream)) return false;
          used.add(keystream);
        }
        return used.size > 0;
      },
    ),
    { numRuns: 150 },
  );
  t.end();
});

t.test('GCM: the packets of a stream that may come late all go out, once', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(SEND_WINDOW_SIZE / 2), { minLength: 100, maxLength: 400 }), (delays) => {
      const sender = new SrtpSender(keyingOf('AEAD_AES_128_GCM'));
      const order = delays.map((delay, i) => ({ at: i + delay, sequenceNumber: (0xff80 + i) & 0xffff }));
      order.sort((a, b) => a.at - b.at);
      // The one before all of them tells the cycle.
      protectRtp(sender, rtpPacket({ sequenceNumber: 0xff7f }));
      const attempt = (sequenceNumber: number) =>
        inPlace(sender.protectRtp.bind(sender), rtpPacket({ sequenceNumber })).code;
      return (
        order.every(({ sequenceNumber }) => attempt(sequenceNumber) > 0) &&
        order.every(({ sequenceNumber }) => attempt(sequenceNumber) === SrtpError.RtpReplay)
      );
    }),
    { numRuns: 30 },
  );
  t.end();
});

t.test('a late packet does not turn the stream back', (t) => {
  const wireOfLast = (...sequenceNumbers: number[]) => {
    const sender = new SrtpSender(keyingOf('AES_CM_128_HMAC_SHA1_80'));
    return sequenceNumbers
      .map((sequenceNumber) => toHex(protectRtp(sender, rtpPacket({ sequenceNumber }))))
      .at(-1);
  };
  // 0x7000 of the second cycle is near 0x3000, but more than half a cycle from the late 0xe000.
  t.equal(wireOfLast(0xc000, 0x3000, 0xe000, 0x7000), wireOfLast(0xc000, 0x3000, 0x7000));
  t.end();
});

t.test('each SSRC has its own rollover counter and its own SRTCP index', (t) => {
  const sender = new SrtpSender(keyingOf('AES_CM_128_HMAC_SHA1_80'));
  const other = rtpPacket({ sequenceNumber: 0, ssrc: 2 });
  const alone = toHex(protectRtp(new SrtpSender(keyingOf('AES_CM_128_HMAC_SHA1_80')), other));
  for (const sequenceNumber of [0xffff, 0]) protectRtp(sender, rtpPacket({ sequenceNumber, ssrc: 1 }));
  t.equal(toHex(protectRtp(sender, other)), alone);

  const indexOf = (wire: Uint8Array) => toHex(wire.subarray(wire.length - 14, wire.length - 10));
  t.equal(indexOf(protectRtcp(sender, rtcpPacket(0xffffffff))), '80000001');
  t.equal(indexOf(protectRtcp(sender, rtcpPacket(0xffffffff))), '80000002');
  t.equal(indexOf(protectRtcp(sender, rtcpPacket(1))), '80000001');
  t.end();
});

t.test('what is not a packet gets a named code and stays as it is', (t) => {
  const sender = new SrtpSender(keyingOf('AEAD_AES_128_GCM'));
  const good = rtpPacket({ sequenceNumber: 1 });
  const wrongVersion = good.slice();
  wrongVersion[0] = 0x40;
  const csrcOverrun = good.slice();
  csrcOverrun[0] = 0x8f;
  const extensionOverrun = rtpPacket({ sequenceNumber: 1, extensionWords: 2 });
  extensionOverrun[15] = 200;
  const extensionCut = rtpPacket({ sequenceNumber: 1, extensionWords: 0 }).subarray(0, 14);
  const cases: [Uint8Array, string][] = [
    [good.subarray(0, 11), 'srtp-too-short'],
    [wrongVersion, 'srtp-malformed'],
    [csrcOverrun, 'srtp-malformed'],
    [extensionOverrun, 'srtp-malformed'],
    [extensionCut, 'srtp-malformed'],
  ];
  for (const [packet, name] of cases) {
    const { code, bytes } = inPlace(sender.protectRtp.bind(sender), packet);
    t.equal(srtpErrorName(code), name);
    t.equal(toHex(bytes), toHex(packet));
  }
  t.equal(sender.protectRtcp(new Uint8Array(7 + SRTP_MAX_TRAILER), 0, 7), SrtpError.RtcpTooShort);
  t.equal(sender.protectRtcp(new Uint8Array(8 + SRTP_MAX_TRAILER), 0, 8), SrtpError.RtcpMalformed);
  t.end();
});

t.test('a packet without room behind it is a fault of the caller', (t) => {
  const sender = new SrtpSender(keyingOf('AES_CM_128_HMAC_SHA1_80'));
  const packet = rtpPacket({ sequenceNumber: 1 });
  t.throws(() => sender.protectRtp(packet, 0, packet.length), /0 bytes behind it, 20 needed/);
  const report = rtcpPacket(1);
  t.throws(() => sender.protectRtcp(report, 0, report.length), RangeError);
  t.throws(() => new SrtpSender({ ...keyingOf('AEAD_AES_128_GCM'), profile: 'AEAD_AES_256_GCM' }), TypeError);
  t.throws(() => srtpErrorName(1), RangeError);
  t.end();
});
