import fc from 'fast-check';
import t from 'tap';
import { referenceTimeDiff, TransportFeedback } from '#src/rtp/rtcp/transport-feedback.js';
import { TransportFeedbackBuilder } from '#src/rtp/rtcp/transport-feedback-builder.js';
import { seqAdd } from '#src/rtp/sequence.js';
import { fromHex, toHex, u16, withstands } from '../hostile.js';

const HEAD = '00000001 00000002';

function parse(hex: string): TransportFeedback | null {
  const bytes = fromHex(hex);
  const feedback = new TransportFeedback();
  return feedback.parse(bytes, 0, bytes.length) ? feedback : null;
}

/** [sequence, arrival in ticks since the reference time or null] for each packet. */
function packets(feedback: TransportFeedback): [number, number | null][] {
  return Array.from({ length: feedback.statusCount }, (_, i) => [
    feedback.sequence(i),
    feedback.received(i) ? feedback.arrivalTicks[i] : null,
  ]);
}

t.test('a run of small deltas', async (t) => {
  // 3 packets from 65534, reference 2 x 64 ms, feedback 9; run of 3 x small: 4, 0 and 255 ticks.
  const feedback = parse(`8fcd0006 ${HEAD} fffe0003 00000209 2003 0400ff 000000`);
  t.ok(feedback);
  if (feedback === null) return;
  t.match(feedback, {
    senderSsrc: 1,
    mediaSsrc: 2,
    baseSequence: 65534,
    statusCount: 3,
    receivedCount: 3,
    referenceTime: 2,
    feedbackPacketCount: 9,
  });
  t.same(packets(feedback), [
    [65534, 4],
    [65535, 4],
    [0, 259],
  ]);
  t.equal(feedback.arrivalMs(2), 128 + 64.75);
});

t.test('one-bit vector, two-bit vector, large negative delta', async (t) => {
  // One-bit symbols: received, lost, seven times. Two-bit symbols: large, lost, small, then four lost.
  const feedback = parse(`8fcd0008 ${HEAD} 00640015 00000100 aaaa e100 01010101010101 fffc 08 0000`);
  t.ok(feedback);
  if (feedback === null) return;
  const seen = packets(feedback);
  t.same(
    seen.filter(([, ticks]) => ticks !== null),
    [
      [100, 1],
      [102, 2],
      [104, 3],
      [106, 4],
      [108, 5],
      [110, 6],
      [112, 7],
      [114, 3],
      [116, 11],
    ],
  );
  t.equal(feedback.receivedCount, 9);
  t.equal(seen.length, 21);
});

t.test('malformed feedback', async (t) => {
  t.equal(parse(`8fcd0004 ${HEAD} 00000000 00000000`), null, 'describes nothing');
  t.equal(parse(`8fcd0004 ${HEAD} 00000001 00000000`), null, 'no chunk');
  t.equal(parse(`8fcd0005 ${HEAD} 00000003 00000000 20030000`), null, 'deltas missing');
  t.equal(parse(`8fcd0005 ${HEAD} 00000001 00000000 60010000`), null, 'reserved symbol in a run');
  t.equal(parse(`8fcd0005 ${HEAD} 00000001 00000000 f0000000`), null, 'reserved symbol in a vector');
  t.ok(parse(`8fcd0005 ${HEAD} 0000ffff 00000000 1fff1fff`) === null, 'runs that end early');
  t.ok(parse(`8fcd0005 ${HEAD} 00000005 00000000 1fff0000`), 'a run longer than the count is cut');
});

t.test('a window that ends within a chunk or a delta', async (t) => {
  const lost = fromHex(`8fcd0005 ${HEAD} 00000005 00000000 00050000`);
  const late = fromHex(`8fcd0005 ${HEAD} 00000001 00000000 40011234`);
  const feedback = new TransportFeedback();
  t.ok(feedback.parse(lost, 0, 22), 'one whole chunk');
  t.notOk(feedback.parse(lost, 0, 21));
  t.ok(feedback.parse(late, 0, 24), 'one whole large delta');
  t.equal(feedback.arrivalTicks[0], 0x1234);
  t.notOk(feedback.parse(late, 0, 23));
});

t.test('the largest feedback that a datagram can describe', async (t) => {
  const bytes = fromHex(`8fcd0009 ${HEAD} 0005ffff 00000000 1fff1fff1fff1fff1fff1fff1fff1fff1fff 0000`);
  const feedback = new TransportFeedback();
  t.ok(feedback.parse(bytes, 0, bytes.length));
  t.equal(feedback.statusCount, 65535);
  t.equal(feedback.receivedCount, 0);
  t.equal(feedback.sequence(65534), 3);
});

t.test('reference times wrap', async (t) => {
  t.equal(referenceTimeDiff(1, 0xffffff), 2);
  t.equal(referenceTimeDiff(0xffffff, 1), -2);
});

t.test('the builder, byte by byte', async (t) => {
  const builder = new TransportFeedbackBuilder();
  const out = new Uint8Array(100);
  builder.begin(10);
  t.equal(builder.write(out, 0, 1, 2, 3), -1, 'nothing was added');
  t.ok(builder.add(11, 65));
  t.ok(builder.add(12, 65.25));
  t.ok(builder.add(14, 64.5));
  t.equal(builder.statusCount, 5);
  t.equal(builder.write(out, 0, 1, 2, 3), 28);
  // Reference 1 x 64 ms; lost, small, small, lost, large as two-bit symbols; deltas 4, 1, -3 ticks.
  t.equal(
    toHex(out.subarray(0, 28)),
    '8fcd0006' + '00000001' + '00000002' + '000a0005' + '00000103' + 'c520' + '0401fffd' + '0000',
  );
});

t.test('what the builder refuses', async (t) => {
  const builder = new TransportFeedbackBuilder();
  builder.begin(100);
  t.notOk(builder.add(99, 0), 'before the base');
  t.ok(builder.add(100, 1000));
  t.notOk(builder.add(100, 1000), 'the same packet again');
  t.notOk(builder.add(101, 1000 + 8192), 'a delta of 32768 ticks');
  t.ok(builder.add(101, 1000 + 8191.75), '32767 ticks');
  t.notOk(builder.add(102, 1000 - 0.5), '-32769 ticks');
  t.ok(builder.add(102, 1000 - 0.25), '-32768 ticks');
  t.throws(() => new TransportFeedbackBuilder(39), RangeError);
});

interface Arrival {
  seq: number;
  /** In ticks of 250 us. */
  ticks: number;
}

/** What a receiver does every 100 ms: as many packets of feedback as it takes. */
function report(arrivals: readonly Arrival[], base: number, maxLength: number): Uint8Array[] {
  const builder = new TransportFeedbackBuilder(maxLength);
  const written: Uint8Array[] = [];
  const out = new Uint8Array(maxLength + 3);
  const flush = () => {
    if (builder.statusCount === 0) return;
    const end = builder.write(out, 3, 1, 2, written.length & 0xff);
    if (end < 0 || end > out.length) throw new Error(`${end} exceeds the limit of ${maxLength}`);
    written.push(out.slice(3, end));
  };
  builder.begin(base);
  for (const { seq, ticks } of arrivals) {
    if (builder.add(seq & 0xffff, ticks / 4)) continue;
    flush();
    builder.begin(seq & 0xffff);
    if (!builder.add(seq & 0xffff, ticks / 4)) throw new Error('a fresh builder refused a packet');
  }
  flush();
  return written;
}

const step = fc.record({
  gap: fc.oneof(
    { arbitrary: fc.constant(1), weight: 8 },
    { arbitrary: fc.integer({ min: 2, max: 40 }), weight: 2 },
    { arbitrary: fc.integer({ min: 41, max: 20_000 }), weight: 1 },
  ),
  ticks: fc.oneof(
    { arbitrary: fc.nat(255), weight: 8 },
    { arbitrary: fc.integer({ min: -2000, max: 4000 }), weight: 2 },
    { arbitrary: fc.integer({ min: -40_000, max: 40_000 }), weight: 1 },
  ),
});

t.test('any arrivals survive build and parse, split as needed', async () => {
  const feedback = new TransportFeedback();
  fc.assert(
    fc.property(
      u16,
      fc.nat(30),
      fc.array(step, { minLength: 1, maxLength: 600, size: 'max' }),
      fc.constantFrom(40, 64, 200, 1200),
      (start, lead, steps, maxLength) => {
        let seq = start + lead;
        let ticks = 10_000_000;
        const arrivals = steps.map((one) => {
          const arrival = { seq, ticks };
          seq += one.gap;
          ticks += one.ticks;
          return arrival;
        });
        const seen = new Map<number, number>();
        let next = 0;
        for (const bytes of report(arrivals, start, maxLength)) {
          if (bytes.length % 4 !== 0 || !feedback.parse(bytes, 0, bytes.length)) return false;
          let index = next;
          for (let i = 0; i < feedback.statusCount; i++) {
            if (!feedback.received(i)) continue;
            const arrival = arrivals[index++];
            if (feedback.sequence(i) !== (arrival.seq & 0xffff)) return false;
            if (feedback.arrivalMs(i) * 4 !== arrival.ticks) return false;
            seen.set(arrival.seq, arrival.ticks);
          }
          if (index - next !== feedback.receivedCount) return false;
          next = index;
        }
        return next === arrivals.length && seen.size === arrivals.length;
      },
    ),
    { numRuns: 300 },
  );
});

t.test('chunks stay compact', async (t) => {
  const inOrder = Array.from({ length: 500 }, (_, i) => ({ seq: i, ticks: i * 8 }));
  t.equal(report(inOrder, 0, 1200)[0].length, 20 + 2 + 500 + 2, 'no loss: one run');
  const everySecond = Array.from({ length: 140 }, (_, i) => ({ seq: i * 2, ticks: i * 8 }));
  t.equal(report(everySecond, 0, 1200)[0].length, 20 + 2 * 20 + 140, 'small deltas only: 14 symbols a chunk');
});

t.test('a hole between two feedback packets is not described twice', async (t) => {
  const [first, second] = report(
    [
      { seq: 65535, ticks: 0 },
      { seq: 65536 + 4, ticks: 100_000 },
    ],
    65535,
    1200,
  );
  const feedback = new TransportFeedback();
  t.ok(feedback.parse(first, 0, first.length));
  t.equal(seqAdd(feedback.baseSequence, feedback.statusCount), 0);
  t.ok(feedback.parse(second, 0, second.length));
  t.equal(feedback.baseSequence, 4);
});

t.test('hostile bytes', async () => {
  const feedback = new TransportFeedback();
  const samples = [
    fromHex(`8fcd0006 ${HEAD} fffe0003 00000209 2003 0400ff 000000`),
    fromHex(`8fcd0008 ${HEAD} 00640015 00000100 aaaa e100 01010101010101 fffc 08 0000`),
  ];
  withstands((bytes, offset, length) => {
    if (!feedback.parse(bytes, offset, length))
      return { facts: [feedback.statusCount, feedback.receivedCount] };
    let received = 0;
    let sum = 0;
    for (let i = 0; i < feedback.statusCount; i++) {
      if (feedback.received(i)) received++;
      sum += feedback.arrivalTicks[i];
    }
    if (received !== feedback.receivedCount)
      throw new Error(`${received} of ${feedback.receivedCount} received`);
    return { facts: [feedback.baseSequence, feedback.statusCount, received, sum] };
  }, samples);
});
