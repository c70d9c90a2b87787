/**
 * The forwarding loop without sockets: one VP8 stream to N receivers, every feature on, with and without SRTP.
 *   node bench/router/fan-out.js
 */
import { Router } from '../../dist/router/router.js';
import { RtpTransport } from '../../dist/router/rtp-transport.js';
import { PacketBatch } from '../../dist/srtp/packet-batch.js';
import { protectBatch } from '../../dist/srtp/protect-batch.js';
import { SrtpSender } from '../../dist/srtp/srtp-sender.js';
import { loadSrtpKernel } from '../../dist/transport/load-srtp-kernel.js';
import { PacketArena } from '../../dist/stream/packet-arena.js';
import { Timers } from '../../dist/stream/timers.js';
import { nanosecondsPerPacket, secondsPerCase } from '../support/measure.js';

const seconds = secondsPerCase();
const PACKET_SIZE = 1142;
const extensions = [
  { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 },
  { uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', id: 4 },
  { uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', id: 5 },
];

for (const receivers of [1, 10, 100]) {
  for (const srtp of [false, true]) {
    const turn = room(receivers, srtp);
    const cost = nanosecondsPerPacket(turn, seconds);
    const what = `${String(receivers).padStart(4)} receivers ${srtp ? 'AES_CM' : 'plain '}`;
    console.log(`${what} ${String(cost).padStart(7)} ns per forwarded packet`);
  }
}

/** A room on a clock of its own; each turn is one packet in and one out to each receiver. */
function room(receivers, srtp) {
  let now = 0;
  const kernel = loadSrtpKernel(64 << 20);
  const arena = new PacketArena(kernel === null ? 64 << 20 : kernel.packets);
  const scratch = arena.allocateRange(2048);
  const offset = arena.allocateRange(256 * 2048);
  const batch = new PacketBatch(256, 2048, { bytes: arena.bytes, offset, kernel });
  const flush = () => {
    protectBatch(batch);
    batch.clear();
  };
  const environment = {
    arena,
    scratch,
    batch,
    timers: new Timers(),
    wallClockOffset: 0,
    notify() {},
    random32: () => 12345,
    flush,
  };
  const router = new Router('bench', environment);
  const sender = new RtpTransport('sender', router, sink(false), environment);
  sender.produce(now, producerSettings());
  for (let n = 0; n < receivers; n++) {
    const transport = new RtpTransport(`receiver-${n}`, router, sink(srtp), environment);
    transport.consume(now, consumerSettings(n));
  }
  const packet = new Uint8Array(PACKET_SIZE).fill(0xab);
  packet.set([0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 4, 87]);
  let sequence = 0;
  return () => {
    const wire = packet.slice();
    sequence += 1;
    now += 1;
    wire[2] = sequence >> 8;
    wire[3] = sequence;
    // Descriptor with a 15-bit picture id; the first packet is a key frame.
    wire.set(
      [0x90, 0x80, 0x80 | ((sequence >> 8) & 0x7f), sequence & 0xff, sequence === 1 ? 0x10 : 0x11],
      12,
    );
    if (sequence === 1) wire.set([2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0], 17);
    sender.receiveRtp(now, wire, 0, wire.length);
    flush();
    environment.timers.run(now);
    return receivers;
  };
}

function sink(srtp) {
  const keying = {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    masterKey: new Uint8Array(16).fill(7),
    masterSalt: new Uint8Array(14),
  };
  return { srtpSender: srtp ? new SrtpSender(keying) : null, rtpDestination: {}, sendRtcp() {} };
}

function producerSettings() {
  return {
    id: 'producer',
    kind: 'video',
    type: 'simple',
    rtpParameters: {
      codecs: [
        { mimeType: 'video/VP8', payloadType: 96, clockRate: 90000, rtcpFeedback: [{ type: 'nack' }] },
      ],
      headerExtensions: extensions,
      encodings: [{ ssrc: 1111 }],
    },
    rtpMapping: {
      codecs: [{ payloadType: 96, mappedPayloadType: 101 }],
      encodings: [{ ssrc: 1111, mappedSsrc: 9000 }],
    },
    keyFrameRequestDelay: 0,
    paused: false,
  };
}

function consumerSettings(n) {
  return {
    id: `consumer-${n}`,
    producerId: 'producer',
    kind: 'video',
    type: 'simple',
    rtpParameters: {
      mid: '0',
      codecs: [
        { mimeType: 'video/VP8', payloadType: 101, clockRate: 90000 },
        { mimeType: 'video/rtx', payloadType: 102, clockRate: 90000, parameters: { apt: 101 } },
      ],
      headerExtensions: extensions,
      encodings: [{ ssrc: 5000 + 2 * n, rtx: { ssrc: 5001 + 2 * n } }],
    },
    consumableRtpEncodings: [],
    paused: false,
    ignoreDtx: false,
  };
}
