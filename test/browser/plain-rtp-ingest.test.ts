/** ffmpeg sends plain RTP into a PlainTransport; a browser shows it. */
import { spawn } from 'node:child_process';
import t from 'tap';
import { createWorker } from 'sluss';
import { ffmpegPath, launchChromium } from '../support/browser/browsers.js';
import { ReceiverPage } from '../support/browser/receiver-page.js';

const SSRC = 22222222;
const PAYLOAD_TYPE = 101;

t.test('VP8 from ffmpeg through a PlainTransport into Chromium', async (t) => {
  const worker = await createWorker();
  t.teardown(() => worker.close());
  const router = await worker.createRouter({
    mediaCodecs: [{ kind: 'video', mimeType: 'video/VP8', clockRate: 90000 }],
  });
  const ingest = await router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    rtcpMux: false,
    comedia: true,
  });
  const producer = await ingest.produce({
    kind: 'video',
    rtpParameters: {
      codecs: [{ mimeType: 'video/VP8', payloadType: PAYLOAD_TYPE, clockRate: 90000 }],
      encodings: [{ ssrc: SSRC }],
    },
  });

  const learnt = new Promise<void>((resolve) => ingest.once('tuple', () => resolve()));
  const rtcpPort = ingest.rtcpTuple?.localPort;
  t.type(rtcpPort, 'number', 'RTCP has its own port');
  const ffmpeg = spawn(
    ffmpegPath(),
    [
      ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=15'],
      // A key frame every second: ffmpeg does not listen to requests for one.
      ...[
        '-c:v',
        'libvpx',
        '-deadline',
        'realtime',
        '-cpu-used',
        '8',
        '-b:v',
        '300k',
        '-g',
        '15',
        '-pix_fmt',
        'yuv420p',
      ],
      ...['-ssrc', String(SSRC), '-payload_type', String(PAYLOAD_TYPE)],
      ...['-f', 'rtp', `rtp://127.0.0.1:${ingest.tuple.localPort}?rtcpport=${rtcpPort}&pkt_size=1200`],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  t.teardown(() => ffmpeg.kill('SIGKILL'));
  await learnt;
  t.equal(ingest.tuple.remoteIp, '127.0.0.1', 'the sender was learnt from its first packet');

  const browser = await launchChromium(t);
  const receiver = await ReceiverPage.open(browser, router);
  const consumer = await receiver.show(producer.id);
  await receiver.page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0);
  const frames = () =>
    receiver.page.evaluate(() => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames);
  const before = await frames();
  await receiver.page.waitForFunction(
    (wanted) => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames >= wanted,
    before + 30,
  );
  const size = await receiver.page.evaluate(() => {
    const video = document.querySelector('video')!;
    return [video.videoWidth, video.videoHeight];
  });
  t.same(size, [320, 180]);

  // The colour bars of testsrc: a bright and a dark place, so this is the picture and not a grey guess.
  const spread = await receiver.page.evaluate(() => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d')!;
    context.drawImage(document.querySelector('video')!, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const greens = Array.from({ length: data.length / 4 }, (_, index) => data[index * 4 + 1]);
    return Math.max(...greens.slice(0, 40_000)) - Math.min(...greens.slice(0, 40_000));
  });
  t.ok(spread > 150, `bright and dark places are ${spread} apart`);

  const [stat] = (await producer.getStats()) as { ssrc: number; packetCount: number }[];
  t.equal(stat.ssrc, SSRC);
  t.ok(stat.packetCount > 0);
  consumer.close();
});
