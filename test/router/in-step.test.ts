import fc from 'fast-check';
import t from 'tap';
import { writeNack } from '#src/rtp/rtcp/nack.js';
import type { Consumer } from '#src/router/consumer.js';
import { InStep } from '#src/router/in-step.js';
import { buildRtp } from '../support/rtp-builder.js';
import { opusReceiver, opusSender, VirtualRoom, type VirtualTransport } from '../support/virtual-room.js';
import { vp8Receiver, vp8Sender } from '../support/virtual-room.js';

/** How many packets went the short way. */
let short = 0;
// eslint-disable-next-line @typescript-eslint/unbound-method
const forward = InStep.prototype.forward;
InStep.prototype.forward = function (now, packet): boolean {
  const done = forward.call(this, now, packet);
  if (done) short += 1;
  return done;
};

type Step =
  /** Pictures of the small and of the large layer, so many packets each; one of the packets may be lost, or late. */
  | { do: 'picture'; packets: number; fate: 'whole' | 'lost' | 'late' | 'twice'; upper: boolean }
  | { do: 'wait'; ms: number }
  | { do: 'nack'; back: number }
  | { do: 'prefer'; spatialLayer: number; temporalLayer: number }
  | { do: 'pause' | 'resume' | 'stats' | 'keyFrame' | 'producerPause' | 'producerResume' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('picture' as const),
        packets: fc.integer({ min: 1, max: 4 }),
        fate: fc.oneof(
          { weight: 8, arbitrary: fc.constant('whole' as const) },
          { weight: 1, arbitrary: fc.constantFrom('lost' as const, 'late' as const, 'twice' as const) },
        ),
        upper: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(1500) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('nack' as const), back: fc.nat(40) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('prefer' as const),
        spatialLayer: fc.nat(1),
        temporalLayer: fc.nat(1),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constantFrom('pause', 'resume', 'stats', 'keyFrame', 'producerPause', 'producerResume'),
      }),
    },
  ),
  { minLength: 40, maxLength: 200 },
);

/** VP8 with a picture id of 7 or 15 bits, TL0PICIDX and the temporal layer. */
function payload(id: number, long: boolean, tl0: number, upper: boolean, keyFrame: boolean, start: boolean) {
  const frame = [keyFrame ? 0x10 : 0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00];
  const pictureId = long ? [0x80 | (id >> 8), id & 0xff] : [id & 0x7f];
  const head = [0x80 | (start ? 0x10 : 0), 0xe0, ...pictureId, tl0 & 0xff, upper ? 0x60 : 0];
  return Uint8Array.from([...head, ...frame, ...new Array<number>(40).fill(id & 0xff)]);
}

class Scene {
  readonly room = new VirtualRoom(7);
  readonly sender: VirtualTransport;
  readonly receiver: VirtualTransport;
  readonly consumer: Consumer;
  readonly stats: unknown[] = [];
  private readonly layers = [0, 1].map((index) => ({
    ssrc: 101 + index,
    sequence: index * 65_500,
    id: index * 32_700,
    tl0: 250,
  }));
  private keyFrame = true;
  private readonly late: Uint8Array[] = [];

  constructor(
    reports: boolean,
    private readonly long: boolean,
  ) {
    this.sender = this.room.transport('sender');
    this.receiver = this.room.transport('receiver');
    this.sender.produce({ rtpParameters: vp8Sender([{ ssrc: 101 }, { ssrc: 102 }]) });
    const rtpParameters = vp8Receiver(5000, '7', reports);
    rtpParameters.encodings![0].scalabilityMode = 'S2T2';
    this.consumer = this.receiver.consume({ type: 'simulcast', rtpParameters });
  }

  run(step: Step): void {
    const { room, consumer, receiver } = this;
    const producer = room.router.producer('producer')!;
    switch (step.do) {
      case 'picture':
        for (const layer of this.layers) this.picture(layer, step);
        this.keyFrame = false;
        for (const packet of this.late.splice(0)) this.sender.receive(packet);
        room.advance(33);
        break;
      case 'wait':
        room.advance(step.ms);
        break;
      case 'nack': {
        const newest = receiver.sent.at(-1)?.sequenceNumber ?? 0;
        const out = new Uint8Array(64);
        const length = writeNack(out, 0, 1, 5000, [(newest - step.back) & 0xffff]);
        receiver.receiveRtcp(out.slice(0, length));
        break;
      }
      case 'prefer':
        consumer.setPreferredLayers(room.now, step);
        break;
      case 'keyFrame':
        this.keyFrame = true;
        break;
      case 'pause':
        consumer.pause(room.now);
        break;
      case 'resume':
        consumer.resume(room.now);
        break;
      case 'producerPause':
        producer.pause(room.now);
        break;
      case 'producerResume':
        producer.resume(room.now);
        break;
      case 'stats':
        this.look();
    }
    room.flush();
  }

  look(): void {
    this.stats.push(this.consumer.getStats(this.room.now), this.receiver.rtp.stats(this.room.now));
  }

  private picture(layer: Scene['layers'][0], { packets, fate, upper }: Step & { do: 'picture' }): void {
    const second = upper && !this.keyFrame;
    layer.id = (layer.id + 1) & 0x7fff;
    if (!second) layer.tl0 += 1;
    for (let index = 0; index < packets; index++) {
      layer.sequence = (layer.sequence + 1) & 0xffff;
      const packet = buildRtp({
        payloadType: 96,
        sequenceNumber: layer.sequence,
        timestamp: (this.room.now * 90) >>> 0,
        ssrc: layer.ssrc,
        marker: index === packets - 1,
        payload: payload(layer.id, this.long, layer.tl0, second, this.keyFrame, index === 0),
      });
      const unlucky = index === packets >> 1;
      if (unlucky && fate === 'late') this.late.push(packet);
      if (unlucky && fate !== 'whole' && fate !== 'twice') continue;
      if (unlucky && fate === 'twice') this.sender.receive(packet.slice());
      this.sender.receive(packet);
    }
  }
}

t.test('what goes the short way is what the full way sends, and is counted the same', (t) => {
  fc.assert(
    fc.property(steps, fc.boolean(), fc.boolean(), (all, reports, long) => {
      const scenes = [new Scene(reports, long), new Scene(reports, long)];
      // Who traces packets sees each one as it is sent, so that they all go the full way.
      scenes[1].consumer.enableTraceEvent(['rtp']);
      for (const scene of scenes) {
        for (const step of all) scene.run(step);
        scene.look();
      }
      const [stepping, full] = scenes;
      t.same(
        stepping.receiver.sent.map(({ at, bytes }) => [at, [...bytes]]),
        full.receiver.sent.map(({ at, bytes }) => [at, [...bytes]]),
      );
      t.same(stepping.receiver.sentRtcp, full.receiver.sentRtcp);
      t.same(
        stepping.sender.sentRtcp,
        full.sender.sentRtcp,
        'key frames and lost packets are asked for alike',
      );
      t.same(stepping.receiver.drops, full.receiver.drops);
      t.same(stepping.stats, full.stats);
      return t.passing();
    }),
    { numRuns: 60 },
  );
  t.end();
});

t.test('nearly all packets go the short way', (t) => {
  short = 0;
  const scene = new Scene(false, true);
  for (let count = 0; count < 300; count++)
    scene.run({ do: 'picture', packets: 3, fate: 'whole', upper: count % 2 === 1 });
  // Of the layer that is not shown all are passed over.
  t.ok(short > 0.9 * 1800, `${short} of 1800`);
  t.equal(scene.consumer.send.packetCount, scene.receiver.sent.length);
  t.end();
});

t.test('also of sound', (t) => {
  short = 0;
  const room = new VirtualRoom();
  const sender = room.transport('sender');
  sender.produce({ kind: 'audio', rtpParameters: opusSender(1111) });
  const receiver = room.transport('receiver');
  const consumer = receiver.consume({ kind: 'audio', rtpParameters: opusReceiver(5000) });
  for (let count = 0; count < 300; count++, room.advance(20)) {
    const fields = { payloadType: 111, ssrc: 1111, payload: new Uint8Array(80) };
    sender.receive(buildRtp({ ...fields, sequenceNumber: count, timestamp: count * 960 }));
  }
  t.ok(short > 250, `${short} of 300`);
  t.equal(receiver.sent.length, 300);
  t.equal(consumer.send.packetCount, 300);
  t.end();
});
