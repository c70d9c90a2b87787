import t from 'tap';
import { RetransmissionIndex, RetransmissionVerdict } from '#src/stream/retransmission-index.js';

t.test('finds the source of what was sent', (t) => {
  const index = new RetransmissionIndex();
  index.record(65535, 12, 3);
  t.equal(index.verdict(0, 65535, 50), RetransmissionVerdict.Send);
  t.equal(index.inputOf(65535), 12);
  t.equal(index.tokenOf(65535), 3);
  t.equal(index.verdict(0, 1, 50), RetransmissionVerdict.Unknown);
  t.end();
});

t.test('one answer a round trip, three in all', (t) => {
  const index = new RetransmissionIndex();
  index.record(5, 5, 0);
  t.equal(index.verdict(0, 5, 100), RetransmissionVerdict.Send);
  t.equal(index.verdict(1, 5, 100), RetransmissionVerdict.Send, 'it could not be sent: no answer yet');
  index.answered(0, 5);
  t.equal(index.verdict(60, 5, 100), RetransmissionVerdict.TooSoon);
  t.equal(index.verdict(100, 5, 100), RetransmissionVerdict.Send);
  index.answered(100, 5);
  t.equal(index.verdict(200, 5, 100), RetransmissionVerdict.Send);
  index.answered(200, 5);
  t.equal(index.verdict(900, 5, 100), RetransmissionVerdict.TooOften);
  index.record(5, 900, 1);
  t.equal(index.verdict(901, 5, 100), RetransmissionVerdict.Send, 'another packet under the same number');
  t.end();
});
