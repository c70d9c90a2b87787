import t from 'tap';
import type { RtpEncodingParameters } from '#src/rtp/rtp-parameters.js';
import { ProducerHarness } from '../support/producer-harness.js';
import { vp8Sender } from '../support/virtual-room.js';

function expected(encodings: RtpEncodingParameters[], remembered: [number, number][] = []): number[] {
  const { producer } = new ProducerHarness(vp8Sender(encodings));
  for (const [index, bitrate] of remembered) {
    const { rates } = producer.encodings[index];
    rates.began(0, 0);
    for (let now = 0; now <= 5000; now += 20) rates.add(now, 0, 0, (bitrate / 8) * 0.02);
  }
  return encodings.map((_, index) => producer.expectedBitrate(index));
}

t.test('what the sender announced', (t) => {
  t.same(
    expected([
      { rid: 'a', maxBitrate: 100_000 },
      { rid: 'b', maxBitrate: 500_000 },
    ]),
    [100_000, 500_000],
  );
  t.end();
});

t.test('what it was when it was last sent counts for more', (t) => {
  const [low, high] = expected(
    [
      { rid: 'a', maxBitrate: 100_000 },
      { rid: 'b', maxBitrate: 500_000 },
    ],
    [[1, 300_000]],
  );
  t.equal(low, 100_000);
  t.ok(Math.abs(high - 300_000) < 15_000, `${high}`);
  t.end();
});

t.test('a guess from the neighbour: four times for twice the size, three times without sizes', (t) => {
  const sizes = [
    { rid: 'a', scaleResolutionDownBy: 4 },
    { rid: 'b', scaleResolutionDownBy: 2, maxBitrate: 400_000 },
    { rid: 'c', scaleResolutionDownBy: 1 },
  ];
  t.same(expected(sizes), [100_000, 400_000, 1_600_000]);
  t.same(
    expected([{ rid: 'a', maxBitrate: 100_000 }, { rid: 'b' }, { rid: 'c' }]),
    [100_000, 300_000, 900_000],
  );
  t.end();
});

t.test('without any knowledge, what browsers do', (t) => {
  t.same(expected([{ rid: 'a' }, { rid: 'b' }, { rid: 'c' }]), [150_000, 450_000, 1_350_000]);
  t.same(expected([{ ssrc: 1 }]), [500_000]);
  t.end();
});
