/** 100,000 bad datagrams at every port of a running call: nobody notices, and each one is accounted for. */
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setInterval } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { createWorker, type types } from 'sluss';
import { ffmpegPath, launchChromium } from '../support/browser/browsers.js';
import { ReceiverPage } from '../support/browser/receiver-page.js';
import { mutate, type Shape, shapes } from '../support/hostile-datagrams.js';
import { bindingRequest } from '../transport/ice/binding-request.js';

const DATAGRAMS = 100_000;
const SSRC = 22222222;
const PAYLOAD_TYPE = 101;
/**
 * Sent every 10 ms, so 5,000 a second: the attack must not win by taking the processor from browser and encoder, and the
 * kernel's receive buffer must not overflow, or what was lost there could not be counted.
 */
const BURST = 50;
const BURST_INTERVAL_MS = 10;

type Dump = { drops: Record<string, number>; udpSockets?: { datagramsReceived: number }[] };

t.test(`${DATAGRAMS} hostile datagrams during a call`, async (t) => {
  const worker = await createWorker();
  t.teardown(() => worker.close());
  const died: unknown[] = [];
  worker.on('died', (error) => died.push(error));
  const router = await worker.createRouter({
    mediaCodecs: [{ kind: 'video', mimeType: 'video/VP8', clockRate: 90000 }],
  });
  const webRtcServer = await worker.createWebRtcServer({
    listenInfos: [{ protocol: 'udp', ip: '127.0.0.1', recvBufferSize: 4 << 20 }],
  });
  const ingest = await router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    rtcpMux: true,
    comedia: true,
  });
  const producer = await ingest.produce({
    kind: 'video',
    rtpParameters: {
      codecs: [{ mimeType: 'video/VP8', payloadType: PAYLOAD_TYPE, clockRate: 90000 }],
      encodings: [{ ssrc: SSRC }],
    },
  });
  startFfmpeg(t, ingest);

  const browser = await launchChromium(t);
  const receiver = await ReceiverPage.open(browser, router, webRtcServer);
  const consumer = await receiver.show(producer.id);
  await receiver.page.waitForFunction(
    () => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 45,
  );
  const before = await receiver.received();

  // The insider has a transport of its own and passes ICE; then it sends garbage from an address that is trusted.
  const insider = await router.createWebRtcTransport({ webRtcServer });
  await insider.connect({ dtlsParameters: { role: 'client', fingerprints: [fingerprint] } });
  const port = insider.iceCandidates[0].port;
  const trusted = await authenticatedSocket(insider, port);
  const stranger = createSocket('udp4');
  stranger.bind(0, '127.0.0.1');
  await once(stranger, 'listening');
  t.teardown(() => {
    trusted.close();
    stranger.close();
  });
  const countsBefore = await counted(webRtcServer, insider);

  await flood(trusted, stranger, port, async () => void (await insider.getStats()));
  const counts = await counted(webRtcServer, insider);
  const dropped = counts.dropped - countsBefore.dropped;
  t.comment(JSON.stringify(counts.reasons));
  t.same(died, [], 'the worker lives');
  // A datagram may hold two bad records and so count twice; the session keeps four early records, which is no drop.
  t.ok(dropped >= DATAGRAMS - 4 && dropped < DATAGRAMS * 1.02, `${dropped} drops, each under a reason`);

  const after = await receiver.received();
  const seconds = (after.at - before.at) / 1000;
  const rate = (after.framesDecoded - before.framesDecoded) / seconds;
  t.comment(`${seconds.toFixed(1)} s, ${rate.toFixed(1)} frames a second`);
  t.ok(rate >= 13, `the call goes on at ${rate.toFixed(1)} of 15 frames a second`);
  t.equal(after.freezeCount, before.freezeCount, 'without a freeze');
  t.equal(after.packetsLost, before.packetsLost, 'and without loss');
  t.equal(consumer.closed, false);
});

/** Nobody's certificate: the insider never gets as far as proving one. */
const fingerprint: types.DtlsFingerprint = {
  algorithm: 'sha-256',
  value: Array.from({ length: 32 }, () => 'AB').join(':'),
};

function startFfmpeg(t: Test, ingest: types.PlainTransport): void {
  const target = `rtp://127.0.0.1:${ingest.tuple.localPort}?pkt_size=1200`;
  const input = ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=15'];
  const codec = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '300k', '-g', '15'];
  const rtp = ['-ssrc', String(SSRC), '-payload_type', String(PAYLOAD_TYPE), '-f', 'rtp', target];
  const ffmpeg = spawn(
    ffmpegPath(),
    ['-loglevel', 'error', ...input, ...codec, '-pix_fmt', 'yuv420p', ...rtp],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  t.teardown(() => ffmpeg.kill('SIGKILL'));
}

async function authenticatedSocket(transport: types.WebRtcTransport, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { usernameFragment, password } = transport.iceParameters;
  const answered = once(socket, 'message');
  socket.send(bindingRequest({ usernameFragment, password, useCandidate: true }), port, '127.0.0.1');
  await answered;
  return socket;
}

/** Half from the stranger, half from the insider; `drained` returns when the worker has read what was sent so far. */
async function flood(
  trusted: Socket,
  stranger: Socket,
  port: number,
  drained: () => Promise<void>,
): Promise<void> {
  const kinds = Object.keys(shapes) as Shape[];
  let sent = 0;
  for await (const _ of setInterval(BURST_INTERVAL_MS)) {
    const sends: Promise<void>[] = [];
    for (let n = sent; n < sent + BURST; n++) {
      const datagram = mutate(kinds[(n >> 1) % kinds.length], n);
      const socket = n % 2 === 0 ? trusted : stranger;
      sends.push(new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', () => resolve())));
    }
    await Promise.all(sends);
    sent += BURST;
    if (sent === DATAGRAMS) break;
    if (sent % (BURST * 20) === 0) await drained();
  }
  await drained();
}

async function counted(
  server: types.WebRtcServer,
  insider: types.WebRtcTransport,
): Promise<{ dropped: number; reasons: Record<string, number> }> {
  const dumps = [(await server.dump()) as unknown as Dump, (await insider.dump()) as unknown as Dump];
  const reasons: Record<string, number> = {};
  for (const { drops } of dumps) {
    for (const [reason, count] of Object.entries(drops)) {
      if (count > 0) reasons[reason] = (reasons[reason] ?? 0) + count;
    }
  }
  return { dropped: Object.values(reasons).reduce((sum, count) => sum + count, 0), reasons };
}
