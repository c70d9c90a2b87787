import t, { type Test } from 'tap';
import { UnsupportedError } from '#src/api/errors.js';
import { type RtpParameters } from '#src/rtp/rtp-parameters.js';
import { localWorker } from './support/local-worker.js';
import { audioParameters, listenInfo, mediaCodecs, videoParameters } from './support/parameters.js';

async function withTransport(t: Pick<Test, 'teardown'>) {
  const local = localWorker(t);
  const router = await local.worker.createRouter({ mediaCodecs });
  const transport = await router.createWebRtcTransport({ listenInfos: [listenInfo] });
  return { ...local, router, transport };
}

void t.test('produce(): getters, types, observer event', async (t) => {
  const { router, transport } = await withTransport(t);
  const seen: unknown[] = [];
  transport.observer.on('newproducer', (producer) => seen.push(producer.id));
  const audio = await transport.produce({
    kind: 'audio',
    rtpParameters: audioParameters,
    appData: { mic: 1 },
  });
  const video = await transport.produce({
    id: 'camera',
    kind: 'video',
    rtpParameters: videoParameters,
    paused: true,
  });
  t.same(seen, [audio.id, 'camera']);
  t.same([audio.kind, audio.type, audio.paused, audio.score], ['audio', 'simple', false, []]);
  t.same([video.kind, video.type, video.paused], ['video', 'simulcast', true]);
  t.same(audio.appData, { mic: 1 });
  audio.appData = { mic: 2 };
  t.same(audio.appData, { mic: 2 });
  t.equal(video.consumableRtpParameters.codecs[0].payloadType, 101, "the router's payload type");
  t.match(await video.dump(), { id: 'camera', kind: 'video', type: 'simulcast', paused: true });
  t.same(await audio.getStats(), []);
  t.match(await transport.dump(), { producerIds: [audio.id, 'camera'] });
  t.match(await router.dump(), {
    mapProducerIdConsumerIds: [{ key: audio.id, values: [] }, { key: 'camera' }],
  });
});

void t.test('all producers of a transport share the first CNAME', async (t) => {
  const { router, transport } = await withTransport(t);
  const audio = await transport.produce({ kind: 'audio', rtpParameters: audioParameters });
  const video = await transport.produce({ kind: 'video', rtpParameters: videoParameters });
  t.equal(audio.rtpParameters.rtcp?.cname, 'first');
  t.equal(video.rtpParameters.rtcp?.cname, 'first');
  t.equal(video.consumableRtpParameters.rtcp?.cname, 'first');
  const other = await router.createWebRtcTransport({ listenInfos: [listenInfo] });
  const nameless = await other.produce({
    kind: 'audio',
    rtpParameters: { ...audioParameters, rtcp: undefined },
  });
  t.match(nameless.rtpParameters.rtcp?.cname, /^\S{8}$/, 'or get a random one');
  t.equal(videoParameters.rtcp?.cname, 'second', 'what the application passed stays as it is');
});

void t.test('malformed options are refused by name', async (t) => {
  const { router, transport } = await withTransport(t);
  await transport.produce({ id: 'taken', kind: 'audio', rtpParameters: audioParameters });
  const other = await router.createPlainTransport({ listenInfo });
  const without = (key: keyof RtpParameters): object => ({ ...videoParameters, [key]: undefined });
  const cases: [options: unknown, message: RegExp][] = [
    [undefined, /options/],
    [{ kind: 'chicken', rtpParameters: audioParameters }, /kind/],
    [{ kind: 'audio' }, /params/],
    [{ kind: 'video', rtpParameters: without('codecs') }, /codecs/],
    [{ kind: 'audio', rtpParameters: { ...audioParameters, encodings: 'x' } }, /encodings/],
    [{ kind: 'video', rtpParameters: audioParameters }, /kind video/],
    [{ id: 'taken', kind: 'video', rtpParameters: videoParameters }, /options\.id.*taken/],
    [{ id: 5, kind: 'video', rtpParameters: videoParameters }, /options\.id/],
    [{ kind: 'video', rtpParameters: videoParameters, paused: 'yes' }, /paused/],
    [{ kind: 'video', rtpParameters: videoParameters, keyFrameRequestDelay: -1 }, /keyFrameRequestDelay/],
    [{ kind: 'video', rtpParameters: videoParameters, appData: 'x' }, /appData/],
    [
      { kind: 'audio', rtpParameters: { ...audioParameters, encodings: [{ ssrc: 1 }, { ssrc: 2 }] } },
      /encodings/,
    ],
  ];
  for (const [options, message] of cases) {
    await t.rejects(other.produce(options as never), { name: 'TypeError', message }, message.source);
  }
  const h264 = {
    ...videoParameters,
    codecs: [{ mimeType: 'video/H264', payloadType: 96, clockRate: 90000 }],
  };
  await t.rejects(transport.produce({ kind: 'video', rtpParameters: h264 }), UnsupportedError);
});

void t.test('an SSRC or MID in use on the transport is a plain Error', async (t) => {
  const { transport } = await withTransport(t);
  await transport.produce({ kind: 'audio', rtpParameters: audioParameters });
  await t.rejects(transport.produce({ kind: 'audio', rtpParameters: { ...audioParameters, mid: 'other' } }), {
    name: 'Error',
    message: /ssrc/i,
  });
  await t.rejects(
    transport.produce({ kind: 'audio', rtpParameters: { ...audioParameters, encodings: [{ ssrc: 99 }] } }),
    {
      name: 'Error',
      message: /mid/i,
    },
  );
  t.equal((await transport.dump()).producerIds.length, 1);
});

void t.test('pause() and resume(): the observer hears of changes only', async (t) => {
  const { transport } = await withTransport(t);
  const producer = await transport.produce({ kind: 'audio', rtpParameters: audioParameters });
  const seen: string[] = [];
  producer.observer.on('pause', () => seen.push('pause'));
  producer.observer.on('resume', () => seen.push('resume'));
  await producer.resume();
  await producer.pause();
  await producer.pause();
  t.ok(producer.paused);
  t.match(await producer.dump(), { paused: true });
  await producer.resume();
  t.notOk(producer.paused);
  t.same(seen, ['pause', 'resume']);
});

void t.test('score, videoorientationchange, trace', async (t) => {
  const { worker, transport, notify } = await withTransport(t);
  const producer = await transport.produce({ kind: 'video', rtpParameters: videoParameters });
  const seen: unknown[] = [];
  const score = [{ encodingIdx: 0, ssrc: 22222222, score: 8 }];
  const orientation = { camera: true, flip: false, rotation: 90 };
  const trace = { type: 'pli' as const, timestamp: 1, direction: 'out' as const, info: {} };
  producer.on('score', (value) => seen.push(value));
  producer.observer.on('score', (value) => seen.push(value));
  producer.on('videoorientationchange', (value) => seen.push(value));
  producer.observer.on('videoorientationchange', (value) => seen.push(value));
  producer.on('trace', (value) => seen.push(value));
  producer.observer.on('trace', (value) => seen.push(value));
  notify(producer.id, 'score', score);
  notify(producer.id, 'videoorientationchange', orientation);
  notify(producer.id, 'trace', trace);
  await worker.dump();
  t.same(seen, [score, score, orientation, orientation, trace, trace]);
  t.same(producer.score, score);
});

void t.test('wantedEncodings: all at first, then as the core says', async (t) => {
  const { worker, transport, notify } = await withTransport(t);
  const video = await transport.produce({ kind: 'video', rtpParameters: videoParameters });
  const audio = await transport.produce({ kind: 'audio', rtpParameters: audioParameters });
  t.same(video.wantedEncodings, [true, true, true]);
  t.same(audio.wantedEncodings, [true]);
  const seen: unknown[] = [];
  video.on('wantedencodingschange', (wanted) => seen.push(wanted));
  video.observer.on('wantedencodingschange', (wanted) => seen.push(wanted));
  const wanted = [true, false, false];
  notify(video.id, 'wantedencodingschange', wanted);
  await worker.dump();
  t.same(seen, [wanted, wanted]);
  t.same(video.wantedEncodings, wanted);
  video.wantedEncodings[0] = false;
  t.same(video.wantedEncodings, wanted, 'getters give copies');
});

void t.test('a listener that throws harms nobody', async (t) => {
  const { worker, transport, notify } = await withTransport(t);
  const producer = await transport.produce({ kind: 'video', rtpParameters: videoParameters });
  const errors: unknown[] = [];
  producer.on('listenererror', (event, error) => errors.push([event, error.message]));
  producer.on('score', () => {
    throw new Error('in the application');
  });
  notify(producer.id, 'score', []);
  await worker.dump();
  t.same(errors, [['score', 'in the application']]);
});

void t.test('enableTraceEvent() keeps to known types', async (t) => {
  const { transport } = await withTransport(t);
  const producer = await transport.produce({ kind: 'audio', rtpParameters: audioParameters });
  await producer.enableTraceEvent(['rtp', 'pli', 'chicken' as never]);
  t.same((await producer.dump()).traceEventTypes, ['rtp', 'pli']);
  await producer.enableTraceEvent();
  t.same((await producer.dump()).traceEventTypes, []);
  await t.rejects(producer.enableTraceEvent({} as never), { name: 'TypeError', message: /types/ });
  t.throws(() => producer.send(new Uint8Array(12)), UnsupportedError);
});
