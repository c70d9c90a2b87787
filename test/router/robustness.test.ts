/** What a publisher or viewer that is let in, but means no good or has a bad network, must not do to others. */
import t from 'tap';
import { writeNack } from '#src/rtp/rtcp/nack.js';
import { writePli } from '#src/rtp/rtcp/pli.js';
import { ascii, buildRtp, vp8Payload } from '../support/rtp-builder.js';
import {
  opusReceiver,
  opusSender,
  VirtualRoom,
  type VirtualTransport,
  vp8Receiver,
  vp8Sender,
} from '../support/virtual-room.js';

interface Frame {
  keyFrame?: boolean;
  ssrc?: number;
  timestamp?: number;
  rid?: string;
  size?: number;
  start?: boolean;
}

function video(sequenceNumber: number, frame: Frame = {}): Uint8Array {
  const {
    keyFrame = false,
    ssrc = 1111,
    timestamp = sequenceNumber * 3000,
    rid,
    size = 100,
    start = true,
  } = frame;
  return buildRtp({
    payloadType: 96,
    sequenceNumber,
    timestamp,
    ssrc,
    marker: true,
    payload: vp8Payload({
      pictureId: sequenceNumber & 0x7fff,
      tl0PicIdx: sequenceNumber & 0xff,
      keyFrame,
      start,
      size,
    }),
    extensions:
      rid === undefined
        ? [{ id: 1, data: ascii('sender') }]
        : [
            { id: 1, data: ascii('sender') },
            { id: 2, data: ascii(rid) },
          ],
  });
}

function padding(sequenceNumber: number): Uint8Array {
  return buildRtp({
    payloadType: 96,
    sequenceNumber,
    timestamp: 1,
    ssrc: 1111,
    payload: new Uint8Array(0),
    padding: 50,
  });
}

function pair(room = new VirtualRoom()): {
  room: VirtualRoom;
  sender: VirtualTransport;
  receiver: VirtualTransport;
} {
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111, rtx: { ssrc: 1112 } }]) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  return { room, sender, receiver };
}

const plis = (transport: VirtualTransport): number => transport.rtcp(206, 1).length;

t.test('memory: a silent stream gives its packets back, and a full arena stops nobody', (t) => {
  const room = new VirtualRoom(1, 1024 * 1024);
  const { sender, receiver } = pair(room);
  sender.receive(video(1, { keyFrame: true, size: 1200 }));
  for (let n = 2; n < 1500; n++) sender.receive(video(n, { size: 1200 }));
  const late = room.transport('late');
  late.produce({ id: 'audio', kind: 'audio', rtpParameters: opusSender(2222) });
  receiver.consume({ id: 'c2', producerId: 'audio', kind: 'audio', rtpParameters: opusReceiver(6000) });
  const before = receiver.sent.length;
  const audio = (n: number): Uint8Array =>
    buildRtp({
      payloadType: 111,
      sequenceNumber: n,
      timestamp: n * 960,
      ssrc: 2222,
      payload: new Uint8Array(80),
    });
  for (let n = 0; n < 10; n++) late.receive(audio(n));
  t.equal(receiver.sent.length, before + 10, 'forwarded, kept or not');
  t.ok(late.drops['rtp-not-kept'] > 0, 'the arena was full');
  const used = room.environment.arena.used;
  room.advance(5000);
  t.ok(room.environment.arena.used < used - 500_000, 'silence gives memory back');
  for (let n = 10; n < 20; n++) late.receive(audio(n));
  t.equal(late.drops['rtp-not-kept'], 10);
  t.end();
});

t.test('simulcast at any frame rate, and after stalls, keeps its layer and asks for nothing', (t) => {
  for (const interval of [33, 333, 500, 1000, 2000]) {
    const room = new VirtualRoom();
    const sender = room.transport('sender');
    const rids = ['lo', 'mid', 'hi'];
    sender.produce({ rtpParameters: vp8Sender(rids.map((rid) => ({ rid }))) });
    const receiver = room.transport('receiver');
    const parameters = vp8Receiver(5000);
    parameters.encodings![0].scalabilityMode = 'L3T1';
    receiver.consume({ type: 'simulcast', rtpParameters: parameters });
    let frame = 0;
    const send = (): void => {
      frame += 1;
      // A sender answers a request at once: all layers get their key frame.
      const keyFrame = frame <= 2 || plis(sender) > asked;
      asked = plis(sender);
      for (const [layer, rid] of rids.entries()) {
        sender.receive(
          video(frame, { rid, ssrc: 100 + layer, timestamp: frame * 9000, keyFrame, size: 100 + layer }),
        );
      }
    };
    let asked = 0;
    for (let n = 0; n < 10; n++, room.advance(interval)) send();
    const layers = room.events('consumer', 'layerschange').length;
    const requests = plis(sender);
    for (let n = 0; n < 60; n++) {
      send();
      room.advance(n % 10 === 9 ? Math.max(interval, 400) : interval);
    }
    t.equal(plis(sender), requests, `every ${interval} ms: no key frame asked for`);
    t.equal(room.events('consumer', 'layerschange').length, layers, 'no change of layers');
    t.equal(receiver.sent.at(-1)!.payload.length, 102);
  }
  t.end();
});

t.test('a stream that begins again under another SSRC gets its key frame asked for', (t) => {
  const { room, receiver } = pair();
  const anonymous = room.transport('anonymous');
  anonymous.produce({ id: 'p2', rtpParameters: vp8Sender([{}], 'sender') });
  receiver.consume({ id: 'c2', producerId: 'p2', rtpParameters: vp8Receiver(7000, '9') });
  anonymous.receive(video(1, { keyFrame: true, ssrc: 50 }));
  anonymous.receive(video(2, { ssrc: 50 }));
  t.equal(receiver.sent.length, 2);
  room.advance(1000);
  const before = plis(anonymous);
  anonymous.receive(video(500, { ssrc: 51 }));
  t.equal(plis(anonymous), before + 1);
  anonymous.receive(video(501, { ssrc: 51, keyFrame: true }));
  t.equal(receiver.sent.length, 3);
  t.equal(receiver.sent[2].sequenceNumber, (receiver.sent[1].sequenceNumber + 1) & 0xffff);
  t.end();
});

t.test('a sender that changes its SSRC with every packet gains nothing', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{}], 'sender') });
  for (let n = 0; n < 1000; n++) {
    sender.receive(video(n, { ssrc: 10_000 + n }));
    room.advance(1);
  }
  t.ok(sender.drops['rtp-unknown-stream'] >= 990, `${sender.drops['rtp-unknown-stream']} of 1000 refused`);
  t.ok((sender.rtp.dump() as { boundSsrcs: number[] }).boundSsrcs.length <= 2);
  t.end();
});

t.test('no outgoing number is used twice, whatever the sender does', (t) => {
  const used = (transport: VirtualTransport): void => {
    let rollover = 0;
    let last = -1;
    const seen = new Set<number>();
    for (const { sequenceNumber, ssrc } of transport.sent) {
      if (ssrc !== 5000) continue;
      // As SRTP guesses it (RFC 3711 appendix A).
      if (last >= 0 && sequenceNumber < last && last - sequenceNumber > 0x8000) rollover += 1;
      const back = last >= 0 && sequenceNumber > last && sequenceNumber - last > 0x8000 ? 1 : 0;
      const index = (rollover - back) * 65536 + sequenceNumber;
      if (seen.has(index)) return void t.fail(`index ${index} twice`);
      seen.add(index);
      if (back === 0) last = sequenceNumber;
    }
    t.pass(`${seen.size} numbers`);
  };
  const jumps = pair();
  jumps.sender.receive(video(1, { keyFrame: true }));
  for (let n = 2; n < 400; n++) jumps.sender.receive(video(n));
  jumps.sender.receive(padding(30_400));
  jumps.sender.receive(padding(60_400));
  for (let n = 60_401; n < 60_800; n++) jumps.sender.receive(video(n));
  used(jumps.receiver);

  const replays = pair();
  replays.sender.receive(video(1, { keyFrame: true }));
  for (let n = 2; n < 100; n++) replays.sender.receive(video(n));
  replays.room.advance(4000);
  const sent = replays.receiver.sent.length;
  for (let n = 10; n < 90; n++) {
    replays.sender.receive(
      buildRtp({
        payloadType: 97,
        sequenceNumber: n,
        timestamp: n * 3000,
        ssrc: 1112,
        payload: Uint8Array.from([
          0,
          n,
          ...vp8Payload({ pictureId: 1, tl0PicIdx: 1, keyFrame: false, size: 300 }),
        ]),
      }),
    );
  }
  t.equal(replays.receiver.sent.length, sent, 'what was sent is not sent again with other bytes');
  used(replays.receiver);
  t.end();
});

t.test('a key frame whose first packet came last is not begun with', (t) => {
  const { sender, receiver } = pair();
  sender.receive(video(1));
  for (const n of [3, 4, 5]) sender.receive(video(n, { start: false, timestamp: 6000 }));
  sender.receive(video(2, { keyFrame: true, timestamp: 6000 }));
  t.equal(receiver.sent.length, 0, 'the rest of it is gone for this receiver');
  t.ok(plis(sender) >= 1, 'a whole one was asked for');
  sender.receive(video(6, { keyFrame: true }));
  t.equal(receiver.sent.length, 1);
  t.end();
});

t.test('a sender that starts its numbers again under its SSRC is followed', (t) => {
  const { sender, receiver } = pair();
  sender.receive(video(30_000, { keyFrame: true }));
  sender.receive(video(30_001));
  sender.receive(video(5, { keyFrame: true }));
  sender.receive(video(30_002));
  t.equal(receiver.sent.length, 3, 'one stray packet is a stray packet');
  t.equal(sender.drops['rtp-out-of-order'], 1);
  sender.receive(video(100));
  sender.receive(video(101, { keyFrame: true }));
  sender.receive(video(102));
  t.equal(receiver.sent.length, 5);
  const numbers = receiver.sent.map(({ sequenceNumber }) => sequenceNumber - receiver.sent[0].sequenceNumber);
  t.same(numbers, [0, 1, 2, 3, 4]);
  t.end();
});

t.test('a viewer that asks for everything again gets half as much at the most', (t) => {
  const { room, sender, receiver } = pair();
  sender.receive(video(1, { keyFrame: true, size: 1000 }));
  const out = new Uint8Array(2000);
  for (let n = 2; n < 3000; n++) {
    sender.receive(video(n, { size: 1000 }));
    room.advance(4);
    if (n % 50 !== 0) continue;
    const recent = receiver.sent.filter(({ ssrc }) => ssrc === 5000).slice(-400);
    for (let at = 0; at < recent.length; at += 200) {
      const wanted = recent.slice(at, at + 200).map(({ sequenceNumber }) => sequenceNumber);
      receiver.receiveRtcp(out.slice(0, writeNack(out, 0, 9, 5000, wanted)));
    }
  }
  const bytes = (ssrc: number): number =>
    receiver.sent
      .filter((packet) => packet.ssrc === ssrc)
      .reduce((sum, packet) => sum + packet.bytes.length, 0);
  const share = bytes(5001) / bytes(5000);
  t.ok(share > 0.3 && share < 0.55, `${Math.round(share * 100)}%`);
  t.ok(receiver.drops['retransmission-over-budget'] > 0);
  t.end();
});

t.test('a viewer that cannot get enough key frames is not asked for by everybody else', (t) => {
  const { room, sender, receiver } = pair();
  const out = new Uint8Array(100);
  for (let n = 1; n < 6000; n++) {
    sender.receive(video(n, { keyFrame: n === 1 || n % 10 === 0 }));
    receiver.receiveRtcp(out.slice(0, writePli(out, 0, 9, 5000)));
    room.advance(10);
  }
  t.ok(plis(sender) <= 32, `${plis(sender)} key frames asked for in a minute`);
  t.ok(receiver.drops['key-frame-request-too-often'] > 5000);
  t.end();
});

t.test('an outage that ends in padding asks for a key frame too', (t) => {
  const { room, sender } = pair();
  sender.receive(video(1, { keyFrame: true }));
  room.advance(1000);
  const before = plis(sender);
  sender.receive(padding(400));
  t.equal(plis(sender), before + 1);
  t.end();
});

t.test('reports go on beside a name that is too long for them', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  const parameters = vp8Sender([{ ssrc: 1111 }]);
  parameters.rtcp = { cname: 'é'.repeat(200) };
  sender.produce({ rtpParameters: parameters });
  sender.produce({ id: 'audio', kind: 'audio', rtpParameters: opusSender(2222) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  receiver.consume({ id: 'c2', producerId: 'audio', kind: 'audio', rtpParameters: opusReceiver(6000) });
  sender.receive(video(1, { keyFrame: true }));
  sender.receive(
    buildRtp({ payloadType: 111, sequenceNumber: 1, timestamp: 1, ssrc: 2222, payload: new Uint8Array(40) }),
  );
  room.advance(3000);
  t.ok(receiver.rtcp(200).length >= 4, `${receiver.rtcp(200).length} sender reports`);
  t.end();
});
