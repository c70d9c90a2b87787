import fc from 'fast-check';
import t from 'tap';
import { BandwidthEstimator } from '#src/bwe/bandwidth-estimator.js';
import type { EstimateTrace } from '#src/bwe/congestion-types.js';
import { anyFeedback, fill, feedback } from './support.js';
import { TransportFeedback } from '#src/rtp/rtcp/transport-feedback.js';

const PACKET = 1200;

/** A constant source over a drop-tail link: enough of a path to see what the estimator makes of it. */
class Path {
  now = 0;
  capacity = 1_000_000;
  lost = false;
  private sequence = 65_000;
  private freeAt = 0;
  private due = 0;
  private readonly flying: { number: number; arrival: number }[] = [];
  private nextFeedback = 100;
  private feedbackCount = 0;
  private readonly answers: { at: number; numbers: { number: number; arrival: number }[] }[] = [];
  private readonly view = new TransportFeedback();

  constructor(private readonly estimator: BandwidthEstimator) {}

  /** Sends `share` of the target, probes as asked for. */
  run(ms: number, share = 1): void {
    const { estimator } = this;
    for (const end = this.now + ms; this.now < end; this.now++) {
      if (this.now >= estimator.nextTimeout()) {
        estimator.handleTimeout(this.now);
        if (this.now >= estimator.nextTimeout()) throw new Error(`still due at ${this.now}`);
      }
      const probe = estimator.takeProbe();
      if (probe !== null) {
        const gap = (PACKET * 8000) / probe.bitrate;
        const count = Math.max(probe.minPackets, Math.ceil(probe.minBytes / PACKET));
        for (let i = 0; i < count; i++) this.send(this.now + i * gap, probe.id);
      }
      this.due += (estimator.targetBitrate * share) / 8000;
      for (; this.due >= PACKET; this.due -= PACKET) this.send(this.now, -1);
      this.answer();
    }
  }

  private send(at: number, probe: number): void {
    const number = this.sequence++;
    this.estimator.packetSent(at, number & 0xffff, PACKET, probe);
    const leave = Math.max(this.freeAt, at) + (PACKET * 8000) / this.capacity;
    if (this.lost || leave - at > 300) return;
    this.freeAt = leave;
    this.flying.push({ number, arrival: leave + 50 });
  }

  private answer(): void {
    if (this.now >= this.nextFeedback) {
      this.nextFeedback += 100;
      const numbers = this.flying.filter(({ arrival }) => arrival <= this.now);
      this.flying.splice(0, this.flying.length, ...this.flying.filter(({ arrival }) => arrival > this.now));
      if (numbers.length > 0 && !this.lost) this.answers.push({ at: this.now + 50, numbers });
    }
    while (this.answers.length > 0 && this.answers[0].at <= this.now)
      this.deliver(this.answers.shift()!.numbers);
  }

  private deliver(numbers: { number: number; arrival: number }[]): void {
    const first = numbers[0].number;
    const arrivals: (number | null)[] = new Array<number | null>(numbers.at(-1)!.number - first + 1).fill(
      null,
    );
    const reference = Math.floor(numbers[0].arrival / 64);
    for (const { number, arrival } of numbers) arrivals[number - first] = arrival - reference * 64;
    fill(this.view, first & 0xffff, arrivals, (reference + 0xfffff0) & 0xffffff, this.feedbackCount++ & 0xff);
    this.estimator.receiveFeedback(this.now, this.view);
  }
}

function connect(initialBitrate = 300_000): { estimator: BandwidthEstimator; path: Path } {
  const estimator = new BandwidthEstimator({ initialBitrate });
  return { estimator, path: new Path(estimator) };
}

t.test(
  'from 300 kbps to 2.5 Mbps within three seconds, across the wrap of sequence numbers and times',
  (t) => {
    const { estimator, path } = connect();
    path.capacity = 2_500_000;
    while (estimator.targetBitrate < 2_250_000 && path.now < 3000) path.run(50);
    t.ok(path.now < 3000, `${path.now}`);
    t.ok(estimator.targetBitrate < 3_500_000);
    t.ok(estimator.roundTripMs >= 100 && estimator.roundTripMs < 250);
    path.run(10_000);
    t.ok(estimator.acknowledgedBitrate(path.now) > 1_900_000);
    t.end();
  },
);

t.test('below a capacity that dropped within a second, and up again after it rose', (t) => {
  const { estimator, path } = connect();
  path.capacity = 2_500_000;
  path.run(10_000);
  path.capacity = 600_000;
  path.run(1000);
  t.ok(estimator.targetBitrate <= 600_000, `${estimator.targetBitrate}`);
  path.run(10_000);
  t.ok(estimator.targetBitrate > 400_000);
  path.capacity = 2_000_000;
  const risen = path.now;
  while (estimator.targetBitrate < 1_800_000 && path.now < risen + 5000) path.run(50);
  t.ok(path.now < risen + 5000, `${estimator.targetBitrate}`);
  t.end();
});

t.test('sending little is being limited by the application, and keeps the estimate', (t) => {
  const { estimator, path } = connect();
  path.capacity = 2_000_000;
  path.run(5000);
  t.equal(estimator.applicationLimited, false);
  const before = estimator.targetBitrate;
  estimator.setDemand(path.now, 200_000, 200_000);
  path.run(4000, 0.1);
  t.equal(estimator.applicationLimited, true);
  t.ok(estimator.targetBitrate >= before * 0.8);
  t.end();
});

t.test('sending at two thirds of the estimate ends where a step that is wanted fits', (t) => {
  const { estimator, path } = connect(900_000);
  path.capacity = 5_000_000;
  estimator.setDemand(0, 600_000, 600_000);
  path.run(3000, 0.66);
  estimator.setDemand(path.now, 600_000, 2_000_000);
  path.run(4000, 0.66);
  t.ok(estimator.targetBitrate >= 2_000_000, `${estimator.targetBitrate}`);
  t.ok(estimator.targetBitrate <= 2_700_000, 'and not far above it');
  t.end();
});

t.test('an outage of two seconds: less is sent, and soon after all as before', (t) => {
  const { estimator, path } = connect();
  path.capacity = 2_000_000;
  path.run(8000);
  const before = estimator.targetBitrate;
  path.lost = true;
  path.run(2000);
  t.ok(estimator.targetBitrate < before / 3);
  t.ok(estimator.pacingBitrate < before / 2);
  path.lost = false;
  path.run(1000);
  t.ok(estimator.targetBitrate > before * 0.6, `${estimator.targetBitrate} of ${before}`);
  t.ok(estimator.lossFraction < 0.1, 'the outage is no loss rate');
  t.end();
});

t.test('without transport-wide feedback the receiver decides, with it REMB says nothing', (t) => {
  const alone = new BandwidthEstimator({ initialBitrate: 600_000 });
  alone.receiveRemb(0, 1_500_000);
  t.equal(alone.targetBitrate, 1_500_000);
  alone.receiveRemb(1000, 200_000);
  t.equal(alone.targetBitrate, 200_000);
  alone.receiveRemb(1000, Number.NaN);
  t.equal(alone.targetBitrate, 200_000);
  const { estimator, path } = connect();
  path.capacity = 2_000_000;
  path.run(3000);
  const before = estimator.targetBitrate;
  estimator.receiveRemb(path.now, 10_000_000);
  t.equal(estimator.targetBitrate, before);
  estimator.receiveRemb(path.now, 20_000);
  t.equal(estimator.targetBitrate, before);
  // Then feedback stays away, and only REMB still comes.
  for (let ms = 100, number = 0; ms <= 8000; ms += 100, number++) {
    estimator.packetSent(path.now + ms, number & 0xffff, 1000, -1);
    estimator.handleTimeout(path.now + ms);
    if (ms % 1000 === 0) estimator.receiveRemb(path.now + ms, 400_000);
  }
  t.equal(estimator.targetBitrate, 400_000, 'all of it, however long the feedback was missed before');
  t.end();
});

t.test('limits hold, and can be lifted', (t) => {
  const { estimator, path } = connect();
  estimator.setLimits(0, 100_000, 800_000);
  path.capacity = 5_000_000;
  path.run(3000);
  t.equal(estimator.targetBitrate, 800_000);
  estimator.setLimits(path.now, 1_000_000, 0);
  t.equal(estimator.targetBitrate, 1_000_000);
  estimator.setLimits(path.now, 0, 0);
  path.run(4000);
  t.ok(estimator.targetBitrate > 3_000_000);
  t.end();
});

t.test('the explanation has all inputs and the decision, and costs nothing when nobody listens', (t) => {
  const { estimator, path } = connect();
  const lines: EstimateTrace[] = [];
  path.run(100);
  estimator.onTrace = (line) => void lines.push(line);
  path.run(2000);
  t.ok(lines.length >= 15);
  const names = ['trend', 'threshold', 'usage', 'acknowledged', 'loss', 'lossLimit', 'delayLimit'];
  for (const name of [...names, 'decision', 'alr', 'probe', 'rtt', 'inflight', 'queue'])
    t.ok(name in lines[0], name);
  t.ok(lines.some(({ decision }) => decision === 'probe'));
  t.equal(lines.at(-1)!.targetBitrate, estimator.targetBitrate);
  estimator.onTrace = null;
  const { length } = lines;
  path.run(500);
  t.equal(lines.length, length);
  t.end();
});

t.test('feedback 300 s late, twice, and on packets never sent', (t) => {
  const { estimator, path } = connect();
  path.run(2000);
  const before = estimator.targetBitrate;
  const said = feedback(65_000, [1, 2, 3]);
  estimator.receiveFeedback(302_000, said);
  estimator.receiveFeedback(302_000, said);
  estimator.receiveFeedback(302_000, feedback(30_000, [1, null, 3]));
  t.ok(Number.isFinite(estimator.targetBitrate));
  t.ok(estimator.targetBitrate <= before * 1.1);
  t.end();
});

t.test('property: the target stays finite and within the limits whatever comes', (t) => {
  const event = fc.oneof(
    { weight: 4, arbitrary: anyFeedback },
    fc.record({ remb: fc.oneof(fc.double(), fc.integer({ min: 0, max: 10_000_000 })) }),
    fc.record({ roundTrip: fc.double() }),
    fc.record({ wanted: fc.integer({ min: 0, max: 20_000_000 }) }),
  );
  const step = fc.record({
    event,
    wait: fc.integer({ min: 0, max: 3000 }),
    packets: fc.integer({ min: 0, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 0xffff }), (steps, first) => {
      const limits = { initialBitrate: 300_000, minBitrate: 50_000, maxBitrate: 5_000_000 };
      const estimator = new BandwidthEstimator(limits);
      let now = 0;
      let number = first;
      return steps.every(({ event, wait, packets }) => {
        now += wait;
        if (estimator.nextTimeout() <= now) estimator.handleTimeout(now);
        if (estimator.nextTimeout() <= now) return false;
        const probe = estimator.takeProbe();
        for (let i = 0; i < packets; i++)
          estimator.packetSent(now + i, number++ & 0xffff, 1200, probe?.id ?? -1);
        if ('remb' in event) estimator.receiveRemb(now, event.remb);
        else if ('roundTrip' in event) estimator.receiveRoundTrip(now, event.roundTrip);
        else if ('wanted' in event) estimator.setDemand(now, 0, event.wanted);
        else {
          // Mostly on packets that were sent.
          event.baseSequence = (number - (event.baseSequence % 100)) & 0xffff;
          estimator.receiveFeedback(now, event);
        }
        const { targetBitrate, pacingBitrate, roundTripMs, lossFraction } = estimator;
        return (
          targetBitrate >= 50_000 &&
          targetBitrate <= 5_000_000 &&
          Number.isFinite(pacingBitrate) &&
          roundTripMs >= 0 &&
          lossFraction >= 0 &&
          lossFraction <= 1
        );
      });
    }),
  );
  t.end();
});
