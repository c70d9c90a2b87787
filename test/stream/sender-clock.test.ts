import t from 'tap';
import { ntpFraction, ntpSeconds } from '#src/stream/ntp.js';
import { SenderClock, SenderReportMapping } from '#src/stream/sender-clock.js';

const SENDER_EPOCH = 1_600_000_000_000;

function report(mapping: SenderReportMapping, arrival: number, senderMs: number, timestamp: number): void {
  const unix = SENDER_EPOCH + senderMs;
  mapping.update(arrival, ntpSeconds(unix), ntpFraction(unix), timestamp);
}

t.test('audio and video of one sender stay in step, whatever delay their reports met', (t) => {
  const clock = new SenderClock();
  const audio = new SenderReportMapping(clock, 48000);
  const video = new SenderReportMapping(clock, 90000);
  report(audio, 1020, 1000, 0);
  report(video, 1180, 1000, 0);
  t.equal(audio.timestampAt(2020) / 48000, video.timestampAt(2020) / 90000);
  t.equal(Math.round((video.timestampAt(2020) / 90000) * 1000), 1000, 'by the report with the least delay');
  t.end();
});

t.test('two layers meet on the sender’s clock', (t) => {
  const clock = new SenderClock();
  const low = new SenderReportMapping(clock, 90000);
  const high = new SenderReportMapping(clock, 90000);
  report(low, 0, 0, 1000);
  report(high, 0, 500, 4_000_000_000);
  const captured = high.captureTime(4_000_000_000 + 9000);
  t.equal(low.timestampOf(captured), 1000 + 0.6 * 90000);
  t.end();
});
