import t from 'tap';
import { writeNack } from '#src/rtp/rtcp/nack.js';
import { writePli } from '#src/rtp/rtcp/pli.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { VirtualRoom, vp8Receiver, vp8Sender } from '../support/virtual-room.js';

interface Trace {
  type: string;
  direction: string;
  timestamp: number;
  info: Record<string, unknown>;
}

t.test('trace events tell what was asked for, of both sides, and stop when switched off', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  const producer = sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  const receiver = room.transport('receiver');
  const consumer = receiver.consume({ rtpParameters: vp8Receiver(5000) });
  producer.enableTraceEvent(['rtp', 'keyframe', 'pli', 'nack']);
  consumer.enableTraceEvent(['rtp', 'keyframe', 'pli', 'nack']);
  const frame = (n: number): Uint8Array =>
    buildRtp({
      payloadType: 96,
      sequenceNumber: n,
      timestamp: n * 3000,
      ssrc: 1111,
      marker: true,
      payload: vp8Payload({ pictureId: n, tl0PicIdx: n, keyFrame: n === 1 }),
    });
  sender.receive(frame(1));
  sender.receive(frame(3));
  room.advance(500);
  const out = new Uint8Array(100);
  receiver.receiveRtcp(out.slice(0, writePli(out, 0, 9, 5000)));
  receiver.receiveRtcp(out.slice(0, writeNack(out, 0, 9, 5000, [1])));
  const of = (id: string): string[] =>
    (room.events(id, 'trace') as Trace[]).map(({ type, direction }) => `${type} ${direction}`);
  // How often the gap was asked for does not matter here.
  t.same([...new Set(of('producer'))], ['keyframe in', 'rtp in', 'nack out', 'pli out']);
  t.same(of('consumer'), ['rtp out', 'keyframe out', 'rtp out', 'pli in', 'nack in']);
  const [first] = room.events('consumer', 'trace') as Trace[];
  t.match(first.info, { ssrc: 5000, isKeyFrame: true, payloadSize: 100 });
  t.ok(first.timestamp > 1_600_000_000_000, 'milliseconds since 1970');
  consumer.enableTraceEvent([]);
  const before = of('consumer').length;
  sender.receive(frame(4));
  t.equal(of('consumer').length, before);
  t.end();
});
