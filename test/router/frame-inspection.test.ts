import t from 'tap';
import type { RtpParameters } from '#src/rtp/rtp-parameters.js';
import { descriptorBytes, type FrameSpec, L1T3, L3T3 } from '../rtp/codecs/dependency-bits.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { FakeReceiver, ProducerHarness } from '../support/producer-harness.js';
import { vp8Sender } from '../support/virtual-room.js';

const DESCRIPTOR_ID = 11;

function sender(mimeType: string): RtpParameters {
  const parameters = vp8Sender([{ ssrc: 100 }]);
  const uri =
    'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension' as const;
  const [media, rtx] = parameters.codecs;
  return {
    ...parameters,
    codecs: [{ ...media, mimeType }, rtx],
    headerExtensions: [{ uri, id: DESCRIPTOR_ID }],
  };
}

/** What end-to-end encryption leaves: nothing that a codec would recognise. */
const SEALED = new Uint8Array(200).fill(0xff);

class Source {
  readonly viewer = new FakeReceiver('viewer', [0]);
  private sequenceNumber = 0;

  constructor(
    readonly harness: ProducerHarness,
    private readonly ssrc = 100,
  ) {
    harness.producer.consumers.push(this.viewer);
  }

  send(payload: Uint8Array, frame: FrameSpec | null): FakeReceiver['forwarded'][number] {
    const data = frame === null ? null : descriptorBytes(frame);
    this.harness.receive(
      0,
      buildRtp({
        payloadType: 96,
        sequenceNumber: this.sequenceNumber,
        timestamp: this.sequenceNumber++ * 3000,
        ssrc: this.ssrc,
        payload,
        twoByteExtensions: true,
        extensions: data === null ? [] : [{ id: DESCRIPTOR_ID, data }],
      }),
    );
    return this.viewer.forwarded.at(-1)!;
  }
}

t.test('the dependency descriptor tells key frames and layers of a sealed AV1 payload', (t) => {
  const source = new Source(new ProducerHarness(sender('video/AV1')));
  const first = source.send(SEALED, { templateId: 60, frameNumber: 1, structure: L3T3, end: false });
  t.equal(first.keyFrame, true);
  t.equal(first.startOfFrame, true);
  t.equal(first.endOfFrame, false);
  t.equal(first.structure?.decodeTargetCount, 9);
  t.ok(first.dependency);
  const upper = source.send(SEALED, { templateId: (60 + 11) & 63, frameNumber: 12 });
  t.equal(upper.keyFrame, false);
  t.equal(upper.spatialLayer, 2);
  t.equal(upper.temporalLayer, 2);
  t.equal(upper.interLayer, true);
  const rates = source.harness.producer.encodings[0].rates.byLayer(source.harness.now);
  t.same(Object.keys(rates), ['0.0', '2.2'], 'and their bitrates');
  t.end();
});

t.test('it comes before what the payload says, and picture ids stay', (t) => {
  const source = new Source(new ProducerHarness(sender('video/VP8')));
  const payload = vp8Payload({ pictureId: 77, tl0PicIdx: 5, keyFrame: true });
  const packet = source.send(payload, { templateId: 1, frameNumber: 1, structure: L1T3 });
  t.equal(packet.keyFrame, true);
  t.equal(packet.pictureId, 77);
  t.equal(packet.tl0PicIdx, 5);
  const delta = vp8Payload({ pictureId: 78, tl0PicIdx: 5, keyFrame: false });
  const next = source.send(delta, { templateId: 4, frameNumber: 2 });
  t.equal(next.temporalLayer, 2);
  t.equal(next.pictureId, 78);
  t.end();
});

t.test('a packet without a descriptor, or with one that cannot be read, is read by its payload', (t) => {
  const source = new Source(new ProducerHarness(sender('video/VP8')));
  const key = vp8Payload({ pictureId: 1, tl0PicIdx: 1, keyFrame: true });
  const without = source.send(key, null);
  t.equal(without.keyFrame, true);
  t.equal(without.dependency, null);
  t.equal(without.structure, null);
  const unknown = source.send(key, { templateId: 3, frameNumber: 9 });
  t.equal(unknown.keyFrame, true, 'there was no structure yet');
  t.equal(unknown.dependency, null);
  t.end();
});

t.test('a new stream does not go by the structure of the one before', (t) => {
  const harness = new ProducerHarness(sender('video/AV1'));
  const source = new Source(harness);
  source.send(SEALED, { templateId: 1, frameNumber: 1, structure: L1T3 });
  t.ok(source.send(SEALED, { templateId: 2, frameNumber: 2 }).dependency);
  harness.producer.openStream(harness.now, 0, 555, 96);
  t.equal(source.send(SEALED, { templateId: 2, frameNumber: 3 }).dependency, null);
  t.end();
});
