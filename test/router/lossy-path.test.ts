import t from 'tap';
import { writeNack } from '#src/rtp/rtcp/nack.js';
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

function voice(sequenceNumber: number): Uint8Array {
  return buildRtp({
    payloadType: 111,
    sequenceNumber,
    timestamp: sequenceNumber * 960,
    ssrc: 1111,
    payload: Uint8Array.from({ length: 80 }, (_, index) => (index * sequenceNumber) & 0xff),
  });
}

function hearing(): { room: VirtualRoom; speaker: VirtualTransport; listener: VirtualTransport } {
  const room = new VirtualRoom();
  const speaker = room.transport('speaker');
  speaker.produce({ kind: 'audio', rtpParameters: opusSender(1111) });
  const listener = room.transport('listener');
  listener.consume({ kind: 'audio', rtpParameters: opusReceiver(5000) });
  return { room, speaker, listener };
}

t.test('sound is sent twice on a lossy path: each packet again right before the next', (t) => {
  const { room, speaker, listener } = hearing();
  listener.rtp.egress.lossy = true;
  for (let number = 1; number <= 4; number++, room.advance(20)) speaker.receive(voice(number));
  const first = listener.sent[0].sequenceNumber;
  t.same(
    listener.sent.map(({ sequenceNumber }) => sequenceNumber - first),
    [0, 0, 1, 1, 2, 2, 3],
  );
  for (let index = 0; index + 1 < listener.sent.length; index += 2) {
    const [original, again] = listener.sent.slice(index, index + 2);
    t.same(again.payload, original.payload, 'the same plaintext under the same number');
    t.equal(again.timestamp, original.timestamp);
    t.ok(original.packet.findExtension(TWCC_ID) >= 0, 'the original is reported on');
    t.equal(
      again.packet.findExtension(TWCC_ID),
      -1,
      'the copy is not: the receiver drops one of them unread',
    );
  }
  t.end();
});

t.test('not on a good path, and not across a pause in speaking', (t) => {
  const { room, speaker, listener } = hearing();
  speaker.receive(voice(1));
  room.advance(20);
  speaker.receive(voice(2));
  t.equal(listener.sent.length, 2);
  listener.rtp.egress.lossy = true;
  room.advance(20);
  speaker.receive(voice(3));
  room.advance(400);
  speaker.receive(voice(4));
  t.equal(listener.sent.length, 4, 'what was said long ago is not repeated');
  t.end();
});

t.test('a retransmission on a lossy path is followed by two more', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111, rtx: { ssrc: 1112 } }]) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  const frame = (number: number): Uint8Array =>
    buildRtp({
      payloadType: 96,
      sequenceNumber: number,
      timestamp: number * 3000,
      ssrc: 1111,
      marker: true,
      payload: vp8Payload({
        pictureId: number,
        tl0PicIdx: number,
        keyFrame: number === 1,
        start: true,
        size: 200,
      }),
    });
  for (let number = 1; number <= 3; number++, room.advance(33)) sender.receive(frame(number));
  const repeated = (): number => receiver.sent.filter(({ payloadType }) => payloadType === 98).length;
  const nack = new Uint8Array(64);
  const ask = (sequenceNumber: number): void =>
    receiver.receiveRtcp(nack.slice(0, writeNack(nack, 0, 1, 5000, [sequenceNumber])));
  ask(receiver.sent[0].sequenceNumber);
  room.advance(33);
  sender.receive(frame(4));
  t.equal(repeated(), 1, 'once on a good path');
  receiver.rtp.egress.lossy = true;
  ask(receiver.sent[1].sequenceNumber);
  t.equal(repeated(), 2);
  room.advance(11);
  t.equal(repeated(), 3, 'a copy, a while later');
  room.advance(10);
  t.equal(repeated(), 4, 'and one more');
  room.advance(1000);
  t.equal(repeated(), 4, 'and no more');
  t.end();
});
