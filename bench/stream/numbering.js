/**
 * What one stream costs beside its bytes: numbers for each receiver, memory of packets, lost packets, reports.
 *   node bench/stream/numbering.js
 */
import { NackGenerator } from '../../dist/stream/nack-generator.js';
import { PacketArena } from '../../dist/stream/packet-arena.js';
import { PacketRing } from '../../dist/stream/packet-ring.js';
import { ReceptionStatistics } from '../../dist/stream/reception-statistics.js';
import { RetransmissionIndex } from '../../dist/stream/retransmission-index.js';
import { RtpMunger } from '../../dist/stream/rtp-munger.js';
import { SequenceMapper } from '../../dist/stream/sequence-mapper.js';
import { Timers } from '../../dist/stream/timers.js';
import { microBench } from '../support/micro-bench.js';
import { videoPackets, vp9Payload } from '../support/sample-packets.js';

const PER_TURN = 100;
const SIZE = 1142;

/** `step` is given a packet's number, which goes on from turn to turn. */
const counting = (step) => {
  let number = 0;
  return () => {
    for (let n = 0; n < PER_TURN; n++) step(number++);
    return PER_TURN;
  };
};

microBench({
  title: 'One stream: numbers, memory, loss',
  cases: {
    'sequence mapper': () => {
      const mapper = new SequenceMapper(1000);
      return counting((n) => mapper.map(n & 0xffff));
    },
    'sequence mapper, a third left out': () => {
      const mapper = new SequenceMapper(1000);
      return counting((n) => (n % 3 === 0 ? mapper.drop(n & 0xffff) : mapper.map(n & 0xffff)));
    },
    'munger, VP8': () => munging('video/VP8', videoPackets(4)),
    'munger, VP9': () => munging('video/VP9', [Uint8Array.of(...new Uint8Array(12), ...vp9Payload())], 12),
    'munger, H.264': () => munging('video/H264', videoPackets(4)),
    'packet ring, kept and found again': () => {
      const arena = new PacketArena(64 << 20);
      const ring = new PacketRing(arena, { retentionMs: 2000 });
      return counting((n) => {
        const offset = ring.reserve(n, SIZE);
        ring.store(n, n & 0xffff, offset, SIZE);
        ring.find((n - 50) & 0xffff);
      });
    },
    'retransmission index': () => {
      const index = new RetransmissionIndex();
      return counting((n) => index.record(n & 0xffff, n & 0xffff, 1));
    },
    'NACK, nothing lost': () => {
      const generator = new NackGenerator();
      return counting((n) => generator.receive(n, n & 0xffff));
    },
    'NACK, 2% lost and repaired': () => {
      const generator = new NackGenerator();
      const wanted = [];
      return counting((n) => {
        if (n % 50 !== 0) generator.receive(n, n & 0xffff);
        if (n % 50 === 20) generator.handleTimeout(n, 50, wanted);
        if (n % 50 === 40) generator.receive(n, (n - 40) & 0xffff);
      });
    },
    'reception statistics': () => {
      const statistics = new ReceptionStatistics(90_000);
      return counting((n) => statistics.receive(n, n & 0xffff, n * 90));
    },
    'timer, moved among 1,000': () => {
      const timers = new Timers();
      const clients = Array.from({ length: 1000 }, () => ({
        timerIndex: -1,
        timerAt: 0,
        handleTimeout() {},
      }));
      clients.forEach((client, n) => timers.schedule(client, n));
      return counting((n) => {
        const client = clients[(n * 7919) % 1000];
        timers.cancel(client);
        timers.schedule(client, n + 1000);
      });
    },
  },
});

/** Decided, numbered and rewritten, as for one receiver. */
function munging(mimeType, packets, headerLength = 36) {
  const munger = new RtpMunger(1000, 90_000, true, mimeType);
  munger.sync(0, 1, 0, Number.NaN);
  const packet = { offset: 0, length: 0, headerLength, sequenceNumber: 0, pictureId: -1, dependency: null };
  return counting((n) => {
    const bytes = packets[n % packets.length];
    packet.length = bytes.length;
    packet.sequenceNumber = n & 0xffff;
    munger.admit(bytes, packet);
    munger.rewritePayload(bytes, headerLength, bytes.length - headerLength, munger.era);
    munger.sent(n, munger.timestamp(n * 3000), true);
  });
}
