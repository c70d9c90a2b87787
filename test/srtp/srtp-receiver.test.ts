import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { deriveSessionKeys } from '#src/srtp/key-derivation.js';
import { REPLAY_WINDOW_SIZE } from '#src/srtp/replay-window.js';
import { SourceTable } from '#src/srtp/source-table.js';
import { srtpErrorName, srtpErrorNames } from '#src/srtp/srtp-error.js';
import { SrtpReceiver } from '#src/srtp/srtp-receiver.js';
import { SrtpSender } from '#src/srtp/srtp-sender.js';
import { srtpProfileNames, type SrtpProfile } from '#src/srtp/srtp-profiles.js';
import {
  anyProfile,
  anyRtcp,
  anyRtp,
  inPlace,
  keyingOf,
  rtcpPacket,
  rtpPacket,
  succeed,
  toHex,
} from './support.js';

function pair(profile: SrtpProfile) {
  const sender = new SrtpSender(keyingOf(profile));
  const receiver = new SrtpReceiver(keyingOf(profile));
  return {
    rtp: (sequenceNumber: number, ssrc = 9) =>
      succeed(sender.protectRtp.bind(sender), rtpPacket({ sequenceNumber, ssrc })),
    rtcp: (ssrc = 9) => succeed(sender.protectRtcp.bind(sender), rtcpPacket(ssrc)),
    openRtp: (packet: Uint8Array) => outcome(receiver.unprotectRtp.bind(receiver), packet),
    openRtcp: (packet: Uint8Array) => outcome(receiver.unprotectRtcp.bind(receiver), packet),
  };
}

/** 'ok', or the name of the reason; a refused packet must be left as it came. */
function outcome(
  call: (bytes: Uint8Array, offset: number, length: number) => number,
  packet: Uint8Array,
): string {
  const { code, bytes } = inPlace(call, packet);
  if (code >= 0) return 'ok';
  if (toHex(bytes) !== toHex(packet)) throw new Error('a refused packet was changed');
  return srtpErrorName(code);
}

for (const profile of srtpProfileNames) {
  t.test(`${profile}: replayed, late and stale packets`, (t) => {
    const { rtp, rtcp, openRtp, openRtcp } = pair(profile);
    const packets = Array.from({ length: REPLAY_WINDOW_SIZE + 2 }, (_, i) => rtp((0xffc0 + i) & 0xffff));
    t.equal(openRtp(packets[0]), 'ok');
    t.equal(openRtp(packets[0]), 'srtp-replay');
    t.equal(openRtp(packets[REPLAY_WINDOW_SIZE + 1]), 'ok', 'after the wrap');
    t.equal(openRtp(packets[1]), 'srtp-stale', 'one older than the window');
    t.equal(openRtp(packets[2]), 'ok', 'the oldest of the window, before the wrap');
    t.equal(openRtp(packets[2]), 'srtp-replay');
    t.equal(openRtp(rtp(5, 10)), 'ok', 'another SSRC has its own window');

    const reports = Array.from({ length: REPLAY_WINDOW_SIZE + 2 }, () => rtcp());
    t.equal(openRtcp(reports[1]), 'ok');
    t.equal(openRtcp(reports[1]), 'srtcp-replay');
    t.equal(openRtcp(reports[REPLAY_WINDOW_SIZE + 1]), 'ok');
    t.equal(openRtcp(reports[0]), 'srtcp-stale');
    t.equal(openRtcp(reports[2]), 'ok');
    t.equal(openRtcp(reports[2]), 'srtcp-replay');
    t.end();
  });

  t.test(`${profile}: every bit that is changed is noticed, and moves nothing`, (t) => {
    const { rtp, rtcp, openRtp, openRtcp } = pair(profile);
    t.equal(openRtp(rtp(10)), 'ok');
    t.equal(openRtcp(rtcp()), 'ok');
    const packet = rtp(11);
    const report = rtcp();
    for (const [good, open] of [
      [packet, openRtp],
      [report, openRtcp],
    ] as const) {
      let passed = 0;
      for (let bit = 0; bit < good.length * 8; bit++) {
        const bad = good.slice();
        bad[bit >> 3] ^= 0x80 >> (bit & 7);
        if (open(bad) === 'ok') passed++;
      }
      t.equal(passed, 0);
      t.equal(open(good), 'ok', 'the true packet is still new');
    }
    // A forged sequence number far ahead must not have moved the window either.
    t.equal(openRtp(rtp(12)), 'ok');
    t.equal(openRtp(rtp(9)), 'ok');
    t.end();
  });

  t.test(`${profile}: a cut packet is refused`, (t) => {
    const { rtp, rtcp, openRtp, openRtcp } = pair(profile);
    const packet = rtp(1);
    const report = rtcp();
    for (let length = 0; length < packet.length; length++) t.not(openRtp(packet.subarray(0, length)), 'ok');
    for (let length = 0; length < report.length; length++) t.not(openRtcp(report.subarray(0, length)), 'ok');
    t.equal(openRtp(packet.subarray(0, 12)), 'srtp-too-short');
    t.equal(openRtcp(report.subarray(0, 12)), 'srtcp-too-short');
    t.equal(openRtp(packet), 'ok');
    t.equal(openRtcp(report), 'ok');
    t.end();
  });
}

t.test('random bytes get a named reason and never throw', (t) => {
  const names = new Set<string>(srtpErrorNames);
  const versioned = fc
    .tuple(fc.nat(63), fc.uint8Array({ maxLength: 200 }))
    .map(([low, rest]) => Uint8Array.of(0x80 | low, ...rest));
  fc.assert(
    fc.property(anyProfile, fc.oneof(fc.uint8Array({ maxLength: 200 }), versioned), (profile, bytes) => {
      const { openRtp, openRtcp } = pair(profile);
      return names.has(openRtp(bytes)) && names.has(openRtcp(bytes));
    }),
    { numRuns: 500 },
  );
  t.equal(
    pair('AEAD_AES_128_GCM').openRtp(new Uint8Array(70000).fill(0x80)),
    'srtp-malformed',
    'longer than a datagram',
  );
  t.equal(pair('AEAD_AES_128_GCM').openRtcp(new Uint8Array(70000).fill(0x80)), 'srtcp-malformed');
  t.end();
});

t.test('damage anywhere in any packet is refused', (t) => {
  fc.assert(
    fc.property(
      anyProfile,
      anyRtp,
      anyRtcp,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (profile, rtp, rtcp, place, change) => {
        const sender = new SrtpSender(keyingOf(profile));
        const receiver = new SrtpReceiver(keyingOf(profile));
        const wire = succeed(sender.protectRtp.bind(sender), rtp);
        const controlWire = succeed(sender.protectRtcp.bind(sender), rtcp);
        wire[place % wire.length] ^= change;
        controlWire[place % controlWire.length] ^= change;
        return (
          outcome(receiver.unprotectRtp.bind(receiver), wire) !== 'ok' &&
          outcome(receiver.unprotectRtcp.bind(receiver), controlWire) !== 'ok'
        );
      },
    ),
  );
  t.end();
});

t.test('another key, and the key of the other direction, are refused', (t) => {
  const sender = new SrtpSender(keyingOf('AEAD_AES_128_GCM', 1));
  const receiver = new SrtpReceiver(keyingOf('AEAD_AES_128_GCM', 2));
  const wire = succeed(sender.protectRtp.bind(sender), rtpPacket({ sequenceNumber: 1 }));
  t.equal(outcome(receiver.unprotectRtp.bind(receiver), wire), 'srtp-auth');
  const report = succeed(sender.protectRtcp.bind(sender), rtcpPacket(1));
  t.equal(outcome(receiver.unprotectRtcp.bind(receiver), report), 'srtcp-auth');
  t.end();
});

t.test('a stream may begin anywhere in its first cycle', (t) => {
  const { rtp, openRtp } = pair('AES_CM_128_HMAC_SHA1_80');
  t.equal(openRtp(rtp(0xfff0)), 'ok');
  t.equal(openRtp(rtp(0xffef)), 'ok', 'the one before it came late');
  t.equal(openRtp(rtp(3)), 'ok', 'and it wraps');
  t.end();
});

t.test('unknown SSRCs that are not authentic leave nothing behind', (t) => {
  const sender = new SrtpSender(keyingOf('AES_CM_128_HMAC_SHA1_80'));
  const receiver = new SrtpReceiver(keyingOf('AES_CM_128_HMAC_SHA1_80'), 1);
  const open = receiver.unprotectRtp.bind(receiver);
  const good = succeed(sender.protectRtp.bind(sender), rtpPacket({ sequenceNumber: 1, ssrc: 1 }));
  t.equal(outcome(open, good), 'ok');
  for (let ssrc = 2; ssrc < 50; ssrc++)
    t.equal(outcome(open, rtpPacket({ sequenceNumber: 1, ssrc, payload: new Uint8Array(40) })), 'srtp-auth');
  t.equal(outcome(open, good), 'srtp-replay', 'the one place is still taken by the true stream');

  const other = succeed(sender.protectRtp.bind(sender), rtpPacket({ sequenceNumber: 1, ssrc: 2 }));
  t.equal(outcome(open, other), 'ok', 'an authentic one takes it over');
  t.end();
});

t.test('a full table forgets the SSRC that was silent for longest', (t) => {
  const table = new SourceTable(3);
  for (const ssrc of [1, 2, 3]) table.accept(ssrc, table.find(ssrc), 5);
  table.accept(1, table.find(1), 6);
  table.accept(4, table.find(4), 5);
  t.equal(table.size, 3);
  t.equal(table.find(2), undefined);
  t.same(
    [1, 3, 4].map((ssrc) => table.find(ssrc)?.highest),
    [6, 5, 5],
  );
  t.end();
});

t.test('SRTCP without the E bit is taken when it is authentic, at any index', (t) => {
  const keying = keyingOf('AES_CM_128_HMAC_SHA1_80');
  const receiver = new SrtpReceiver(keying);
  const open = receiver.unprotectRtcp.bind(receiver);
  const report = rtcpPacket(77);
  for (const indexWord of ['00000000', '7fffffff']) {
    const tagged = Buffer.concat([report, Buffer.from(indexWord, 'hex')]);
    const key = deriveSessionKeys(keying).rtcp.authenticationKey;
    const tag = createHmac('sha1', key).update(tagged).digest().subarray(0, 10);
    t.equal(toHex(succeed(open, Buffer.concat([tagged, tag]))), toHex(report));
    t.equal(outcome(open, Buffer.concat([tagged, tag])), 'srtcp-replay');
  }
  t.end();
});

t.test('the E bit cannot be cleared on the way', (t) => {
  for (const profile of srtpProfileNames) {
    const { rtcp, openRtcp } = pair(profile);
    const wire = rtcp();
    wire[wire.length - (profile.startsWith('AEAD') ? 4 : 14)] &= 0x7f;
    t.equal(openRtcp(wire), 'srtcp-auth', profile);
  }
  t.end();
});
