import fc from 'fast-check';
import t from 'tap';
import { RetransmissionIndex, RetransmissionVerdict } from '#src/stream/retransmission-index.js';

t.test('finds the source of what was sent', (t) => {
  const index = new RetransmissionIndex();
  index.record(0, 65535, 12, 3);
  t.equal(index.verdict(0, 65535, 50), RetransmissionVerdict.Send);
  t.equal(index.inputOf(65535), 12);
  t.equal(index.tokenOf(65535), 3);
  t.equal(index.verdict(0, 1, 50), RetransmissionVerdict.Unknown);
  t.end();
});

t.test('one answer a round trip, three in all', (t) => {
  const index = new RetransmissionIndex();
  index.record(0, 5, 5, 0);
  t.equal(index.verdict(0, 5, 100), RetransmissionVerdict.Send);
  t.equal(index.verdict(1, 5, 100), RetransmissionVerdict.Send, 'it could not be sent: no answer yet');
  index.answered(0, 5);
  t.equal(index.verdict(60, 5, 100), RetransmissionVerdict.TooSoon);
  t.equal(index.verdict(100, 5, 100), RetransmissionVerdict.Send);
  index.answered(100, 5);
  t.equal(index.verdict(200, 5, 100), RetransmissionVerdict.Send);
  index.answered(200, 5);
  t.equal(index.verdict(900, 5, 100), RetransmissionVerdict.TooOften);
  index.record(901, 5, 900, 1);
  t.equal(index.verdict(901, 5, 100), RetransmissionVerdict.Send, 'another packet under the same number');
  t.end();
});

t.test('property: what was sent within two seconds is known, up to 1,024 packets, whatever the rate', (t) => {
  const bursts = fc.array(fc.record({ packets: fc.nat(400), pauseMs: fc.nat(1500) }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.nat(65535), fc.nat(2 ** 32), bursts, (first, start, list) => {
      const index = new RetransmissionIndex();
      const sent: { at: number; output: number; input: number; token: number }[] = [];
      let now = start;
      for (const { packets, pauseMs } of list) {
        for (let n = 0; n < packets; n++) {
          const output = (first + sent.length) & 0xffff;
          const packet = { at: now, output, input: (output * 7) & 0xffff, token: sent.length };
          index.record(now, output, packet.input, packet.token);
          sent.push(packet);
          now += 0.1;
        }
        for (const { at, output, input, token } of sent.slice(-1024)) {
          if (now - at >= 1999) continue;
          if (!index.knows(output) || index.inputOf(output) !== input || index.tokenOf(output) !== token)
            return false;
        }
        now += pauseMs;
      }
      return true;
    }),
  );
  t.end();
});

t.test('the table grows between a request and its answer without forgetting', (t) => {
  const index = new RetransmissionIndex();
  index.record(0, 10, 20, 30);
  index.answered(1, 10);
  for (let n = 1; n < 500; n++) index.record(2, 10 + n, n, n);
  t.equal(index.verdict(30, 10, 100), RetransmissionVerdict.TooSoon);
  t.equal(index.tokenOf(10), 30);
  index.clear();
  t.notOk(index.knows(10));
  t.notOk(index.knows(0), 'nor the number that an empty entry reads as');
  t.end();
});

t.test('the clock goes round in 32 bits', (t) => {
  for (const start of [2 ** 31, 2 ** 32]) {
    const index = new RetransmissionIndex();
    index.record(start - 100, 5, 5, 0);
    index.answered(start - 10, 5);
    t.equal(index.verdict(start + 20, 5, 100), RetransmissionVerdict.TooSoon);
    t.equal(index.verdict(start + 90, 5, 100), RetransmissionVerdict.Send);
  }
  t.end();
});
