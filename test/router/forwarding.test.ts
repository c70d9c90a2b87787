import t from 'tap';
import { readExtensionString, readTransportSequence } from '#src/rtp/header-extensions.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import {
  MID_ID,
  opusReceiver,
  opusSender,
  TWCC_ID,
  VirtualRoom,
  vp8Receiver,
  vp8Sender,
} from '../support/virtual-room.js';

function video(sequenceNumber: number, options: { keyFrame?: boolean; ssrc?: number } = {}): Uint8Array {
  const { keyFrame = false, ssrc = 1111 } = options;
  return buildRtp({
    payloadType: 96,
    sequenceNumber,
    timestamp: sequenceNumber * 3000,
    ssrc,
    marker: true,
    payload: vp8Payload({ pictureId: sequenceNumber & 0x7fff, tl0PicIdx: sequenceNumber & 0xff, keyFrame }),
  });
}

t.test('a packet goes to every receiver as its own', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111, rtx: { ssrc: 1112 } }]) });
  const receivers = [1, 2, 3].map((n) => {
    const transport = room.transport(`receiver-${n}`);
    transport.consume({ id: `consumer-${n}`, rtpParameters: vp8Receiver(5000 + n * 10, `${n}`) });
    return transport;
  });
  sender.receive(video(65534, { keyFrame: true }));
  for (const sequence of [65535, 0, 1]) sender.receive(video(sequence));
  for (const [index, { sent }] of receivers.entries()) {
    t.equal(sent.length, 4);
    t.same(new Set(sent.map((packet) => packet.ssrc)), new Set([5010 + index * 10]));
    t.same(new Set(sent.map((packet) => packet.payloadType)), new Set([97]));
    const [first] = sent;
    t.same(
      sent.map((packet) => packet.sequenceNumber - first.sequenceNumber),
      [0, 1, 2, 3],
      'continuous across the sender’s wrap',
    );
    t.equal(sent[2].timestamp, 0);
    const mid = first.packet.findExtension(MID_ID);
    t.equal(readExtensionString(first.bytes, mid, first.packet.extensionDataLength), `${index + 1}`);
    const numbers = sent.map(({ bytes, packet }) => {
      const at = packet.findExtension(TWCC_ID);
      return readTransportSequence(bytes, at, packet.extensionDataLength);
    });
    t.same(numbers, [1, 2, 3, 4], 'one transport-wide sequence');
  }
  const starts = new Set(receivers.map(({ sent }) => sent[0].sequenceNumber));
  t.equal(starts.size, 3, 'each receiver has a first number of its own');
  t.end();
});

t.test('video begins with a key frame, and one is asked for', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  sender.receive(video(1, { keyFrame: true }));
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  t.equal(sender.rtcp(206, 1).length, 1, 'a PLI');
  sender.receive(video(2));
  t.equal(receiver.sent.length, 0, 'a delta frame is of no use');
  sender.receive(video(3, { keyFrame: true }));
  sender.receive(video(4));
  t.equal(receiver.sent.length, 2);
  room.advance(5000);
  t.equal(sender.rtcp(206, 1).length, 1, 'not asked again');
  t.end();
});

t.test('a lost key frame is asked for again', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  sender.receive(video(1));
  room.transport('receiver').consume({ rtpParameters: vp8Receiver(5000) });
  room.advance(5000);
  const asked = sender.rtcp(206, 1).length;
  t.ok(asked >= 3 && asked <= 6, `${asked} times in five seconds`);
  t.end();
});

t.test('audio starts at once, and a pause leaves no gap', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  const producer = sender.produce({ kind: 'audio', rtpParameters: opusSender(2222) });
  const receiver = room.transport('receiver');
  const consumer = receiver.consume({ kind: 'audio', rtpParameters: opusReceiver(6000) });
  const audio = (n: number): Uint8Array =>
    buildRtp({
      payloadType: 111,
      sequenceNumber: n,
      timestamp: n * 960,
      ssrc: 2222,
      payload: new Uint8Array(50).fill(n),
    });
  sender.receive(audio(1));
  sender.receive(audio(2));
  consumer.pause(room.now);
  sender.receive(audio(3));
  consumer.resume(room.now);
  sender.receive(audio(4));
  producer.pause(room.now);
  sender.receive(audio(5));
  producer.resume(room.now);
  sender.receive(audio(6));
  const [first] = receiver.sent;
  t.same(
    receiver.sent.map((packet) => packet.sequenceNumber - first.sequenceNumber),
    [0, 1, 2, 3],
  );
  t.same(
    receiver.sent.map((packet) => packet.timestamp / 960),
    [1, 2, 4, 6],
    'the time that passed stays visible',
  );
  t.same(room.events('consumer', 'producerpause'), [undefined]);
  t.same(room.events('consumer', 'producerresume'), [undefined]);
  t.end();
});

t.test('ignoreDtx leaves silence out without a gap', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ kind: 'audio', rtpParameters: opusSender(2222) });
  const receiver = room.transport('receiver');
  receiver.consume({ kind: 'audio', ignoreDtx: true, rtpParameters: opusReceiver(6000) });
  for (const [n, size] of [50, 1, 2, 50].entries()) {
    sender.receive(
      buildRtp({
        payloadType: 111,
        sequenceNumber: n,
        timestamp: n,
        ssrc: 2222,
        payload: new Uint8Array(size),
      }),
    );
  }
  t.equal(receiver.sent.length, 2);
  t.equal(receiver.sent[1].sequenceNumber - receiver.sent[0].sequenceNumber, 1);
  t.end();
});

t.test('padding-only probes are not forwarded and leave no gap', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  sender.receive(video(1, { keyFrame: true }));
  sender.receive(
    buildRtp({
      payloadType: 96,
      sequenceNumber: 2,
      timestamp: 1,
      ssrc: 1111,
      payload: new Uint8Array(0),
      padding: 100,
    }),
  );
  sender.receive(video(3));
  t.equal(receiver.sent.length, 2);
  t.equal(receiver.sent[1].sequenceNumber - receiver.sent[0].sequenceNumber, 1);
  t.same(sender.drops, { 'rtp-padding-only': 1 });
  t.end();
});

t.test('nothing goes to a transport that is not connected, and the first picture comes when it is', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  sender.receive(video(1, { keyFrame: true }));
  const receiver = room.transport('receiver', false);
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  sender.receive(video(2, { keyFrame: true }));
  t.equal(receiver.sent.length, 0);
  room.advance(600);
  const before = sender.rtcp(206, 1).length;
  receiver.connect();
  room.advance(600);
  t.ok(sender.rtcp(206, 1).length > before, 'a key frame is asked for at that moment');
  sender.receive(video(3, { keyFrame: true }));
  t.equal(receiver.sent.length, 1);
  t.end();
});

t.test('malformed, unknown and repeated packets are counted, not forwarded', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  sender.receive(video(1, { keyFrame: true }));
  sender.receive(video(1, { keyFrame: true }));
  sender.receive(video(2, { ssrc: 4321 }));
  sender.receive(new Uint8Array(5));
  sender.receive(
    buildRtp({ payloadType: 50, sequenceNumber: 3, timestamp: 0, ssrc: 1111, payload: new Uint8Array(9) }),
  );
  t.equal(receiver.sent.length, 1);
  t.same(sender.drops, {
    'rtp-duplicate': 1,
    'rtp-unknown-stream': 1,
    'rtp-malformed': 1,
    'rtp-unknown-payload-type': 1,
  });
  t.end();
});

t.test('closing: consumers go with their producer, once', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  sender.receive(video(1, { keyFrame: true }));
  sender.rtp.close(room.now);
  t.same(room.events('consumer', 'producerclose'), [undefined]);
  t.equal(receiver.rtp.consumers.size, 0);
  t.equal(receiver.rtp.consumersBySsrc.size, 0);
  sender.receive(video(2));
  t.equal(receiver.sent.length, 1);
  receiver.rtp.close(room.now);
  t.equal(room.environment.timers.size, 0, 'no timer is left behind');
  t.end();
});

t.test('clashes on one transport are refused, and leave nothing behind', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ id: 'a', rtpParameters: vp8Sender([{ ssrc: 1 }], 'm') });
  t.throws(() => sender.produce({ id: 'b', rtpParameters: vp8Sender([{ ssrc: 1 }], 'n') }), /ssrc/);
  t.throws(() => sender.produce({ id: 'c', rtpParameters: vp8Sender([{ ssrc: 2 }], 'm') }), /MID/);
  t.throws(() => sender.produce({ id: 'a', rtpParameters: vp8Sender([{ ssrc: 2 }], 'o') }), /same id/);
  t.ok(sender.produce({ id: 'b', rtpParameters: vp8Sender([{ ssrc: 2 }], 'n') }));
  t.end();
});
