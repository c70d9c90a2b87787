import t from 'tap';
import { writeNack } from '#src/rtp/rtcp/nack.js';
import { SrtpSender } from '#src/srtp/srtp-sender.js';
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

/** A camera of 30 pictures a second, two packets each, and who watches it. */
function watching(): {
  room: VirtualRoom;
  receiver: VirtualTransport;
  picture: (number: number) => void;
  /** Numbers of the packets that were retransmitted so far, and of those that were sent twice under their own number. */
  repeated: () => number[];
  doubled: () => number[];
  ask: (sequenceNumber: number) => void;
} {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111, rtx: { ssrc: 1112 } }]) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  const packet = (picture: number, last: boolean): Uint8Array =>
    buildRtp({
      payloadType: 96,
      sequenceNumber: picture * 2 + Number(last),
      timestamp: picture * 3000,
      ssrc: 1111,
      marker: last,
      payload: vp8Payload({
        pictureId: picture,
        tl0PicIdx: picture,
        keyFrame: picture === 1,
        start: !last,
        size: 200,
      }),
    });
  const nack = new Uint8Array(64);
  return {
    room,
    receiver,
    picture: (number) => {
      sender.receive(packet(number, false));
      sender.receive(packet(number, true));
    },
    // RFC 4588: the original number stands first in the payload.
    repeated: () =>
      receiver.sent
        .filter(({ payloadType }) => payloadType === 98)
        .map(({ payload }) => (payload[0] << 8) | payload[1]),
    doubled: () =>
      receiver.sent
        .filter(({ payloadType }) => payloadType !== 98)
        .map(({ sequenceNumber }) => sequenceNumber)
        .filter((number, index, all) => all.indexOf(number) < index),
    ask: (sequenceNumber) =>
      receiver.receiveRtcp(nack.slice(0, writeNack(nack, 0, 1, 5000, [sequenceNumber]))),
  };
}

t.test('a retransmission on a lossy path is followed by two more', (t) => {
  const { room, receiver, picture, repeated, ask } = watching();
  for (let number = 1; number <= 3; number++, room.advance(33)) picture(number);
  const first = receiver.sent[0].sequenceNumber;
  ask(first);
  room.advance(33);
  picture(4);
  t.same(repeated(), [first], 'once on a good path');
  receiver.rtp.egress.lossy = true;
  ask(first + 2);
  t.same(repeated(), [first, first + 2]);
  room.advance(11);
  t.same(repeated(), [first, first + 2, first + 2], 'a copy, a while later');
  room.advance(10);
  t.same(repeated(), [first, first + 2, first + 2, first + 2], 'and one more');
  room.advance(1000);
  t.equal(repeated().length, 4, 'and no more');
  t.end();
});

t.test('the last packet of each picture goes out again unasked, as often as there is room for', (t) => {
  const { room, receiver, picture, repeated, doubled } = watching();
  let copies = 0;
  receiver.rtp.egress.tailCopies = () => copies;
  picture(1);
  const first = receiver.sent[0].sequenceNumber;
  room.advance(33);
  t.same(doubled(), [], 'not on a good path');
  copies = 1;
  picture(2);
  t.same(doubled(), [], 'not at once: what loses one packet often loses its neighbour');
  room.advance(11);
  t.same(doubled(), [first + 3], 'its last one alone');
  room.advance(22);
  copies = 2;
  picture(3);
  room.advance(11);
  t.same(doubled(), [first + 3, first + 5]);
  room.advance(10);
  t.same(doubled(), [first + 3, first + 5, first + 5]);
  room.advance(1000);
  t.equal(doubled().length, 3, 'and no more');
  t.same(repeated(), []);
  t.end();
});

t.test('under GCM, where no number may be used twice, it goes out as a retransmission', (t) => {
  const { room, receiver, picture, repeated, doubled } = watching();
  receiver.rtp.egress.tailCopies = () => 1;
  receiver.srtpSender = new SrtpSender({
    profile: 'AEAD_AES_128_GCM',
    masterKey: new Uint8Array(16),
    masterSalt: new Uint8Array(12),
  });
  picture(1);
  const first = receiver.sent[0].sequenceNumber;
  room.advance(33);
  t.same(repeated(), [first + 1]);
  t.same(doubled(), []);
  t.end();
});

t.test('copies leave in the order in which they are due, however they were asked for', (t) => {
  const { room, receiver, picture, repeated, ask } = watching();
  picture(1);
  const first = receiver.sent[0].sequenceNumber;
  room.advance(33);
  receiver.rtp.egress.lossy = true;
  ask(first);
  room.advance(5);
  ask(first + 1);
  room.advance(30);
  t.same(repeated(), [first, first + 1, first, first + 1, first, first + 1], 'at 0, 5, 10, 15, 20 and 25 ms');
  t.end();
});
