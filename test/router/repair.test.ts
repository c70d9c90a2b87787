import t from 'tap';
import { writeNack } from '#src/rtp/rtcp/nack.js';
import { Nack } from '#src/rtp/rtcp/nack.js';
import { readU16 } from '#src/rtp/bytes.js';
import { ascii, buildRtp, vp8Payload } from '../support/rtp-builder.js';
import {
  RRID_ID,
  VirtualRoom,
  type VirtualTransport,
  vp8Receiver,
  vp8Sender,
} from '../support/virtual-room.js';

function video(sequenceNumber: number, keyFrame = false): Uint8Array {
  return buildRtp({
    payloadType: 96,
    sequenceNumber,
    timestamp: sequenceNumber * 3000,
    ssrc: 1111,
    marker: true,
    payload: vp8Payload({ pictureId: sequenceNumber, tl0PicIdx: sequenceNumber & 255, keyFrame }),
  });
}

function nack(mediaSsrc: number, sequences: number[]): Uint8Array {
  const out = new Uint8Array(500);
  return out.slice(0, writeNack(out, 0, 77, mediaSsrc, sequences));
}

function asked(transport: VirtualTransport): number[] {
  const numbers: number[] = [];
  const view = new Nack();
  for (const bytes of transport.rtcp(205, 1)) {
    view.parse(bytes, 0, bytes.length);
    view.begin();
    for (let n = view.next(); n >= 0; n = view.next()) numbers.push(n);
  }
  return numbers;
}

function pair(): { room: VirtualRoom; sender: VirtualTransport; receiver: VirtualTransport } {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111, rtx: { ssrc: 1112 } }]) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  return { room, sender, receiver };
}

t.test('a NACK is answered over RTX with the packet as it was sent', (t) => {
  const { room, sender, receiver } = pair();
  sender.receive(video(1, true));
  sender.receive(video(2));
  const [, original] = receiver.sent;
  receiver.receiveRtcp(nack(5000, [original.sequenceNumber]));
  const answer = receiver.sent[2];
  t.equal(answer.ssrc, 5001);
  t.equal(answer.payloadType, 98);
  t.equal(answer.timestamp, original.timestamp);
  t.equal(readU16(answer.payload, 0), original.sequenceNumber, 'the original number stands in front');
  t.same(answer.payload.slice(2), original.payload);

  receiver.receiveRtcp(nack(5000, [original.sequenceNumber]));
  t.equal(receiver.sent.length, 3, 'not twice within a round trip');
  receiver.receiveRtcp(nack(5000, [(original.sequenceNumber + 500) & 0xffff]));
  t.same(receiver.drops, { 'retransmission-too-soon': 1, 'retransmission-unknown': 1 });
  room.advance(1000);
  receiver.receiveRtcp(nack(5000, [original.sequenceNumber]));
  t.equal(receiver.sent.length, 4);
  t.equal(
    receiver.sent[3].sequenceNumber,
    (answer.sequenceNumber + 1) & 0xffff,
    'RTX has numbers of its own',
  );
  t.end();
});

t.test('what is missing upstream is asked for, and comes back through RTX', (t) => {
  const { room, sender, receiver } = pair();
  sender.receive(video(1, true));
  sender.receive(video(3));
  room.advance(30);
  t.same(asked(sender), [2]);
  const lost = video(2);
  const rtx = buildRtp({
    payloadType: 97,
    sequenceNumber: 900,
    timestamp: 2 * 3000,
    ssrc: 1112,
    marker: true,
    payload: Uint8Array.from([0, 2, ...lost.slice(12)]),
  });
  sender.receive(rtx);
  const [first] = receiver.sent;
  t.same(
    receiver.sent.map((packet) => packet.sequenceNumber - first.sequenceNumber),
    [0, 2, 1],
    'it takes its own place',
  );
  t.equal(receiver.sent[2].timestamp, 6000);
  sender.receive(rtx);
  t.equal(receiver.sent.length, 3, 'the same one again is a duplicate');
  room.advance(500);
  t.same(asked(sender), [2], 'asked once');
  const [stats] = [...sender.rtp.producers.values()][0].getStats(room.now) as {
    packetsRepaired: number;
    packetsLost: number;
  }[];
  t.equal(stats.packetsRepaired, 1);
  t.equal(stats.packetsLost, 0);
  t.end();
});

t.test('an outage asks for a key frame instead of a thousand packets', (t) => {
  const { room, sender } = pair();
  sender.receive(video(1, true));
  const before = sender.rtcp(206, 1).length;
  room.advance(600);
  sender.receive(video(900));
  room.advance(100);
  t.same(asked(sender), []);
  t.equal(sender.rtcp(206, 1).length, before + 1);
  t.end();
});

t.test('RTX of a layer is known by its repaired RID', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ rid: 'lo' }, { rid: 'hi' }]) });
  const rtx = buildRtp({
    payloadType: 97,
    sequenceNumber: 1,
    timestamp: 1,
    ssrc: 42,
    payload: Uint8Array.of(0, 3, 1, 2, 3),
    extensions: [
      { id: 1, data: ascii('sender') },
      { id: RRID_ID, data: ascii('hi') },
    ],
  });
  sender.receive(rtx);
  t.same(sender.drops, { 'rtx-without-stream': 1 }, 'nothing to repair yet');
  const media = buildRtp({
    payloadType: 96,
    sequenceNumber: 4,
    timestamp: 1,
    ssrc: 41,
    payload: vp8Payload({ pictureId: 1, tl0PicIdx: 1, keyFrame: true }),
    extensions: [
      { id: 1, data: ascii('sender') },
      { id: 2, data: ascii('hi') },
    ],
  });
  sender.receive(media);
  sender.receive(rtx);
  const [producer] = sender.rtp.producers.values();
  t.equal(producer.encodings[1].stream?.rtxSsrc, 42);
  t.equal(producer.encodings[1].stream?.packetsRepaired, 1);
  t.equal(producer.encodings[0].stream, null);
  t.end();
});
