import fc from 'fast-check';
import t from 'tap';
import { TransportFeedbackSender } from '#src/bwe/transport-feedback-sender.js';
import { TransportFeedback } from '#src/rtp/rtcp/transport-feedback.js';

/** All that a run of feedback packets says: number to arrival in ms, null for lost. */
function read(sender: TransportFeedbackSender): Map<number, number | null> {
  const said = new Map<number, number | null>();
  const out = new Uint8Array(1500);
  const view = new TransportFeedback();
  for (let packets = 0; sender.pending; packets++) {
    if (packets > 100) throw new Error('feedback without end');
    const end = sender.write(out, 0, 1, 2);
    if (!view.parse(out, 0, end)) throw new Error('not a feedback packet');
    for (let index = 0; index < view.statusCount; index++) {
      said.set(view.sequence(index), view.received(index) ? view.arrivalMs(index) : null);
    }
  }
  return said;
}

t.test('what came and what did not, once', (t) => {
  const sender = new TransportFeedbackSender();
  for (const [number, at] of [
    [65534, 1000],
    [65535, 1010],
    [1, 1030],
  ]) {
    sender.record(at, number);
  }
  const said = read(sender);
  t.same([...said.keys()], [65534, 65535, 0, 1]);
  t.equal(said.get(0), null);
  t.equal(said.get(1)! - said.get(65534)!, 30);
  t.equal(sender.pending, false);
  sender.record(1050, 2);
  t.same([...read(sender).keys()], [2], 'the next one begins where this one ended');
  t.end();
});

t.test('a packet that came late is still told', (t) => {
  const sender = new TransportFeedbackSender();
  sender.record(0, 10);
  sender.record(5, 12);
  t.equal(read(sender).get(11), null);
  sender.record(20, 11);
  t.ok(read(sender).get(11) !== null);
  t.end();
});

t.test('loss is that of the last 32 feedback packets', (t) => {
  const sender = new TransportFeedbackSender();
  t.equal(sender.lossFraction, 0, 'before there is anything');
  let number = 65_000;
  const report = (lost: number): void => {
    for (let index = 0; index < 10; index++, number++) {
      if (index === 0 || index > lost) sender.record(number * 5, number & 0xffff);
    }
    read(sender);
  };
  for (let reports = 0; reports < 32; reports++) report(2);
  t.ok(Math.abs(sender.lossFraction - 0.2) < 0.01, `${sender.lossFraction}, across a wrap of the number`);
  for (let reports = 0; reports < 16; reports++) report(0);
  t.ok(Math.abs(sender.lossFraction - 0.1) < 0.01, String(sender.lossFraction));
  for (let reports = 0; reports < 16; reports++) report(0);
  t.equal(sender.lossFraction, 0);
  t.end();
});

t.test('property: any numbers at any times end in well-formed feedback', (t) => {
  const arrival = fc.record({
    step: fc.integer({ min: -600, max: 40_000 }),
    wait: fc.integer({ min: 0, max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(arrival, fc.boolean()), { maxLength: 100 }), (arrivals) => {
      const sender = new TransportFeedbackSender();
      let number = 5000;
      let now = 0;
      for (const [{ step, wait }, tell] of arrivals) {
        number = (number + (step > 30_000 ? step : step % 7)) & 0xffff;
        now += wait;
        sender.record(now, number);
        if (tell) read(sender);
      }
      read(sender);
      return true;
    }),
  );
  t.end();
});
