/** What a receiver asks for becomes a request to the sender, once for each need: everybody who watches gets the key frame. */
import t from 'tap';
import type { Consumer } from '#src/router/consumer.js';
import { writePli } from '#src/rtp/rtcp/pli.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { VirtualRoom, type VirtualTransport, vp8Receiver, vp8Sender } from '../support/virtual-room.js';

interface Watching {
  room: VirtualRoom;
  sender: VirtualTransport;
  receiver: VirtualTransport;
  consumer: Consumer;
  /** Key frames asked of the sender since the receiver has its first one. */
  asked: () => number;
}

function frame(sequenceNumber: number, keyFrame = false): Uint8Array {
  return buildRtp({
    payloadType: 96,
    sequenceNumber,
    timestamp: sequenceNumber * 3000,
    ssrc: 1111,
    marker: true,
    payload: vp8Payload({ pictureId: sequenceNumber, tl0PicIdx: sequenceNumber & 255, keyFrame }),
  });
}

function watching(roundTripMs: number): Watching {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  const receiver = room.transport('receiver');
  sender.receive(frame(1));
  const consumer = receiver.consume({ rtpParameters: vp8Receiver(5000) });
  consumer.send.roundTripMs = roundTripMs;
  room.advance(400);
  sender.receive(frame(2, true));
  const before = sender.rtcp(206, 1).length;
  const asked = (): number => sender.rtcp(206, 1).length - before;
  return { room, sender, receiver, consumer, asked };
}

function pli(receiver: VirtualTransport): void {
  const out = new Uint8Array(100);
  receiver.receiveRtcp(out.slice(0, writePli(out, 0, 9, 5000)));
}

t.test('a key frame that went out less than a round trip ago answers the request', async (t) => {
  const { room, receiver, asked } = watching(400);
  room.advance(390);
  pli(receiver);
  room.advance(5);
  t.equal(asked(), 0, 'the two met on their way');
  room.advance(200);
  pli(receiver);
  t.equal(asked(), 1, 'it was lost');
});

t.test('who asks again until it gets one has asked once', async (t) => {
  const { room, sender, receiver, asked } = watching(100);
  for (let round = 0; round < 3; round++) {
    const before = asked();
    for (let repeat = 0; repeat < 8; repeat++) {
      room.advance(200);
      pli(receiver);
    }
    t.ok(asked() - before >= 2 && asked() - before <= 3, `${asked() - before} requests in 1.6 s`);
    sender.receive(frame(3 + round, true));
  }
  t.same(receiver.drops['key-frame-request-too-often'] ?? 0, 0);
});

t.test('where nothing goes out, nothing is asked for, nor repeated', async (t) => {
  const { room, receiver, consumer, asked } = watching(100);
  room.advance(1000);
  pli(receiver);
  t.equal(asked(), 1);
  consumer.setTargetLayers(room.now, -1, -1);
  for (let repeat = 0; repeat < 20; repeat++) {
    room.advance(200);
    pli(receiver);
  }
  t.equal(asked(), 1);
  consumer.setTargetLayers(room.now, 0, 7);
  room.advance(1);
  t.equal(asked(), 2, 'it begins with a key frame');
});
