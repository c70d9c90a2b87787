/** Nothing reaches a viewer for a while: what it then asks for first is of no use to it. */
import t from 'tap';
import { writeNack } from '#src/rtp/rtcp/nack.js';
import { readTransportSequence } from '#src/rtp/header-extensions.js';
import { TransportFeedbackBuilder } from '#src/rtp/rtcp/transport-feedback-builder.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import {
  TWCC_ID,
  VirtualRoom,
  type VirtualTransport,
  vp8Receiver,
  vp8Sender,
} from '../support/virtual-room.js';

const FRAME_MS = 40;
const SSRC = 5000;

function frame(sequenceNumber: number): Uint8Array {
  return buildRtp({
    payloadType: 96,
    sequenceNumber,
    timestamp: sequenceNumber * 3600,
    ssrc: 1111,
    marker: true,
    payload: vp8Payload({
      pictureId: sequenceNumber,
      tl0PicIdx: sequenceNumber & 255,
      keyFrame: sequenceNumber === 1,
    }),
  });
}

/** The transport-wide number of what went out last. */
function numberOfLast(receiver: VirtualTransport): number {
  const { packet } = receiver.sent.at(-1)!;
  const at = packet.findExtension(TWCC_ID);
  return readTransportSequence(packet.bytes, at, packet.extensionDataLength);
}

/** Reports the arrival of all packets with these transport-wide numbers. */
function report(receiver: VirtualTransport, at: number, from: number, to: number): void {
  const builder = new TransportFeedbackBuilder();
  builder.begin(from & 0xffff);
  for (let number = from; number < to; number++) builder.add(number & 0xffff, at);
  const out = new Uint8Array(1500);
  receiver.receiveRtcp(out.slice(0, builder.write(out, 0, 9, SSRC, 0)));
}

function nack(receiver: VirtualTransport, sequenceNumber: number): void {
  const out = new Uint8Array(100);
  receiver.receiveRtcp(out.slice(0, writeNack(out, 0, 9, SSRC, [sequenceNumber])));
}

t.test('what is asked for before the outage is known to be over is not sent again', async (t) => {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender([{ ssrc: 1111 }]) });
  const receiver = room.transport('receiver');
  receiver.consume({ rtpParameters: vp8Receiver(SSRC, '7', true) });
  let frames = 0;
  let reported = 0;
  const send = (milliseconds: number, reports: boolean): void => {
    for (const end = room.now + milliseconds; room.now < end; room.advance(FRAME_MS)) {
      sender.receive(frame(++frames));
      if (!reports) continue;
      const sent = numberOfLast(receiver);
      report(receiver, room.now, reported + 1, sent + 1);
      reported = sent;
    }
  };
  const pictures = (): { sequenceNumber: number }[] => receiver.sent.filter(({ ssrc }) => ssrc === SSRC);
  const repaired = (): number => receiver.sent.filter(({ ssrc }) => ssrc === SSRC + 1).length;

  send(1000, true);
  let before = repaired();
  nack(receiver, pictures().at(-2)!.sequenceNumber);
  t.equal(repaired(), before + 1, 'as always');

  const last = pictures().length;
  send(1400, false);
  before = repaired();
  nack(receiver, pictures()[last].sequenceNumber);
  t.equal(repaired(), before, 'it would end the standstill for a moment only');
  t.equal(receiver.drops['retransmission-in-outage'], 1);
});
