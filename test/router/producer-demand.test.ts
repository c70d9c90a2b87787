import t from 'tap';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { FakeReceiver, ProducerHarness } from '../support/producer-harness.js';
import { vp8Sender } from '../support/virtual-room.js';

const LAYERS = [{ rid: 'lo' }, { rid: 'mid' }, { rid: 'hi' }];

/** A sender that sends the layers in `sending`, 25 frames a second. */
class Camera {
  readonly harness = new ProducerHarness(vp8Sender(LAYERS));
  readonly sending = new Set([0, 1, 2]);
  private readonly frames = [0, 0, 0];

  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += 40) {
      for (const layer of this.sending) this.frame(layer);
      this.harness.advance(40);
    }
  }

  private frame(layer: number): void {
    const n = this.frames[layer]++;
    this.harness.receive(
      layer,
      buildRtp({
        payloadType: 96,
        sequenceNumber: n,
        timestamp: Math.round(this.harness.now * 90),
        ssrc: 100 + layer,
        marker: true,
        payload: vp8Payload({ pictureId: n & 0x7fff, tl0PicIdx: n & 255, keyFrame: n === 0, size: 200 }),
      }),
    );
  }
}

t.test('a layer that nobody watches is given up after five seconds, the lowest never', (t) => {
  const camera = new Camera();
  const { producer } = camera.harness;
  const viewer = new FakeReceiver('a', [2]);
  producer.consumers.push(viewer);
  t.same(producer.wantedEncodings, [true, true, true]);
  camera.run(4900);
  t.same(camera.harness.events('wantedencodingschange'), [], 'not yet');
  camera.run(2000);
  t.same(camera.harness.events('wantedencodingschange'), [[true, false, true]]);
  viewer.wanted.clear();
  camera.run(8000);
  t.same(producer.wantedEncodings, [true, false, false]);
  camera.run(20_000);
  t.equal(camera.harness.events('wantedencodingschange').length, 2, 'told once');
  t.end();
});

t.test('on at once, by the one who wants it or by asking all', (t) => {
  const camera = new Camera();
  const { producer } = camera.harness;
  camera.run(8000);
  t.same(producer.wantedEncodings, [true, false, false]);
  const before = camera.harness.events('wantedencodingschange').length;
  producer.want(camera.harness.now, 1);
  t.same(producer.wantedEncodings, [true, true, false]);
  producer.consumers.push(new FakeReceiver('a', [2]));
  producer.updateDemand(camera.harness.now);
  t.same(producer.wantedEncodings, [true, true, true]);
  t.same(camera.harness.events('wantedencodingschange').slice(before), [
    [true, true, false],
    [true, true, true],
  ]);
  producer.want(camera.harness.now, 17);
  producer.want(camera.harness.now, -1);
  t.equal(camera.harness.events('wantedencodingschange').length, before + 2, 'no such layer: nothing');
  t.end();
});

t.test('viewers who come and go within five seconds are not told of', (t) => {
  const camera = new Camera();
  const { producer } = camera.harness;
  const viewer = new FakeReceiver('a', [1, 2]);
  producer.consumers.push(viewer);
  for (let round = 0; round < 10; round++) {
    camera.run(3000);
    viewer.wanted.delete(2);
    camera.run(3000);
    viewer.wanted.add(2);
  }
  t.same(camera.harness.events('wantedencodingschange'), []);
  t.end();
});

t.test('a layer that its sender stopped by itself is left to its judgement', (t) => {
  const camera = new Camera();
  const { producer } = camera.harness;
  producer.consumers.push(new FakeReceiver('a', [0, 1]));
  camera.run(4000);
  camera.sending.delete(2);
  camera.run(20_000);
  t.same(camera.harness.events('wantedencodingschange'), []);
  t.equal(producer.mayArrive(camera.harness.now, 2), false, 'it cannot be had now');
  camera.sending.add(2);
  camera.run(4000);
  t.same(camera.harness.events('wantedencodingschange'), [], 'it has only just come back');
  camera.run(3000);
  t.same(camera.harness.events('wantedencodingschange'), [[true, true, false]], 'nobody wants it');
  t.end();
});

t.test('a layer that comes back after a long absence is not refused before anybody could want it', (t) => {
  const camera = new Camera();
  const { producer } = camera.harness;
  const viewer = new FakeReceiver('a', [1, 2]);
  producer.consumers.push(viewer);
  camera.run(4000);
  camera.sending.delete(2);
  camera.run(1000);
  // It settles for what comes, as a receiver does.
  viewer.wanted.delete(2);
  camera.run(20_000);
  camera.sending.add(2);
  camera.run(400);
  viewer.wanted.add(2);
  camera.run(4000);
  t.same(camera.harness.events('wantedencodingschange'), [], 'never off, not for a moment');
  t.end();
});

t.test('a layer that was switched off would come; one that does not in five seconds would not', (t) => {
  const camera = new Camera();
  const { producer } = camera.harness;
  camera.run(8000);
  camera.sending.delete(2);
  camera.run(4000);
  t.equal(producer.mayArrive(camera.harness.now, 2), true, 'it was asked off');
  const viewer = new FakeReceiver('a', [2]);
  producer.consumers.push(viewer);
  producer.updateDemand(camera.harness.now);
  camera.run(4000);
  t.equal(producer.mayArrive(camera.harness.now, 2), true, 'encoders take their time');
  camera.run(2000);
  t.equal(producer.mayArrive(camera.harness.now, 2), false);
  t.end();
});
