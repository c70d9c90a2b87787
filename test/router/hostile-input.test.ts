import fc from 'fast-check';
import t from 'tap';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { VirtualRoom, vp8Receiver, vp8Sender } from '../support/virtual-room.js';

t.test('property: random RTP and RTCP never throw and never stop a stream', (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111, rtx: { ssrc: 1112 } }]) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(5000) });
  const video = (n: number): Uint8Array =>
    buildRtp({
      payloadType: 96,
      sequenceNumber: n,
      timestamp: n * 3000,
      ssrc: 1111,
      marker: true,
      payload: vp8Payload({ pictureId: n & 0x7fff, tl0PicIdx: n & 0xff, keyFrame: n === 1 }),
    });
  sender.receive(video(1));
  const ssrcs = fc.constantFrom(1112, 5000, 5001, 77);
  const rtp = fc
    .tuple(fc.uint8Array({ minLength: 12, maxLength: 300 }), ssrcs, fc.constantFrom(96, 97, 5))
    .map(([bytes, ssrc, payloadType]) => {
      bytes[0] = 0x80 | (bytes[0] & 0x3f);
      bytes[1] = (bytes[1] & 0x80) | payloadType;
      bytes.set([ssrc >>> 24, (ssrc >>> 16) & 255, (ssrc >>> 8) & 255, ssrc & 255], 8);
      return { bytes, rtcp: false };
    });
  const rtcp = fc
    .tuple(
      fc.uint8Array({ minLength: 8, maxLength: 300 }),
      ssrcs,
      fc.integer({ min: 199, max: 208 }),
      fc.boolean(),
    )
    .map(([bytes, ssrc, type, fit]) => {
      bytes[0] = 0x80 | (bytes[0] & 0x3f);
      bytes[1] = type;
      if (fit) {
        const words = Math.floor(bytes.length / 4) - 1;
        bytes[2] = words >> 8;
        bytes[3] = words & 255;
      }
      if (bytes.length >= 12)
        bytes.set([ssrc >>> 24, (ssrc >>> 16) & 255, (ssrc >>> 8) & 255, ssrc & 255], 8);
      return { bytes, rtcp: true };
    });
  let sequence = 1;
  fc.assert(
    fc.property(fc.oneof(rtp, rtcp), fc.boolean(), ({ bytes, rtcp: isRtcp }, fromSender) => {
      const transport = fromSender ? sender : receiver;
      if (isRtcp) transport.receiveRtcp(bytes);
      else transport.receive(bytes);
      room.advance(1);
      sequence = (sequence + 1) & 0xffff;
      const before = receiver.sent.length;
      sender.receive(video(sequence));
      return receiver.sent.length === before + 1;
    }),
    { numRuns: 3000, endOnFailure: true },
  );
  t.ok(Object.keys(sender.drops).length > 2, 'with reasons');
  t.end();
});
