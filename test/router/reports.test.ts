import t from 'tap';
import { ExtendedReport, writeDlrr, XrBlockType } from '#src/rtp/rtcp/extended-report.js';
import { ReceiverReport } from '#src/rtp/rtcp/receiver-report.js';
import { ReportBlock } from '#src/rtp/rtcp/report-block.js';
import { writeReceiverReport } from '#src/rtp/rtcp/receiver-report.js';
import { Remb, writeRemb } from '#src/rtp/rtcp/remb.js';
import { Sdes } from '#src/rtp/rtcp/sdes.js';
import { SenderReport, writeSenderReport } from '#src/rtp/rtcp/sender-report.js';
import { TransportFeedback } from '#src/rtp/rtcp/transport-feedback.js';
import { compactNtp, msToCompact, ntpFraction, ntpSeconds, ntpToUnixMs } from '#src/stream/ntp.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import {
  opusReceiver,
  opusSender,
  TWCC_ID,
  VirtualRoom,
  type VirtualTransport,
  vp8Receiver,
  vp8Sender,
} from '../support/virtual-room.js';

function frame(room: VirtualRoom, sequenceNumber: number, keyFrame = false): Uint8Array {
  return buildRtp({
    payloadType: 96,
    sequenceNumber,
    timestamp: Math.round(room.now * 90),
    ssrc: 1111,
    marker: true,
    payload: vp8Payload({ pictureId: sequenceNumber & 0x7fff, tl0PicIdx: 0, keyFrame }),
    extensions: [{ id: TWCC_ID, data: Uint8Array.of(sequenceNumber >> 8, sequenceNumber & 255) }],
  });
}

function report(transport: VirtualTransport, ssrc: number, unixMs: number, rtpTimestamp: number): void {
  const out = new Uint8Array(100);
  const length = writeSenderReport(out, 0, {
    ssrc,
    ntpSeconds: ntpSeconds(unixMs),
    ntpFraction: ntpFraction(unixMs),
    rtpTimestamp: rtpTimestamp >>> 0,
    packetCount: 1,
    octetCount: 1,
  });
  transport.receiveRtcp(out.slice(0, length));
}

t.test('the sender hears of loss, jitter and its own reports from us', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  for (let n = 0; n < 50; n++) {
    if (n !== 20) sender.receive(frame(room, 65500 + n, n === 0));
    room.advance(40);
  }
  const unix = 1_650_000_000_000;
  report(sender, 1111, unix, 0);
  room.advance(2000);
  const view = new ReceiverReport();
  const block = new ReportBlock();
  const bytes = sender.rtcp(201).at(-1)!;
  t.ok(view.parse(bytes, 0, bytes.length));
  t.ok(view.readReportBlock(0, block));
  t.equal(block.ssrc, 1111);
  t.equal(block.cumulativeLost, 1);
  t.equal(block.highestSequence, 65536 + ((65500 + 49) & 0xffff));
  t.equal(block.lastSenderReport, compactNtp(ntpSeconds(unix), ntpFraction(unix)));
  const delay = (block.delaySinceLastSenderReport / 65536) * 1000;
  t.ok(delay > 0 && delay <= 2000, `${delay} ms since the last report`);
  t.end();
});

t.test('no report about a stream that is not bound yet', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  room.advance(10_000);
  t.same(sender.rtcp(201), []);
  t.end();
});

t.test('receivers get our own sender reports, with audio and video in step', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ id: 'v', rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  sender.produce({ id: 'a', kind: 'audio', rtpParameters: opusSender(2222) });
  const receiver = room.transport('receiver');
  receiver.consume({ id: 'cv', producerId: 'v', rtpParameters: vp8Receiver(5000) });
  receiver.consume({ id: 'ca', producerId: 'a', kind: 'audio', rtpParameters: opusReceiver(6000) });
  // The sender's clocks: 90 and 48 ticks a millisecond, from its own moment zero.
  const zero = room.now;
  report(sender, 1111, 1_650_000_000_000, 0);
  sender.receive(frame(room, 1, true));
  report(sender, 1111, 1_650_000_000_000, 0);
  sender.receive(
    buildRtp({ payloadType: 111, sequenceNumber: 1, timestamp: 0, ssrc: 2222, payload: new Uint8Array(40) }),
  );
  // The audio's report met 70 ms of delay; that must not put the two 70 ms apart.
  room.advance(35);
  report(sender, 2222, 1_650_000_000_000 - 35, -35 * 48);
  room.advance(10);
  const first = receiver.rtcp(200).length;
  t.ok(first >= 2, 'the first reports follow the first packets closely');
  room.advance(3000);
  const latest = new Map<number, SenderReport>();
  for (const bytes of receiver.rtcp(200)) {
    const view = new SenderReport();
    t.ok(view.parse(bytes, 0, bytes.length));
    latest.set(view.ssrc, view);
  }
  const video = latest.get(5000)!;
  const audio = latest.get(6000)!;
  t.equal(video.packetCount, 1);
  const at = (view: SenderReport): number =>
    (view.ntpSeconds % 100_000) * 1000 + view.ntpFraction / 4294967.296;
  const apart = at(video) - at(audio) - (video.rtpTimestamp / 90 - audio.rtpTimestamp / 48);
  t.ok(Math.abs(apart) < 2, `audio and video are ${apart} ms apart`);
  t.ok(Math.abs(video.rtpTimestamp / 90 - (room.now - zero)) < 2000);
  const sdes = new Sdes();
  const description = receiver.rtcp(202)[0];
  t.ok(sdes.parse(description, 0, description.length));
  t.ok(sdes.next());
  t.equal(
    Buffer.from(description.subarray(sdes.cnameOffset, sdes.cnameOffset + sdes.cnameLength)).toString(),
    'cname',
  );
  t.end();
});

t.test('a receiver report gives round trip and loss of a consumer', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  const receiver = room.transport('receiver');
  const consumer = receiver.consume({ rtpParameters: vp8Receiver(5000) });
  sender.receive(frame(room, 1, true));
  room.advance(100);
  const ours = new SenderReport();
  const bytes = receiver.rtcp(200)[0];
  ours.parse(bytes, 0, bytes.length);
  const sentAt = room.now - 100 + 40;
  room.advance(400);
  const block = new ReportBlock();
  block.ssrc = 5000;
  block.fractionLost = 64;
  block.cumulativeLost = 3;
  block.lastSenderReport = compactNtp(ours.ntpSeconds, ours.ntpFraction);
  block.delaySinceLastSenderReport = msToCompact(room.now - sentAt - 150);
  const out = new Uint8Array(100);
  receiver.receiveRtcp(out.slice(0, writeReceiverReport(out, 0, 99, [block])));
  const [stats] = consumer.getStats(room.now) as {
    roundTripTime: number;
    fractionLost: number;
    packetsLost: number;
  }[];
  t.ok(Math.abs(stats.roundTripTime - 150) < 5, `${stats.roundTripTime} ms`);
  t.equal(stats.fractionLost, 64);
  t.equal(stats.packetsLost, 3);
  t.end();
});

t.test('transport-wide feedback tells the sender what came when, and what did not', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  const numbers = [65530, 65531, 65533, 65534, 65535, 65536, 65537];
  for (const n of numbers) {
    sender.receive(frame(room, n & 0xffff, n === 65530));
    room.advance(10);
  }
  room.advance(200);
  const [bytes] = sender.rtcp(205, 15);
  const view = new TransportFeedback();
  t.ok(view.parse(bytes, 0, bytes.length));
  t.equal(view.baseSequence, 65530);
  t.equal(view.statusCount, 8);
  const came = Array.from({ length: view.statusCount }, (_, index) => view.received(index));
  t.same(came, [true, true, false, true, true, true, true, true], '65532 never came');
  t.equal(Math.round(view.arrivalMs(7) - view.arrivalMs(0)), 60);
  room.advance(5000);
  t.equal(sender.rtcp(205, 15).length, 1, 'silence is not reported');
  t.end();
});

t.test('a sender that is to be limited is told so by REMB', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  sender.receive(frame(room, 1, true));
  sender.rtp.setMaxIncomingBitrate(room.now, 300_000);
  room.advance(100);
  const [bytes] = sender.rtcp(206, 15);
  const remb = new Remb();
  t.ok(remb.parse(bytes, 0, bytes.length));
  t.ok(Math.abs(remb.bitrate - 300_000) < 1000);
  t.end();
});

t.test('REMB of a receiver bounds what it is sent, when it cannot report more', (t) => {
  const room = new VirtualRoom();
  room.transport('sender').produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  const receiver = room.transport('receiver');
  const rtpParameters = vp8Receiver(5000);
  rtpParameters.codecs[0].rtcpFeedback?.push({ type: 'goog-remb' });
  receiver.consume({ rtpParameters });
  const out = new Uint8Array(100);
  receiver.receiveRtcp(out.slice(0, writeRemb(out, 0, 1, 250_000, [5000])));
  const { availableOutgoingBitrate = 0 } = receiver.rtp.egress.stats(room.now);
  t.ok(Math.abs(availableOutgoingBitrate - 250_000) < 5000, `available ${availableOutgoingBitrate}`);
  t.end();
});

t.test('senders tell the round trip when they are asked (RFC 3611)', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  const producer = sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  sender.receive(frame(room, 1, true));
  room.advance(2000);
  const asked = sender.rtcp(207).at(-1)!;
  const question = new ExtendedReport();
  t.ok(question.parse(asked, 0, asked.length));
  t.ok(question.next());
  t.equal(question.blockType, XrBlockType.Rrtr);
  const unix = room.environment.wallClockOffset + room.now;
  const item = {
    ssrc: question.ssrc,
    lastReceiverReport: compactNtp(question.ntpSeconds, question.ntpFraction),
    delaySinceLastReceiverReport: 0,
  };
  const askedAt = ntpToUnixMs(question.ntpSeconds, question.ntpFraction);
  // Kept there for all of the time but 80 ms.
  item.delaySinceLastReceiverReport = msToCompact(unix - askedAt - 80);
  const out = new Uint8Array(100);
  const stranger = { ...item, ssrc: 4242, delaySinceLastReceiverReport: 0 };
  sender.receiveRtcp(out.slice(0, writeDlrr(out, 0, 1111, [stranger, item])));
  const [stats] = producer.getStats(room.now) as { roundTripTime: number }[];
  t.ok(Math.abs(stats.roundTripTime - 80) < 2, `${stats.roundTripTime} ms`);
  t.end();
});
