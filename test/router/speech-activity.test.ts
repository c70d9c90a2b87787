import t from 'tap';
import { MIN_ACTIVITY_SCORE, SpeechActivity } from '#src/router/speech-activity.js';

const START = 10_000;
const LOUD = 30;
const QUIET = 110;

/** Packets of 20 ms: a word of background first, then `levels` (-dBov), the last of them at the end. */
function heard(levels: readonly number[], room = QUIET): { activity: SpeechActivity; now: number } {
  const activity = new SpeechActivity();
  let now = START;
  for (let packet = 0; packet < 10; packet++, now += 20) activity.record(now, room);
  for (const level of levels) {
    activity.record(now, level);
    now += 20;
  }
  activity.evaluate(now - 20);
  return { activity, now: now - 20 };
}

const times = (count: number, level: number): number[] => new Array<number>(count).fill(level);

const silent = { immediate: MIN_ACTIVITY_SCORE, medium: MIN_ACTIVITY_SCORE, long: MIN_ACTIVITY_SCORE };

void t.test('nothing heard, or only the room', (t) => {
  const nothing = new SpeechActivity();
  nothing.evaluate(START);
  t.match(nothing, silent);
  t.match(heard([]).activity, silent);
  t.match(heard(times(50, QUIET)).activity, silent);
  t.end();
});

void t.test('each score has its own stretch of time', (t) => {
  const one = heard([LOUD]).activity;
  t.ok(one.immediate > 0.1, '20 ms');
  t.ok(one.medium > 1, 'and part of 100 ms');
  t.equal(one.long, MIN_ACTIVITY_SCORE, 'but no stretch of 100 ms that is all loud');
  t.ok(heard(times(5, LOUD)).activity.long > 1);
  const over = heard([...times(40, LOUD), ...times(5, QUIET)]).activity;
  t.match(over, { immediate: MIN_ACTIVITY_SCORE, medium: MIN_ACTIVITY_SCORE });
  t.ok(over.long > heard(times(30, LOUD)).activity.long, 'eight stretches in the last second against six');
  t.match(
    heard([...times(40, LOUD), ...times(50, QUIET)]).activity,
    silent,
    'a second later it is forgotten',
  );
  t.end();
});

void t.test('scores grow with activity', (t) => {
  const long = [0, 5, 10, 25, 50].map((count) => heard(times(count, LOUD)).activity.long);
  const medium = [0, 1, 2, 3, 4, 5].map((count) => heard(times(count, LOUD)).activity.medium);
  const immediate = [100, 80, 70, 60, 50, 40].map((level) => heard([level]).activity.immediate);
  for (const scores of [long, medium, immediate]) {
    t.same(
      scores,
      [...scores].sort((a, b) => a - b),
    );
    t.ok(new Set(scores).size > 3);
  }
  t.end();
});

void t.test('what stands out by less than 10 dB of the noise is noise', (t) => {
  t.match(heard(times(50, 41), 50).activity, silent);
  t.ok(heard(times(50, 40), 50).activity.long > 1);
  t.end();
});

void t.test('digital silence says nothing about the noise', (t) => {
  const activity = new SpeechActivity();
  let now = START;
  for (let packet = 0; packet < 100; packet++, now += 20) activity.record(now, 127);
  for (let packet = 0; packet < 50; packet++, now += 20) activity.record(now, 40 + (packet % 2));
  activity.evaluate(now - 20);
  t.match(activity, silent, 'an unmuted microphone beside a fan');
  t.end();
});

void t.test('steady noise becomes the floor in 15 s, and a lower floor is taken at once', (t) => {
  const activity = new SpeechActivity();
  let now = START;
  const run = (ms: number, level: number): void => {
    for (const end = now + ms; now < end; now += 20) activity.record(now, level);
    activity.evaluate(now - 20);
  };
  run(1000, QUIET);
  run(2000, LOUD);
  t.ok(activity.long > 1);
  run(15_000, LOUD);
  t.match(activity, silent);
  run(200, QUIET);
  run(1000, LOUD);
  t.ok(activity.long > 1);
  t.end();
});

void t.test('gaps up to 100 ms are bridged, longer ones are silence', (t) => {
  const bridged = heard([LOUD]);
  for (const [gap, loud] of [
    [60, true],
    [100, true],
    [120, false],
  ] as const) {
    bridged.activity.evaluate(bridged.now + gap);
    t.equal(bridged.activity.immediate > MIN_ACTIVITY_SCORE, loud, `${gap} ms after the last packet`);
  }
  const activity = new SpeechActivity();
  activity.record(START, QUIET);
  for (let now = START + 60; now <= START + 1200; now += 60) activity.record(now, LOUD);
  activity.evaluate(START + 1200);
  const dense = heard(times(50, LOUD)).activity;
  t.equal(activity.long, dense.long, 'packets of 60 ms count as those of 20 ms');
  t.end();
});

void t.test('several packets in one slot: the loudest counts', (t) => {
  const { activity, now } = heard([LOUD]);
  activity.record(now + 1, QUIET);
  activity.record(now + 2, 5);
  activity.evaluate(now + 2);
  t.equal(activity.immediate, heard([5]).activity.immediate);
  t.end();
});

void t.test('reset', (t) => {
  const { activity, now } = heard(times(50, LOUD));
  activity.reset();
  activity.evaluate(now);
  t.match(activity, silent);
  t.end();
});
