/** RED for Opus through a router (RFC 2198): whole for who has it, the primary block for who has not. */
import t from 'tap';
import { type RtpCodecParameters, type RtpParameters } from '#src/rtp/rtp-parameters.js';
import { fromHex, toHex } from '../rtp/hostile.js';
import { buildRtp } from '../support/rtp-builder.js';
import { opusReceiver, opusSender, VirtualRoom } from '../support/virtual-room.js';

/** The router's payload types are one higher than the sender's in this room: 112 Opus (0x70), 64 RED. */
const red = (payloadType: number): RtpCodecParameters => ({
  mimeType: 'audio/red',
  payloadType,
  clockRate: 48000,
  channels: 2,
});

function withRed(parameters: RtpParameters, payloadType: number): RtpParameters {
  return { ...parameters, codecs: [...parameters.codecs, red(payloadType)] };
}

function meeting() {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ kind: 'audio', rtpParameters: withRed(opusSender(1), 63) });
  const plain = room.transport('plain');
  plain.consume({ kind: 'audio', rtpParameters: opusReceiver(5000) });
  const capable = room.transport('capable');
  capable.consume({ id: 'capable', kind: 'audio', rtpParameters: withRed(opusReceiver(6000), 64) });
  const send = (sequenceNumber: number, payloadType: number, payload: string): void =>
    sender.receive(
      buildRtp({
        payloadType,
        sequenceNumber,
        timestamp: sequenceNumber * 960,
        ssrc: 1,
        payload: fromHex(payload),
      }),
    );
  return { room, sender, plain, capable, send };
}

void t.test('stripped for the one, with the payload types of the router for the other', (t) => {
  const { plain, capable, send } = meeting();
  send(1, 63, 'ef 0f0003 6f a1a2a3 c1c2c3c4');
  t.match(plain.sent, [{ payloadType: 112, ssrc: 5000 }]);
  t.equal(toHex(plain.sent[0].payload), 'c1c2c3c4');
  t.match(capable.sent, [{ payloadType: 64, ssrc: 6000 }]);
  t.equal(toHex(capable.sent[0].payload), 'f00f000370a1a2a3c1c2c3c4');
  t.end();
});

void t.test('a sender may change between RED and Opus alone: the numbers go on', (t) => {
  const { plain, capable, send } = meeting();
  send(1, 111, 'c1');
  send(2, 63, 'ef 0f0001 6f c1 c2');
  send(3, 111, 'c3');
  for (const receiver of [plain, capable]) {
    const [first] = receiver.sent;
    t.same(
      receiver.sent.map(({ sequenceNumber }) => sequenceNumber - first.sequenceNumber),
      [0, 1, 2],
    );
  }
  t.same(
    plain.sent.map(({ payloadType, payload }) => [payloadType, toHex(payload)]),
    [
      [112, 'c1'],
      [112, 'c2'],
      [112, 'c3'],
    ],
  );
  t.end();
});

void t.test('what is no RED goes to nobody, and leaves no gap', (t) => {
  const { plain, capable, sender, send } = meeting();
  send(1, 63, '6f c1');
  for (const [at, payload] of ['6f', 'ef 0f0003 6f a1', '00 c1', 'bf 000000 6f c1'].entries()) {
    send(2 + at, 63, payload);
  }
  send(6, 63, '6f c6');
  t.match(sender.drops, { 'red-malformed': 4 });
  for (const receiver of [plain, capable]) {
    t.equal(receiver.sent.length, 2);
    t.equal(receiver.sent[1].sequenceNumber - receiver.sent[0].sequenceNumber, 1);
  }
  t.end();
});
