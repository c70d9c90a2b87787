import t from 'tap';
import type { RtpParameters } from '#src/rtp/rtp-parameters.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { FakeReceiver, ProducerHarness } from '../support/producer-harness.js';
import { opusSender, vp8Sender } from '../support/virtual-room.js';

/** A VP8 frame in one packet; the first is a key frame. */
function frame(harness: ProducerHarness, layer: number, n: number): Uint8Array {
  const payload = vp8Payload({ pictureId: n & 0x7fff, tl0PicIdx: n & 255, keyFrame: n === 0, size: 500 });
  return buildRtp({
    payloadType: 96,
    sequenceNumber: n & 0xffff,
    timestamp: Math.round(harness.now * 90),
    ssrc: 100 + layer,
    marker: true,
    payload,
  });
}

/** Sends `frames` frames of an encoding, 25 a second, without those for which `lose` says so. @returns the next number */
function send(
  harness: ProducerHarness,
  layer: number,
  first: number,
  frames: number,
  lose: (n: number) => boolean = () => false,
): number {
  for (let n = first; n < first + frames; n++) {
    if (!lose(n)) harness.receive(layer, frame(harness, layer, n));
    harness.advance(40);
  }
  return first + frames;
}

function score(harness: ProducerHarness): number[] {
  return harness.producer.scores().map((entry) => entry.score);
}

t.test('the score: nothing, full, less with loss, nothing again; told only when it changes', (t) => {
  const harness = new ProducerHarness(vp8Sender([{ ssrc: 100 }]));
  t.same(score(harness), []);
  const next = send(harness, 0, 0, 250);
  t.same(score(harness), [10]);
  t.equal(harness.events('score').length, 1, 'once for ten seconds');
  send(harness, 0, next, 500, (n) => n % 10 === 5);
  t.same(score(harness), [7], 'a tenth is lost');
  harness.advance(10_000);
  t.same(score(harness), [0]);
  const told = harness.events('score').map((data) => (data as { score: number }[])[0].score);
  t.equal(told[0], 10);
  t.equal(told.at(-1), 0);
  t.ok(
    told.every((value, index) => index === 0 || value !== told[index - 1]),
    told.join(' '),
  );
  t.end();
});

t.test('loss that comes back through RTX costs less', (t) => {
  const harness = new ProducerHarness(vp8Sender([{ ssrc: 100, rtx: { ssrc: 200 } }]));
  let n = send(harness, 0, 0, 25);
  for (let round = 0; round < 60; round++) {
    const lost = frame(harness, 0, n);
    n = send(harness, 0, n, 10, (number) => number === n);
    const payload = Uint8Array.from([lost[2], lost[3], ...lost.slice(12)]);
    const fields = { payloadType: 97, sequenceNumber: round, timestamp: 0, ssrc: 200, payload };
    harness.receive(0, buildRtp(fields));
  }
  t.same(score(harness), [9], 'without repair it would be 7');
  const [stats] = harness.stats();
  t.equal(stats['packetsLost'], 0);
  t.equal(stats['packetsRepaired'], 60);
  t.end();
});

t.test('statistics beside mediasoup’s: frames, key frames, bitrate by layer', (t) => {
  const harness = new ProducerHarness(vp8Sender([{ ssrc: 100 }]));
  send(harness, 0, 0, 100);
  const [stats] = harness.stats();
  t.equal(stats['framesReceived'], 100);
  t.ok(Math.abs((stats['framesPerSecond'] as number) - 25) <= 1, `${String(stats['framesPerSecond'])}`);
  t.equal(stats['keyFramesReceived'], 1);
  t.equal(stats['repairsGivenUp'], 0);
  const byLayer = stats['bitrateByLayer'] as Record<string, number>;
  t.same(Object.keys(byLayer), ['0.0']);
  t.ok(Math.abs(byLayer['0.0'] - 25 * 512 * 8) < 8000, `${byLayer['0.0']} bps`);
  harness.advance(5000);
  t.equal(harness.stats()[0]['framesPerSecond'], 0, 'a frozen picture shows');
  t.end();
});

t.test('NACK messages and packets are counted apart', (t) => {
  const harness = new ProducerHarness(vp8Sender([{ ssrc: 100 }]));
  harness.producer.consumers.push(new FakeReceiver('viewer', [0]));
  harness.receive(0, frame(harness, 0, 0));
  harness.receive(0, frame(harness, 0, 4));
  harness.advance(20);
  const [stats] = harness.stats();
  t.equal(stats['nackCount'], 1);
  t.equal(stats['nackPacketCount'], 3);
  t.end();
});

t.test('every layer is measured, watched or not, and while the producer is paused', (t) => {
  const harness = new ProducerHarness(vp8Sender([{ rid: 'lo' }, { rid: 'hi' }]));
  harness.producer.consumers.push(new FakeReceiver('viewer', [0]));
  for (let n = 0; n < 100; n++) {
    if (n === 50) harness.producer.pause(harness.now);
    harness.receive(0, frame(harness, 0, n));
    harness.receive(1, frame(harness, 1, n));
    harness.advance(40);
  }
  const [low, high] = harness.producer.encodings.map(({ rates }) => rates.measured(harness.now, 0, 0));
  t.ok(low > 90_000);
  t.equal(high, low);
  t.end();
});

const AUDIO_LEVEL_ID = 9;

function speaker(): RtpParameters {
  const parameters = opusSender(300);
  const uri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' as const;
  return { ...parameters, headerExtensions: [{ uri, id: AUDIO_LEVEL_ID }] };
}

t.test('audio levels reach those who listen, but not from a paused producer', (t) => {
  const harness = new ProducerHarness(speaker(), { kind: 'audio' });
  const heard: unknown[] = [];
  harness.producer.audioLevelListeners.push({
    audioLevel: (now, { id }, level, voice) => heard.push([now - harness.now, id, level, voice]),
  });
  const say = (sequenceNumber: number, level?: number): void => {
    const extensions = level === undefined ? [] : [{ id: AUDIO_LEVEL_ID, data: Uint8Array.of(level) }];
    const payload = new Uint8Array(40);
    const timestamp = sequenceNumber * 960;
    harness.receive(
      0,
      buildRtp({ payloadType: 111, sequenceNumber, timestamp, ssrc: 300, payload, extensions }),
    );
  };
  say(1, 0x80 | 30);
  say(2, 127);
  say(3);
  harness.producer.pause(harness.now);
  say(4, 0x80 | 10);
  harness.producer.resume(harness.now);
  say(5, 50);
  t.same(heard, [
    [0, 'producer', 30, true],
    [0, 'producer', 127, false],
    [0, 'producer', 50, false],
  ]);
  t.end();
});
