import t from 'tap';
import { createLayerFilter } from '#src/router/create-layer-filter.js';
import { ForwardedPacket } from '#src/router/forwarded-packet.js';
import { fromHex, withstands } from '../rtp/hostile.js';
import { DecoderModel } from '../support/decoder-model.js';
import { LayeredStream, type LayeredStreamOptions, PacketReader } from '../support/layered-stream.js';

function start(options: LayeredStreamOptions, target: [number, number]): [LayeredStream, DecoderModel] {
  const stream = new LayeredStream(options);
  const model = new DecoderModel(stream.mimeType, options.coding === 'av1');
  model.filter.setTarget(...target);
  model.receiveAll(stream.picture(true));
  return [stream, model];
}

/** Forwards pictures 1 to `count`. */
function run(stream: LayeredStream, model: DecoderModel, count: number, layers?: number): void {
  for (let index = 0; index < count; index++) model.receiveAll(stream.picture(false, layers));
}

t.test('VP8: down at once, up at a layer sync, one layer at a time', async (t) => {
  const [stream, model] = start({ coding: 'vp8', spatialLayers: 1 }, [0, 2]);
  run(stream, model, 1);
  t.equal(model.layersOf(1), '0.2');
  model.filter.setTarget(0, 0);
  run(stream, model, 2);
  t.same([model.layersOf(2), model.layersOf(3), model.filter.temporalLayer], ['', '', 0]);
  model.filter.setTarget(0, 2);
  run(stream, model, 4);
  t.equal(model.layersOf(6), '', 'no sync in this group');
  run(stream, model, 4);
  t.same(
    [8, 9, 10, 11].map((picture) => model.layersOf(picture)),
    ['0.0', '', '0.1', ''],
  );
  run(stream, model, 2);
  t.equal(model.layersOf(13), '0.2');
  t.notOk(model.filter.needsKeyFrame);
});

for (const coding of ['vp8', 'vp9', 'vp9-flexible', 'av1'] as const) {
  t.test(`${coding}: a base picture that never comes calls for a key frame, after a second`, async (t) => {
    const [stream, model] = start({ coding, spatialLayers: 1 }, [0, 2]);
    run(stream, model, 3);
    const [lost] = stream.picture(false);
    t.equal(lost.frame.temporal, 0);
    run(stream, model, 20);
    t.notOk(model.filter.needsKeyFrame, 'it may still be repaired');
    run(stream, model, 20);
    t.ok(model.filter.needsKeyFrame);
    model.receiveAll(stream.picture(true));
    t.notOk(model.filter.needsKeyFrame);
  });

  t.test(`${coding}: one that comes late was only late`, async (t) => {
    const [stream, model] = start({ coding, spatialLayers: 1 }, [0, 0]);
    run(stream, model, 3);
    const [late] = stream.picture(false);
    run(stream, model, 10);
    t.ok(model.receive(late));
    run(stream, model, 40);
    t.notOk(model.filter.needsKeyFrame);
    const [unwanted] = stream.picture(false);
    t.equal(unwanted.frame.temporal, 2);
    run(stream, model, 5);
    t.notOk(model.receive(unwanted), 'a late picture of a layer that is not forwarded');
    t.same(model.faults(), []);
  });
}

for (const coding of ['vp9', 'av1'] as const) {
  t.test(`${coding} full SVC: down at the next picture, up by a key frame`, async (t) => {
    const [stream, model] = start({ coding, spatialLayers: 3 }, [2, 2]);
    run(stream, model, 4);
    t.equal(model.layersOf(4), '0.0 1.0 2.0');
    model.filter.setTarget(0, 1);
    run(stream, model, 2);
    t.same([model.layersOf(5), model.layersOf(6)], ['', '0.1']);
    t.notOk(model.filter.needsKeyFrame);
    run(stream, model, 4);
    model.filter.setTarget(1, 2);
    run(stream, model, 6);
    t.ok(model.filter.needsKeyFrame);
    t.equal(model.filter.spatialLayer, 0);
    model.receiveAll(stream.picture(true));
    t.equal(model.layersOf(17), '0.0 1.0');
    t.notOk(model.filter.needsKeyFrame);
  });

  t.test(
    `${coding} k-SVC: only what is shown is sent; down takes a key frame, the frame rate gives way at once`,
    async (t) => {
      const [stream, model] = start({ coding, spatialLayers: 3, dependencies: 'key' }, [2, 2]);
      run(stream, model, 4);
      t.equal(model.layersOf(4), '2.0');
      model.filter.setTarget(0, 2);
      run(stream, model, 4);
      t.same(
        [5, 6, 7, 8].map((picture) => model.layersOf(picture)),
        ['', '', '', '2.0'],
      );
      t.ok(model.filter.needsKeyFrame);
      model.receiveAll(stream.picture(true));
      run(stream, model, 1);
      t.same([model.layersOf(9), model.layersOf(10)], ['0.0', '0.2']);
      t.notOk(model.filter.needsKeyFrame);
    },
  );

  t.test(`${coding}: a sender that drops its highest layer, and takes it up again`, async (t) => {
    const [stream, model] = start({ coding, spatialLayers: 3 }, [2, 2]);
    run(stream, model, 7, 3);
    run(stream, model, 8, 2);
    t.same([model.layersOf(8), model.layersOf(15)], ['0.0 1.0', '0.2 1.2']);
    t.equal(model.markersOf(15), 1);
    t.equal(model.filter.spatialLayer, 1);
    t.notOk(model.filter.needsKeyFrame, 'what is not sent is not asked for');
    run(stream, model, 2, 3);
    t.equal(model.layersOf(16), '0.0 1.0 2.0');
    t.equal(model.filter.spatialLayer, 2);
    t.same(model.faults(), []);
  });
}

t.test('who gets which decode targets', async (t) => {
  const [stream, model] = start({ coding: 'av1', spatialLayers: 3 }, [1, 1]);
  t.equal(
    model.filter.decodeTargets,
    0b110110000,
    '1.1, 1.0, 0.1 and 0.0; targets are numbered from the highest',
  );
  model.filter.setTarget(0, 2);
  run(stream, model, 4);
  t.equal(model.filter.decodeTargets, 0b111000000);
  const [, key] = start({ coding: 'av1', spatialLayers: 3, dependencies: 'key' }, [2, 1]);
  t.equal(key.filter.decodeTargets, 0b110, 'of k-SVC nothing below the layer');
  t.equal(createLayerFilter('video/VP8', false).decodeTargets, -1);
});

t.test('without the descriptor that was negotiated the codec bytes decide', async (t) => {
  const stream = new LayeredStream({ coding: 'vp9', spatialLayers: 3 });
  const model = new DecoderModel(stream.mimeType, true);
  model.filter.setTarget(1, 2);
  model.receiveAll(stream.picture(true));
  t.equal(model.layersOf(0), '0.0 1.0');
  t.equal(model.filter.decodeTargets, -1);
  t.equal(model.markersOf(0), 1);
});

t.test('other codecs pass through', async (t) => {
  const filter = createLayerFilter('audio/opus', false);
  const packet = new ForwardedPacket();
  filter.setTarget(0, 0);
  filter.begin(packet);
  t.ok(filter.admits(packet));
  packet.marker = true;
  t.ok(filter.marker(packet));
  t.match(filter, { spatialLayer: 0, temporalLayer: 0, needsKeyFrame: false });
});

for (const coding of ['vp8', 'vp9', 'av1'] as const) {
  t.test(`hostile bytes, ${coding}`, async () => {
    const stream = new LayeredStream({ coding, spatialLayers: coding === 'vp8' ? 1 : 3 });
    const samples = [stream.picture(true), stream.picture(false), stream.picture(false)].flat();
    withstands(
      (bytes, offset, length) => {
        if (offset + length > bytes.length) return { facts: [] };
        const filter = createLayerFilter(stream.mimeType, coding === 'av1');
        const reader = new PacketReader(stream.mimeType);
        const answers: unknown[] = [];
        for (const [index, sample] of [...samples, ...samples].entries()) {
          const hostile = index % 3 === 1;
          const data = bytes.slice(offset, offset + length);
          const payload = hostile && coding !== 'av1' ? data : sample.payload;
          const descriptor = hostile && coding === 'av1' ? data : sample.descriptor;
          const packet = reader.read({ ...sample, payload, descriptor });
          if (index === 0) filter.begin(packet);
          answers.push(
            filter.admits(packet),
            filter.marker(packet),
            filter.needsKeyFrame,
            filter.decodeTargets,
          );
          answers.push(filter.spatialLayer, filter.temporalLayer);
          filter.setTarget(index % 3, index % 2);
        }
        return { facts: answers };
      },
      [...samples.map((sample) => sample.descriptor ?? sample.payload), fromHex('ff')],
      200,
    );
  });
}
