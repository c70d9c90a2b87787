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

t.test('two senders on one transport whose clocks are an hour apart keep their own time', (t) => {
  const clock = new SenderClock();
  const ahead = new SenderReportMapping(clock, 90000);
  const behind = new SenderReportMapping(clock, 90000);
  const sound = new SenderReportMapping(clock, 48000);
  const HOUR = 3_600_000;
  for (let at = 0; at <= 10_000; at += 1000) {
    report(ahead, at + 20, HOUR + at, at * 90);
    report(behind, at + 30, at, at * 90);
    report(sound, at + 120, at, at * 48);
  }
  // Media of the moment 10 s is what arrives now, with the least delay that its sender's reports met.
  t.ok(Math.abs(ahead.timestampAt(10_020) / 90 - 10_000) < 10, `${ahead.timestampAt(10_020) / 90} ms`);
  t.ok(Math.abs(behind.timestampAt(10_030) / 90 - 10_000) < 10, `${behind.timestampAt(10_030) / 90} ms`);
  t.equal(Math.round(sound.timestampAt(20_000) / 48), Math.round(behind.timestampAt(20_000) / 90), 'in step');
  t.end();
});

t.test('a clock that was set takes its streams along, one report after the other', (t) => {
  const clock = new SenderClock();
  const audio = new SenderReportMapping(clock, 48000);
  const video = new SenderReportMapping(clock, 90000);
  report(audio, 1000, 1000, 48_000);
  report(video, 1000, 1000, 90_000);
  report(audio, 2000, 62_000, 96_000);
  t.equal(video.timestampAt(2000), 180_000, 'until its own report comes, video goes by the old clock');
  report(video, 3000, 63_000, 270_000);
  t.equal(audio.timestampAt(4000) / 48, 4000);
  t.equal(video.timestampAt(4000) / 90, 4000);
  t.end();
});

t.test('clocks without number are not kept', (t) => {
  const clock = new SenderClock();
  const mapping = new SenderReportMapping(clock, 90000);
  t.equal(mapping.known, false);
  for (let n = 0; n < 1000; n++) report(mapping, n, n * 10_000, 0);
  t.equal(mapping.known, true);
  t.equal(Math.round(mapping.timestampAt(999)), 0, 'the last one counts');
  t.end();
});
