import t, { type Test } from 'tap';
import { Vp8Descriptor } from '#src/rtp/codecs/vp8.js';
import { writeNack } from '#src/rtp/rtcp/nack.js';
import { writeSenderReport } from '#src/rtp/rtcp/sender-report.js';
import { seqDiff } from '#src/rtp/sequence.js';
import type { Consumer } from '#src/router/consumer.js';
import { ntpFraction, ntpSeconds } from '#src/stream/ntp.js';
import { ascii, buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { VirtualRoom, type VirtualTransport, vp8Receiver, vp8Sender } from '../support/virtual-room.js';

const RIDS = ['lo', 'mid', 'hi'];

/** A sender of three layers at 25 frames a second, each layer with numbers, times and ids of its own. */
class Simulcaster {
  readonly active = [true, true, true];
  readonly wantsKeyFrame = [true, true, true];
  private readonly sequence = [60000, 10, 30000];
  private readonly timestampBase = [0, 3_000_000_000, 70_000];
  private readonly pictureId = [32760, 5, 9000];
  private answered = 0;

  constructor(
    private readonly room: VirtualRoom,
    private readonly transport: VirtualTransport,
  ) {}

  run(ms: number): void {
    for (const end = this.room.now + ms; this.room.now < end; this.room.advance(40)) this.frame();
  }

  senderReports(): void {
    for (const [layer, base] of this.timestampBase.entries()) {
      const out = new Uint8Array(100);
      const unix = 1_650_000_000_000 + this.room.now;
      const length = writeSenderReport(out, 0, {
        ssrc: 101 + layer,
        ntpSeconds: ntpSeconds(unix),
        ntpFraction: ntpFraction(unix),
        rtpTimestamp: (base + this.room.now * 90) >>> 0,
        packetCount: 1,
        octetCount: 1,
      });
      this.transport.receiveRtcp(out.slice(0, length));
    }
  }

  private frame(): void {
    this.answerKeyFrameRequests();
    for (const [layer, rid] of RIDS.entries()) {
      if (!this.active[layer]) continue;
      const keyFrame = this.wantsKeyFrame[layer];
      this.wantsKeyFrame[layer] = false;
      this.pictureId[layer] = (this.pictureId[layer] + 1) & 0x7fff;
      for (let part = 0; part < 2; part++) {
        this.sequence[layer] = (this.sequence[layer] + 1) & 0xffff;
        const packet = buildRtp({
          payloadType: 96,
          sequenceNumber: this.sequence[layer],
          timestamp: this.timestampBase[layer] + this.room.now * 90,
          ssrc: 101 + layer,
          marker: part === 1,
          payload: vp8Payload({
            pictureId: this.pictureId[layer],
            tl0PicIdx: this.pictureId[layer] & 0xff,
            keyFrame: keyFrame && part === 0,
            start: part === 0,
            size: 100 + layer,
          }),
          extensions: [
            { id: 1, data: ascii('sender') },
            { id: 2, data: ascii(rid) },
          ],
        });
        this.transport.receive(packet);
      }
    }
  }

  private answerKeyFrameRequests(): void {
    const requests = this.transport.rtcp(206, 1);
    for (const request of requests.slice(this.answered)) {
      const layer = request[11] - 101;
      if (layer >= 0 && layer < 3) this.wantsKeyFrame[layer] = true;
    }
    this.answered = requests.length;
  }
}

interface SetUp {
  room: VirtualRoom;
  source: Simulcaster;
  sender: VirtualTransport;
  receiver: VirtualTransport;
  consumer: Consumer;
}

function setUp(): SetUp {
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ rtpParameters: vp8Sender(RIDS.map((rid) => ({ rid }))) });
  const receiver = room.transport('receiver');
  const source = new Simulcaster(room, sender);
  source.run(200);
  const parameters = vp8Receiver(5000);
  parameters.encodings![0].scalabilityMode = 'L3T3';
  const consumer = receiver.consume({ type: 'simulcast', rtpParameters: parameters });
  return { room, source, sender, receiver, consumer };
}

/** Which layer a packet came from, by its size. */
function layerOf(payload: Uint8Array): number {
  return payload.length - 100;
}

function checkContinuous(t: Test, receiver: VirtualTransport): void {
  const { sent } = receiver;
  const descriptor = new Vp8Descriptor();
  let pictureId = -1;
  for (const [index, packet] of sent.entries()) {
    descriptor.parse(packet.payload, 0, packet.payload.length);
    if (index > 0) {
      const before = sent[index - 1];
      if (seqDiff(packet.sequenceNumber, before.sequenceNumber) !== 1) t.fail('a gap in the sequence');
      const step = (packet.timestamp - before.timestamp) | 0;
      if (step < 0 || step > 90 * 200) t.fail(`timestamps step by ${step}`);
      const pictures = (descriptor.pictureId - pictureId) & 0x7fff;
      if (pictures !== 0 && pictures !== 1) t.fail(`picture ids step by ${pictures}`);
      if (layerOf(packet.payload) !== layerOf(before.payload) && !descriptor.keyFrame)
        t.fail('a switch off a key frame');
    }
    pictureId = descriptor.pictureId;
  }
  t.pass(`${sent.length} packets`);
}

t.test('the best layer by default, the preferred one on demand, without a seam', (t) => {
  const { source, receiver, consumer, room } = setUp();
  source.senderReports();
  source.run(1000);
  t.equal(layerOf(receiver.sent.at(-1)!.payload), 2);
  t.same(consumer.preferredLayers, { spatialLayer: 2, temporalLayer: 2 });
  for (const layer of [0, 2, 1, 0]) {
    consumer.setPreferredLayers(room.now, { spatialLayer: layer });
    source.run(1500);
    t.equal(layerOf(receiver.sent.at(-1)!.payload), layer);
  }
  checkContinuous(t, receiver);
  const layers = room.events('consumer', 'layerschange') as { spatialLayer: number }[];
  t.same(
    layers.map((entry) => entry.spatialLayer),
    [2, 0, 2, 1, 0],
  );
  t.end();
});

t.test('no seam without sender reports either', (t) => {
  const { source, receiver, consumer, room } = setUp();
  source.run(1000);
  consumer.setPreferredLayers(room.now, { spatialLayer: 0 });
  source.run(1000);
  consumer.setPreferredLayers(room.now, { spatialLayer: 2 });
  source.run(1000);
  checkContinuous(t, receiver);
  t.end();
});

t.test('a layer that stops is replaced, and comes back', (t) => {
  const { source, receiver, sender } = setUp();
  source.run(500);
  source.active[2] = false;
  source.run(260);
  t.equal(layerOf(receiver.sent.at(-1)!.payload), 1, 'a quarter of a second later the one below is shown');
  source.run(240);
  const asked = sender.rtcp(206, 1).length;
  source.run(10_000);
  t.equal(sender.rtcp(206, 1).length, asked, 'nobody goes on asking for key frames');
  source.active[2] = true;
  source.wantsKeyFrame[2] = true;
  source.run(40);
  t.equal(layerOf(receiver.sent.at(-1)!.payload), 2, 'its first key frame is taken');
  t.end();
});

t.test('while a key frame is waited for, the old layer goes on', (t) => {
  const { source, receiver, consumer, room } = setUp();
  source.run(500);
  const before = receiver.sent.length;
  consumer.setPreferredLayers(room.now, { spatialLayer: 0 });
  source.active[0] = false;
  source.run(120);
  t.ok(receiver.sent.length >= before + 6, 'no pause in the picture');
  t.equal(layerOf(receiver.sent.at(-1)!.payload), 2);
  t.end();
});

t.test('a packet of the layer before a switch is sent again as it was', (t) => {
  const { source, receiver, consumer, room } = setUp();
  source.run(600);
  const old = receiver.sent.at(-1)!;
  consumer.setPreferredLayers(room.now, { spatialLayer: 0 });
  source.run(700);
  t.equal(layerOf(receiver.sent.at(-1)!.payload), 0);
  const out = new Uint8Array(100);
  receiver.receiveRtcp(out.slice(0, writeNack(out, 0, 1, 5000, [old.sequenceNumber])));
  const answer = receiver.sent.at(-1)!;
  t.equal(answer.ssrc, 5001);
  t.same(answer.payload.slice(2), old.payload, 'its picture id too');
  t.equal(answer.timestamp, old.timestamp);
  t.end();
});
