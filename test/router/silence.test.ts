import t from 'tap';
import { writeNack } from '#src/rtp/rtcp/nack.js';
import { ReceiverReport, writeReceiverReport } from '#src/rtp/rtcp/receiver-report.js';
import { ReportBlock } from '#src/rtp/rtcp/report-block.js';
import { SenderReport, writeSenderReport } from '#src/rtp/rtcp/sender-report.js';
import type { Consumer } from '#src/router/consumer.js';
import { compactNtp } from '#src/stream/ntp.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import {
  opusReceiver,
  opusSender,
  VirtualRoom,
  type VirtualTransport,
  vp8Receiver,
  vp8Sender,
} from '../support/virtual-room.js';

const VOICE = 2222;
const VOICE_OUT = 6000;
const CAMERA = 1111;
const CAMERA_OUT = 5000;
const FRAME_MS = 20;
/** Of a microphone with discontinuous transmission. */
const DTX_MS = 400;
/** Long enough for the last reports to be sent. */
const SETTLED_MS = 5000;

interface Call {
  room: VirtualRoom;
  speaker: VirtualTransport;
  listener: VirtualTransport;
  consumer: Consumer;
  /** Speaks for that long, a packet every `stepMs`. */
  speak: (ms: number, stepMs?: number) => void;
}

function call(): Call {
  const room = new VirtualRoom();
  const speaker = room.transport('speaker');
  speaker.produce({ kind: 'audio', rtpParameters: opusSender(VOICE) });
  const listener = room.transport('listener');
  const consumer = listener.consume({ kind: 'audio', rtpParameters: opusReceiver(VOICE_OUT) });
  let sequenceNumber = 0;
  const speak = (ms: number, stepMs = FRAME_MS): void => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      sequenceNumber += 1;
      const timestamp = Math.round(room.now * 48);
      const payload = new Uint8Array(40);
      speaker.receive(buildRtp({ payloadType: 111, sequenceNumber, timestamp, ssrc: VOICE, payload }));
      room.advance(stepMs);
    }
  };
  return { room, speaker, listener, consumer, speak };
}

function frame(room: VirtualRoom, sequenceNumber: number, keyFrame: boolean): Uint8Array {
  return buildRtp({
    payloadType: 96,
    sequenceNumber,
    timestamp: Math.round(room.now * 90),
    ssrc: CAMERA,
    marker: true,
    payload: vp8Payload({ pictureId: sequenceNumber, tl0PicIdx: 0, keyFrame }),
  });
}

function reportsOf(transport: VirtualTransport, ssrc: number): SenderReport[] {
  return transport
    .rtcp(200)
    .map((bytes) => {
      const view = new SenderReport();
      if (!view.parse(bytes, 0, bytes.length)) throw new Error('a sender report that cannot be read');
      return view;
    })
    .filter((view) => view.ssrc === ssrc);
}

t.test('a silent stream costs no report, no byte and no timer', (t) => {
  const { room, speaker, listener, speak } = call();
  speak(3000);
  t.ok(reportsOf(listener, VOICE_OUT).length >= 2, 'while it speaks there are reports');
  const stoppedAt = listener.sentRtcp.length;
  room.advance(SETTLED_MS);
  t.ok(listener.sentRtcp.length > stoppedAt, 'the last packets are reported still');
  t.ok(listener.sentRtcp.length - stoppedAt <= 4, 'for two intervals');
  const [toListener, toSpeaker] = [listener.sentRtcp.length, speaker.sentRtcp.length];
  t.equal(room.environment.timers.next, Number.POSITIVE_INFINITY, 'nobody wakes up');
  room.advance(60_000);
  t.equal(listener.sentRtcp.length, toListener);
  t.equal(speaker.sentRtcp.length, toSpeaker);
  t.end();
});

t.test('a stream that starts again is reported at once, and then as before', (t) => {
  const { room, speaker, listener, speak } = call();
  speak(3000);
  room.advance(30_000);
  const before = reportsOf(listener, VOICE_OUT).length;
  const startedAt = room.now;
  speak(2 * FRAME_MS);
  room.advance(5);
  const reports = reportsOf(listener, VOICE_OUT);
  t.equal(reports.length, before + 1, 'within the time that a first report takes');
  const { timestamp } = listener.sent.findLast(({ at }) => at === startedAt)!;
  const ahead = (reports.at(-1)!.rtpTimestamp - timestamp) / 48;
  t.ok(Math.abs(ahead - 40) < 2, `the report is ${ahead} ms after the packet`);
  speak(4000);
  t.ok(reportsOf(listener, VOICE_OUT).length >= before + 3);
  t.ok(speaker.rtcp(201).length > 0);
  t.end();
});

t.test('discontinuous transmission is no silence', (t) => {
  const { listener, speaker, speak } = call();
  speak(20_000, DTX_MS);
  const reports = reportsOf(listener, VOICE_OUT).length;
  t.ok(reports >= 12 && reports <= 40, `${reports} reports in 20 s`);
  t.ok(speaker.rtcp(201).length >= 12);
  t.end();
});

t.test('the pause of a consumer ends its reports, what follows begins with one', (t) => {
  const { room, listener, consumer, speak } = call();
  speak(1000);
  consumer.pause(room.now);
  speak(1500);
  const paused = reportsOf(listener, VOICE_OUT).length;
  speak(10_000);
  t.equal(reportsOf(listener, VOICE_OUT).length, paused);
  consumer.resume(room.now);
  speak(60);
  t.equal(reportsOf(listener, VOICE_OUT).length, paused + 1);
  t.end();
});

t.test(
  'a silent sender that goes on with its reports is answered: it measures its round trip by that',
  (t) => {
    const { room, speaker, speak } = call();
    speak(1000);
    room.advance(SETTLED_MS);
    const before = speaker.rtcp(201).length;
    const out = new Uint8Array(100);
    const numbers = { ntpSeconds: 77, ntpFraction: 5 << 16, rtpTimestamp: 1, packetCount: 1, octetCount: 1 };
    speaker.receiveRtcp(out.slice(0, writeSenderReport(out, 0, { ssrc: VOICE, ...numbers })));
    room.advance(1500);
    const answers = speaker.rtcp(201);
    t.ok(answers.length > before);
    const view = new ReceiverReport();
    const block = new ReportBlock();
    t.ok(view.parse(answers.at(-1)!, 0, answers.at(-1)!.length));
    t.ok(view.readReportBlock(0, block));
    t.equal(block.lastSenderReport, compactNtp(77, 5 << 16));
    room.advance(SETTLED_MS);
    const after = speaker.rtcp(201).length;
    room.advance(20_000);
    t.equal(speaker.rtcp(201).length, after, 'and no longer than that');
    t.end();
  },
);

t.test('what is sent again counts as sent', (t) => {
  const lastReport = (asked: boolean): number => {
    const room = new VirtualRoom();
    const sender = room.transport('sender');
    sender.produce({ rtpParameters: vp8Sender([{ ssrc: CAMERA }]) });
    const receiver = room.transport('receiver');
    receiver.consume({ rtpParameters: vp8Receiver(CAMERA_OUT) });
    const start = room.now;
    for (let n = 1; n <= 5; n++) {
      sender.receive(frame(room, n, n === 1));
      room.advance(40);
    }
    room.advance(1500);
    const { sequenceNumber } = receiver.sent.findLast(({ ssrc }) => ssrc === CAMERA_OUT)!;
    const out = new Uint8Array(100);
    if (asked) receiver.receiveRtcp(out.slice(0, writeNack(out, 0, 1, CAMERA_OUT, [sequenceNumber])));
    let last = 0;
    for (let reports = 0; room.now - start < 12_000; room.advance(50)) {
      const count = reportsOf(receiver, CAMERA_OUT).length;
      if (count > reports) last = room.now - start;
      reports = count;
    }
    return last;
  };
  const [quiet, repaired] = [lastReport(false), lastReport(true)];
  t.ok(quiet < 2300, `the last report after ${quiet} ms`);
  t.ok(repaired > 2300 && repaired < 4500, `the last report after ${repaired} ms`);
  t.end();
});

t.test('scores are told when they change, also in silence, and only then', (t) => {
  const { room, listener, consumer, speak } = call();
  const scores = (): unknown[] => room.events('consumer', 'score');
  speak(3000);
  t.same(scores().at(-1), { score: 10, producerScore: 10, producerScores: [10] });
  room.advance(SETTLED_MS);
  t.same(scores().at(-1), { score: 10, producerScore: 0, producerScores: [0] }, 'nothing comes');
  const told = scores().length;
  room.advance(20_000);
  t.equal(scores().length, told, 'nothing new');

  // Its receiver reports seldom: the loss of the last packets comes to light when nothing is sent any more.
  const out = new Uint8Array(100);
  const block = new ReportBlock();
  block.ssrc = VOICE_OUT;
  block.highestSequence = 1000;
  listener.receiveRtcp(out.slice(0, writeReceiverReport(out, 0, 1, [block])));
  block.highestSequence = 1100;
  block.cumulativeLost = 50;
  listener.receiveRtcp(out.slice(0, writeReceiverReport(out, 0, 1, [block])));
  t.equal(scores().length, told, 'not with each report');
  room.advance(1500);
  t.equal(scores().length, told + 1);
  const { score } = scores().at(-1) as { score: number };
  t.ok(score < 10);
  t.equal(score, consumer.score.score);

  speak(100);
  t.same(scores().at(-1), { score, producerScore: 10, producerScores: [10] }, 'it is back');
  t.end();
});

t.test('a consumer that is closed while it is silent, or while it is not, is not looked at any more', (t) => {
  const { room, listener, consumer, speak } = call();
  const other = listener.consume({ id: 'other', kind: 'audio', rtpParameters: opusReceiver(7000) });
  speak(3000);
  listener.rtp.closeConsumer(room.now, consumer.id);
  const reports = reportsOf(listener, VOICE_OUT).length;
  const told = room.events('consumer', 'score').length;
  speak(3000);
  t.equal(reportsOf(listener, VOICE_OUT).length, reports);
  t.ok(reportsOf(listener, 7000).length > 4, 'the other one is');
  room.advance(SETTLED_MS);
  listener.rtp.closeConsumer(room.now, other.id);
  room.advance(SETTLED_MS);
  t.equal(room.events('consumer', 'score').length, told);
  t.end();
});
