import t from 'tap';
import type { Consumer } from '#src/router/consumer.js';
import type { Producer } from '#src/router/producer.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { VirtualRoom, type VirtualTransport, vp8Receiver, vp8Sender } from '../support/virtual-room.js';

const SSRCS = [101, 102, 103];

/** A camera that switches off the layers that it is told nobody wants, and answers key-frame requests. */
class Camera {
  readonly transport: VirtualTransport;
  readonly producer: Producer;
  /** Frames sent of each layer. */
  readonly frames = [0, 0, 0];
  private readonly answered = new Set<Uint8Array>();

  constructor(private readonly room: VirtualRoom) {
    this.transport = room.transport('sender');
    this.producer = this.transport.produce({ rtpParameters: vp8Sender(SSRCS.map((ssrc) => ({ ssrc }))) });
  }

  run(ms: number): void {
    for (const end = this.room.now + ms; this.room.now < end; this.room.advance(40)) {
      for (const [layer, ssrc] of SSRCS.entries()) {
        if (this.producer.wantedEncodings[layer]) this.frame(layer, ssrc);
      }
    }
  }

  private frame(layer: number, ssrc: number): void {
    const asked = this.transport
      .rtcp(206, 1)
      .filter((pli) => pli[11] === ssrc && !this.answered.has(pli) && this.answered.add(pli));
    const n = this.frames[layer]++;
    const keyFrame = n === 0 || n % 50 === 0 || asked.length > 0;
    this.transport.receive(
      buildRtp({
        payloadType: 96,
        sequenceNumber: n & 0xffff,
        timestamp: Math.round(this.room.now * 90),
        ssrc,
        marker: true,
        payload: vp8Payload({ pictureId: n & 0x7fff, tl0PicIdx: n & 255, keyFrame, size: 100 + layer }),
      }),
    );
  }
}

function watch(room: VirtualRoom, name: string, ssrc: number, spatialLayer: number): Consumer {
  const parameters = vp8Receiver(ssrc);
  parameters.encodings![0].scalabilityMode = 'S3T1';
  return room.transport(name).consume({
    id: name,
    type: 'simulcast',
    rtpParameters: parameters,
    preferredLayers: { spatialLayer },
  });
}

t.test('a layer comes back for the one who wants it, and goes when the last one leaves it', (t) => {
  const room = new VirtualRoom();
  const camera = new Camera(room);
  const small = watch(room, 'small', 5000, 0);
  const large = watch(room, 'large', 6000, 2);
  camera.run(10_000);
  t.same(camera.producer.wantedEncodings, [true, false, true]);
  t.equal(large.currentLayers?.spatialLayer, 2);
  t.equal(small.currentLayers?.spatialLayer, 0);

  const before = camera.frames[1];
  small.setPreferredLayers(room.now, { spatialLayer: 1 });
  camera.run(600);
  t.same(camera.producer.wantedEncodings, [true, true, true], 'as soon as bitrate was allocated for it');
  camera.run(2000);
  t.ok(camera.frames[1] > before);
  t.equal(small.currentLayers?.spatialLayer, 1);

  large.setPreferredLayers(room.now, { spatialLayer: 1 });
  small.pause(room.now);
  camera.run(8000);
  t.same(camera.producer.wantedEncodings, [true, true, false]);
  t.equal(large.currentLayers?.spatialLayer, 1);
  const told = room.events('producer', 'wantedencodingschange');
  t.same(told, [
    [true, false, true],
    [true, true, true],
    [true, true, false],
  ]);
  t.end();
});

t.test('one viewer’s wish does not disturb what another sees', (t) => {
  const room = new VirtualRoom();
  const camera = new Camera(room);
  watch(room, 'small', 5000, 0);
  const restless = watch(room, 'restless', 6000, 2);
  for (let round = 0; round < 10; round++) {
    camera.run(6500);
    restless.setPreferredLayers(room.now, { spatialLayer: round % 3 });
  }
  const changes = room.events('small', 'layerschange');
  t.same(changes, [{ spatialLayer: 0, temporalLayer: 0 }], 'it never changes');
  t.end();
});
