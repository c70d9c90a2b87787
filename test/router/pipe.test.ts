import t from 'tap';
import { SenderReport } from '#src/rtp/rtcp/sender-report.js';
import { Sdes } from '#src/rtp/rtcp/sdes.js';
import { CANONICAL_EXTENSION_ID } from '#src/rtp/header-extension-ids.js';
import type { RtpParameters } from '#src/rtp/rtp-parameters.js';
import { tsDiff } from '#src/rtp/sequence.js';
import { fromHex, toHex } from '../rtp/hostile.js';
import { ascii, buildRtp } from '../support/rtp-builder.js';
import {
  CAMERA_SSRCS,
  PIPE_RTX_SSRCS,
  PIPE_SSRCS,
  PipedCamera,
  VirtualPipe,
  vp8Pipe,
} from '../support/virtual-pipe.js';
import { opusReceiver, opusSender, vp8Receiver } from '../support/virtual-room.js';

function setUp(rtx = false) {
  const pipe = new VirtualPipe();
  const camera = new PipedCamera(pipe.near);
  camera.run(pipe, 200);
  const consumer = pipe.consume(vp8Pipe(rtx));
  const producer = pipe.produce(vp8Pipe(rtx));
  return { pipe, camera, consumer, producer };
}

/** A viewer in the far room. */
function watch({ far }: VirtualPipe, spatialLayer: number, name = 'viewer', ssrc = 5000) {
  const rtpParameters = vp8Receiver(ssrc);
  rtpParameters.encodings![0].scalabilityMode = 'L3T1';
  const transport = far.transport(name);
  const consumer = transport.consume({
    id: name,
    producerId: 'piped',
    type: 'simulcast',
    rtpParameters,
    preferredLayers: { spatialLayer },
  });
  return { transport, consumer };
}

t.test('every encoding goes through, from a key frame on, under an SSRC of its own and unchanged', (t) => {
  const { pipe, camera } = setUp();
  t.same(camera.asked, [1, 1, 1], 'a key frame of each is asked for');
  camera.run(pipe, 400);
  for (const [layer, ssrc] of PIPE_SSRCS.entries()) {
    const sent = pipe.sent(ssrc);
    t.equal(sent.length, 20);
    t.notOk(sent[0].payload[5] & 1, 'begins with a key frame');
    t.equal(sent.filter(({ payload }) => payload.length === 100 + layer).length, 20);
    t.ok(sent.every(({ sequenceNumber }, n) => sequenceNumber === ((sent[0].sequenceNumber + n) & 0xffff)));
    t.ok(sent.every(({ timestamp, at }) => timestamp === (camera.timestampBase[layer] + at * 90) >>> 0));
    t.equal(sent[0].payload[2] * 256 + sent[0].payload[3] - 0x8000, 105 + 100 * layer, 'its own picture id');
    t.equal(sent[0].payloadType, 97);
  }
  t.same(pipe.in.drops, {});
  t.end();
});

t.test('behind the pipe it is a producer like any other: a viewer chooses and switches layers', (t) => {
  const { pipe, camera, producer } = setUp();
  const { transport, consumer } = watch(pipe, 2);
  camera.run(pipe, 1000);
  t.same(consumer.currentLayers, { spatialLayer: 2, temporalLayer: 0 });
  t.equal(transport.sent.at(-1)?.payload.length, 102);
  consumer.setPreferredLayers(pipe.far.now, { spatialLayer: 0 });
  camera.run(pipe, 1000);
  t.equal(transport.sent.at(-1)?.payload.length, 100);
  for (const [index, { sequenceNumber, timestamp }] of transport.sent.entries()) {
    const before = transport.sent[index - 1];
    if (index === 0) continue;
    t.equal(sequenceNumber, (before.sequenceNumber + 1) & 0xffff);
    const ticks = tsDiff(timestamp, before.timestamp);
    // A switch within one picture goes on one tick later.
    t.ok([0, 1, 3599, 3600].includes(ticks), `${ticks} ticks: all timelines are known behind the pipe`);
  }
  t.same(
    producer.scores().map(({ score, ssrc }) => [score, ssrc]),
    PIPE_SSRCS.map((ssrc) => [10, ssrc]),
  );
  t.end();
});

t.test('a key-frame request from behind the pipe is for its encoding, and reaches the sender', (t) => {
  const { pipe, camera } = setUp();
  const { transport } = watch(pipe, 1);
  camera.run(pipe, 2000);
  const before = camera.asked;
  const pli = Uint8Array.of(0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 5000 >> 8, 5000 & 0xff);
  transport.receiveRtcp(pli);
  pipe.pump();
  t.same(camera.asked, [before[0], before[1] + 1, before[2]]);
  t.match(pipe.out.rtp.consumers.get('pipe-consumer')?.getStats(pipe.near.now), [
    {},
    { ssrc: PIPE_SSRCS[1], pliCount: Number },
    {},
  ]);
  t.end();
});

t.test('loss before the pipe stays a gap; what comes late fills it; padding leaves none', (t) => {
  const { pipe, camera } = setUp();
  camera.run(pipe, 200);
  const before = pipe.sent(PIPE_SSRCS[0]);
  const next = (before.at(-1)!.sequenceNumber + 1) & 0xffff;
  const [late, present] = [camera.packet(0, 0, false), camera.packet(0, 1, false)];
  camera.transport.receive(present);
  camera.transport.receive(late);
  const padding = buildRtp({
    payloadType: 96,
    sequenceNumber: camera.sequence[0]++,
    timestamp: camera.timestampBase[0] + pipe.near.now * 90,
    ssrc: CAMERA_SSRCS[0],
    payload: new Uint8Array(0),
    padding: 100,
  });
  camera.transport.receive(padding);
  camera.transport.receive(camera.packet(0, 0, false));
  const numbers = pipe
    .sent(PIPE_SSRCS[0])
    .slice(before.length)
    .map(({ sequenceNumber }) => (sequenceNumber - next) & 0xffff);
  t.same(numbers, [1, 0, 2]);
  t.end();
});

t.test('padding that comes late fills the number that was kept for it', (t) => {
  const { pipe, camera } = setUp();
  camera.run(pipe, 200);
  const before = pipe.sent(PIPE_SSRCS[0]).length;
  const padding = camera.sequence[0]++;
  camera.transport.receive(camera.packet(0, 0, false));
  camera.transport.receive(
    buildRtp({
      payloadType: 96,
      sequenceNumber: padding,
      timestamp: camera.timestampBase[0] + pipe.near.now * 90,
      ssrc: CAMERA_SSRCS[0],
      payload: new Uint8Array(0),
      padding: 100,
    }),
  );
  pipe.pump();
  const [packet, filler] = pipe.sent(PIPE_SSRCS[0]).slice(before);
  t.equal(filler.sequenceNumber, packet.sequenceNumber - 1);
  t.equal(filler.payload.length, 0);
  t.equal(pipe.in.drops['rtp-padding-only'], 1);
  t.end();
});

t.test('a sender that begins again is the same stream behind the pipe', (t) => {
  const pipe = new VirtualPipe();
  const camera = new PipedCamera(pipe.near, [{ rid: 'only' }]);
  const send = (ssrc: number, sequenceNumber: number, timestamp: number, keyFrame: boolean): void => {
    const payload = Uint8Array.of(
      0x90,
      0xc0,
      0x80,
      0,
      0,
      keyFrame ? 0x10 : 0x11,
      0,
      0,
      0x9d,
      0x01,
      0x2a,
      1,
      0,
      1,
      0,
    );
    const extensions = [
      { id: 1, data: ascii('sender') },
      { id: 2, data: ascii('only') },
    ];
    camera.transport.receive(
      buildRtp({ payloadType: 96, sequenceNumber, timestamp, ssrc, marker: true, payload, extensions }),
    );
    pipe.pump();
  };
  send(1, 1000, 0, true);
  const consumer = pipe.consume(vp8Pipe(false, [7001]));
  const producer = pipe.produce(vp8Pipe(false, [7001]));
  send(1, 1001, 3600, true);
  pipe.advance(40);
  send(1, 1002, 7200, false);
  const { stream } = producer.encodings[0];
  pipe.advance(400);
  send(2, 40_000, 500_000, false);
  t.equal(pipe.out.sent.length, 2, 'not before its key frame');
  send(2, 40_001, 503_600, true);
  const [, second, third] = pipe.out.sent;
  t.equal(third.sequenceNumber, second.sequenceNumber + 1);
  t.equal(tsDiff(third.timestamp, second.timestamp), 400 * 90, 'time went on as the clock did');
  t.equal(producer.encodings[0].stream, stream);
  t.equal(consumer.streams[0].send.packetCount, 3);
  t.end();
});

t.test('pausing, at either place, stops all encodings; going on begins with key frames', (t) => {
  const { pipe, camera, consumer } = setUp();
  camera.run(pipe, 200);
  const stop = [
    [(): void => consumer.pause(pipe.near.now), (): void => consumer.resume(pipe.near.now)],
    [(): void => camera.producer.pause(pipe.near.now), (): void => camera.producer.resume(pipe.near.now)],
  ];
  for (const [pause, resume] of stop) {
    pause();
    const before = pipe.out.sent.length;
    const asked = camera.asked;
    camera.run(pipe, 1000);
    t.equal(pipe.out.sent.length, before);
    t.same(camera.asked, asked);
    t.notOk(consumer.wants(0), 'and nothing is wanted for its sake');
    resume();
    camera.run(pipe, 400);
    t.same(
      camera.asked,
      asked.map((count) => count + 1),
    );
    for (const [layer, ssrc] of PIPE_SSRCS.entries()) {
      const after = pipe.out.sent.slice(before).filter((packet) => packet.ssrc === ssrc);
      const last = pipe.out.sent.slice(0, before).findLast((packet) => packet.ssrc === ssrc)!;
      t.notOk(after[0].payload[5] & 1);
      t.equal(after[0].sequenceNumber, last.sequenceNumber + 1);
      t.equal(after[0].timestamp, (camera.timestampBase[layer] + after[0].at * 90) >>> 0, 'its own timeline');
    }
  }
  t.same(
    [pipe.near.events('pipe-consumer', 'producerpause'), pipe.near.events('pipe-consumer', 'producerresume')],
    [[undefined], [undefined]],
  );
  t.end();
});

t.test('with RTX, what is lost in the pipe is asked for and sent again', (t) => {
  const { pipe, camera, producer } = setUp(true);
  const { transport } = watch(pipe, 0);
  let count = 0;
  let lost = 0;
  pipe.lose = ({ ssrc }) => PIPE_SSRCS.includes(ssrc) && ++count % 10 === 7 && ++lost > 0;
  camera.run(pipe, 3000);
  pipe.lose = () => false;
  camera.run(pipe, 500);
  const again = pipe.out.sent.filter(({ ssrc }) => PIPE_RTX_SSRCS.includes(ssrc));
  t.ok(lost > 30);
  t.ok(again.length > 0 && again.length <= lost, `${again.length} sent again`);
  t.ok(producer.encodings[0].stream!.packetsRepaired > 5);
  const numbers = transport.sent.map(({ sequenceNumber }) => sequenceNumber);
  const expected = numbers.map((_, index) => (numbers[0] + index) & 0xffff);
  t.same(
    numbers.toSorted((a, b) => a - b),
    expected.toSorted((a, b) => a - b),
    'the viewer misses nothing',
  );
  t.match(pipe.out.rtp.consumers.get('pipe-consumer')?.getStats(pipe.near.now)[0], {
    nackCount: Number,
    packetsRetransmitted: Number,
    rtxSsrc: PIPE_RTX_SSRCS[0],
  });
  t.end();
});

t.test('without RTX nothing is asked for again, and a request is refused', (t) => {
  const { pipe, camera } = setUp();
  watch(pipe, 0);
  let count = 0;
  pipe.lose = () => ++count % 10 === 7;
  camera.run(pipe, 1000);
  t.same(pipe.in.rtcp(205, 1), []);
  const number = pipe.sent(PIPE_SSRCS[0]).at(-1)!.sequenceNumber;
  pipe.out.receiveRtcp(
    Uint8Array.of(
      0x81,
      205,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      0,
      7001 >> 8,
      7001 & 0xff,
      number >> 8,
      number & 0xff,
      0,
      0,
    ),
  );
  t.equal(pipe.out.drops['retransmission-unknown'], 1);
  t.end();
});

t.test('a sender report for each encoding soon after it begins, with the name of its source', (t) => {
  const { pipe, camera } = setUp();
  camera.run(pipe, 120);
  const report = new SenderReport();
  const seen = pipe.out.rtcp(200).map((bytes) => {
    t.ok(report.parse(bytes, 0, bytes.length));
    return report.ssrc;
  });
  t.same([...new Set(seen)], PIPE_SSRCS);
  const sdes = new Sdes();
  const [bytes] = pipe.out.rtcp(202);
  t.ok(sdes.parse(bytes, 0, bytes.length));
  t.ok(sdes.next());
  t.equal(sdes.cname, 'cname');
  t.end();
});

t.test('encodings that nobody behind the pipe watches are switched off at the sender, and on again', (t) => {
  const { pipe, camera, consumer, producer } = setUp();
  const { consumer: viewer } = watch(pipe, 0);
  camera.run(pipe, 8000);
  t.same(producer.wantedEncodings, [true, false, false]);
  t.same(camera.producer.wantedEncodings, [true, true, true], 'as long as the pipe is not told');
  consumer.setWantedEncodings(pipe.near.now, [...producer.wantedEncodings]);
  const before = pipe.sent(PIPE_SSRCS[2]).length;
  camera.run(pipe, 8000);
  t.equal(pipe.sent(PIPE_SSRCS[2]).length, before);
  t.same(camera.producer.wantedEncodings, [true, false, false]);
  t.match(consumer.dump(), { wantedEncodings: [true, false, false] });

  viewer.setPreferredLayers(pipe.far.now, { spatialLayer: 2 });
  camera.run(pipe, 1500);
  t.same(producer.wantedEncodings, [true, false, true]);
  consumer.setWantedEncodings(pipe.near.now, [...producer.wantedEncodings]);
  t.same(camera.producer.wantedEncodings, [true, false, true], 'at once');
  camera.run(pipe, 1000);
  t.equal(viewer.currentLayers?.spatialLayer, 2);
  t.end();
});

t.test('sound', (t) => {
  const pipe = new VirtualPipe();
  const microphone = pipe.near.transport('microphone');
  microphone.produce({ kind: 'audio', type: 'simple', rtpParameters: opusSender(11) });
  const parameters = { ...opusReceiver(7001), mid: undefined, headerExtensions: [] };
  pipe.consume(parameters, 'audio');
  pipe.produce(parameters, { kind: 'audio', type: 'simple' });
  for (let n = 0; n < 5; n++) {
    const payload = Uint8Array.of(n, 1, 2, 3);
    microphone.receive(
      buildRtp({ payloadType: 111, sequenceNumber: 50 + n, timestamp: 960 * n, ssrc: 11, payload }),
    );
    pipe.advance(20);
  }
  t.same(
    pipe.out.sent.map(({ payload, timestamp, payloadType }) => [payload[0], timestamp, payloadType]),
    [0, 1, 2, 3, 4].map((n) => [n, 960 * n, 112]),
  );
  t.same(pipe.in.drops, {});
  t.end();
});

t.test('with redundancy and its loudness: what is chosen by them is chosen behind the pipe too', (t) => {
  const level = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
  const withRed = (parameters: RtpParameters, payloadType: number, levelId: number): RtpParameters => ({
    ...parameters,
    mid: undefined,
    codecs: [...parameters.codecs, { mimeType: 'audio/red', payloadType, clockRate: 48000, channels: 2 }],
    headerExtensions: [{ uri: level, id: levelId }],
  });
  const pipe = new VirtualPipe();
  const microphone = pipe.near.transport('microphone');
  microphone.produce({ kind: 'audio', type: 'simple', rtpParameters: withRed(opusSender(11), 63, 9) });
  const piped = withRed(opusReceiver(7001), 64, CANONICAL_EXTENSION_ID[level]);
  pipe.consume(piped, 'audio');
  const producer = pipe.produce(piped, { kind: 'audio', type: 'simple' });
  const heard: number[] = [];
  producer.audioLevelListeners.push({ audioLevel: (_now, _producer, loudness) => heard.push(loudness) });
  const listener = pipe.far.transport('listener');
  listener.consume({ kind: 'audio', producerId: 'piped', rtpParameters: opusReceiver(5000) });
  microphone.receive(
    buildRtp({
      payloadType: 63,
      sequenceNumber: 1,
      timestamp: 960,
      ssrc: 11,
      payload: fromHex('ef 0f0003 6f a1a2a3 c1c2c3c4'),
      extensions: [{ id: 9, data: Uint8Array.of(0x80 | 42) }],
    }),
  );
  pipe.pump();
  t.same(heard, [42]);
  t.match(listener.sent, [{ payloadType: 112 }]);
  t.equal(toHex(listener.sent[0].payload), 'c1c2c3c4');
  t.end();
});

t.test('not before there is a way out: the key frames would be lost', (t) => {
  const pipe = new VirtualPipe(false);
  const camera = new PipedCamera(pipe.near);
  camera.run(pipe, 200);
  pipe.consume(vp8Pipe());
  camera.run(pipe, 200);
  t.same(camera.asked, [0, 0, 0]);
  t.same(pipe.out.sent, []);
  pipe.out.connect();
  camera.run(pipe, 200);
  t.same(camera.asked, [1, 1, 1]);
  t.equal(pipe.sent(PIPE_SSRCS[2]).length, 10);
  t.end();
});

t.test('statistics and dump by encoding, constant score, nothing to choose', (t) => {
  const { pipe, camera, consumer } = setUp(true);
  camera.run(pipe, 1000);
  t.match(
    consumer.getStats(pipe.near.now),
    PIPE_SSRCS.map((ssrc, index) => ({
      type: 'outbound-rtp',
      ssrc,
      rtxSsrc: PIPE_RTX_SSRCS[index],
      kind: 'video',
      mimeType: 'video/VP8',
      packetCount: 50,
      score: 10,
    })),
  );
  t.match(consumer.dump(), {
    id: 'pipe-consumer',
    producerId: 'producer',
    type: 'pipe',
    supportedCodecPayloadTypes: [97],
    rtpStreams: PIPE_SSRCS.map((ssrc) => ({ ssrc })),
  });
  t.same(consumer.score, { score: 10, producerScore: 10, producerScores: [] });
  t.equal(consumer.setPreferredLayers(pipe.near.now, { spatialLayer: 0 }), undefined);
  consumer.setPriority(pipe.near.now, 3);
  t.match(consumer.dump(), { priority: 3, preferredLayers: undefined });
  t.match(pipe.out.rtp.dump(), {
    mapSsrcConsumerId: [...PIPE_SSRCS, ...PIPE_RTX_SSRCS].map(() => ({ value: 'pipe-consumer' })),
  });
  t.same(pipe.near.events('pipe-consumer', 'score'), []);
  t.same(pipe.near.events('pipe-consumer', 'layerschange'), []);
  t.end();
});

t.test('trace events of every encoding', (t) => {
  const { pipe, camera, consumer } = setUp();
  consumer.enableTraceEvent(['rtp', 'pli']);
  consumer.requestKeyFrame(pipe.near.now);
  camera.run(pipe, 40);
  pipe.out.receiveRtcp(Uint8Array.of(0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 7002 >> 8, 7002 & 0xff));
  const traces = pipe.near.events('pipe-consumer', 'trace') as { type: string; info: { ssrc: number } }[];
  const rtp = traces.filter(({ type }) => type === 'rtp').map(({ info }) => info.ssrc);
  t.same(rtp, [7001, 7001, 7002, 7002, 7003, 7003]);
  t.match(traces.at(-1), { type: 'pli', direction: 'in', info: { ssrc: 7002 } });
  t.match(consumer.dump(), { traceEventTypes: ['rtp', 'pli'] });
  t.end();
});

t.test('it goes with its producer, and leaves nothing behind', (t) => {
  const { pipe, camera } = setUp(true);
  camera.transport.rtp.closeProducer(pipe.near.now, 'producer');
  t.same(pipe.near.events('pipe-consumer', 'producerclose'), [undefined]);
  t.equal(pipe.out.rtp.consumers.size, 0);
  t.equal(pipe.out.rtp.consumersBySsrc.size, 0);
  t.end();
});

t.test('other encodings than those of the producer are refused', (t) => {
  const pipe = new VirtualPipe();
  new PipedCamera(pipe.near);
  t.throws(() => pipe.consume(vp8Pipe(false, [7001])), { name: 'TypeError', message: /all 3 encodings/ });
  const nameless = vp8Pipe();
  delete nameless.encodings![1].ssrc;
  t.throws(() => pipe.consume(nameless), { name: 'TypeError', message: /encodings\[1\]\.ssrc/ });
  t.throws(() => new VirtualPipe().consume(vp8Pipe()), /Producer not found/);
  t.end();
});
