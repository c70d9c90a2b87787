import t from 'tap';
import { ReportBlock } from '#src/rtp/rtcp/report-block.js';
import { SendStream } from '#src/stream/send-stream.js';

const UNIX = 1_700_000_000_000;

function report(stream: SendStream, highestSequence: number, cumulativeLost: number): void {
  const block = new ReportBlock();
  block.highestSequence = highestSequence;
  block.cumulativeLost = cumulativeLost;
  stream.receiveReportBlock(UNIX, block);
}

t.test('the score follows the receiver’s reports', (t) => {
  const stream = new SendStream(1, 2, 90000);
  t.equal(stream.score, 10);
  report(stream, 1000, 500);
  t.equal(stream.score, 10, 'what was before the first report is not known');
  for (let n = 1; n <= 8; n++) report(stream, 1000 + n * 100, 500 + n * 20);
  t.equal(stream.score, 4, 'a fifth is lost');
  report(stream, 0, 0);
  t.equal(stream.score, 4, 'a counter that starts again is no interval');
  t.end();
});

t.test('loss that was retransmitted weighs less', (t) => {
  const stream = new SendStream(1, 2, 90000);
  report(stream, 1000, 0);
  for (let n = 1; n <= 8; n++) {
    for (let packet = 0; packet < 10; packet++) stream.retransmitted(n * 1000, 1000);
    report(stream, 1000 + n * 100, n * 10);
  }
  t.equal(stream.score, 9, 'without it, a tenth lost would be 7');
  t.end();
});

t.test('retransmissions have a share of the bitrate, and are measured', (t) => {
  const stream = new SendStream(1, 2, 90000);
  let answered = 0;
  for (let now = 0; now < 20_000; now += 10) {
    stream.sent(now, now * 90, 988, 1000);
    for (let asked = 0; asked < 3; asked++) {
      if (!stream.allowRetransmission(1000)) continue;
      stream.retransmitted(now, 1000);
      answered += 1;
    }
  }
  t.ok(answered <= 1000 + 77, `${answered} answers to 2,000 packets: a half, and a burst`);
  const share = stream.retransmissionRate.rate(20_000) / stream.rate.rate(20_000);
  t.ok(Math.abs(share - 1 / 3) < 0.02, `${share} of what is sent`);
  t.end();
});
