/** The pictures are well-formed, and the explanation of an estimate has a value for each name. */
import t from 'tap';
import { drawRun } from '../../support/netem/draw-run.js';
import { LIBWEBRTC_PLANS } from '../../support/netem/plans/libwebrtc.js';
import { SFU_PLANS } from '../../support/netem/plans/sfu.js';
import { explain, measure } from '../../support/netem/report.js';
import { runPlan } from '../../support/netem/run-plan.js';
import { ticks } from '../../support/netem/svg.js';

/** Throws unless all elements are closed in order; their names. */
function parse(svg: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  const tag = /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g;
  const texts = svg.replaceAll(tag, (_whole, closing: string, name: string, _attributes, empty: string) => {
    if (closing === '') names.push(name);
    if (closing !== '' && open.pop() !== name) throw new Error(`</${name}> closes another element`);
    if (closing === '' && empty === '') open.push(name);
    return '';
  });
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  if (/[<>]/.test(texts)) throw new Error('markup in text');
  return names;
}

t.test('a picture per run: well-formed, with a title, no point outside', (t) => {
  const plans = [...LIBWEBRTC_PLANS, ...SFU_PLANS].filter(({ duration }) => duration <= 40_000);
  t.ok(plans.length >= 3);
  for (const plan of plans) {
    const run = runPlan(plan, 1);
    const svg = drawRun(run);
    const names = parse(svg);
    t.same(names.slice(0, 3), ['svg', 'title', 'desc']);
    t.notMatch(svg, /NaN|Infinity|undefined/);
    const numbers = [...svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    t.ok(numbers.length > 100);
    t.ok(numbers.every(([x, y]) => x >= 60 && x <= 950 && y >= 60 && y <= 400));
    t.equal(drawRun(run), svg);
  }
  t.end();
});

t.test('ticks are round and reach the end', (t) => {
  t.same(ticks(2.75, 5), [0, 0.5, 1, 1.5, 2, 2.5]);
  t.same(ticks(100, 10), [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  t.same(ticks(320, 3), [0, 100, 200, 300]);
  t.end();
});

t.test('the explanation of an estimate', (t) => {
  const [header, ...lines] = explain('libwebrtc-video-stops', 1, 0);
  const columns = header.split(',');
  for (const name of ['now', 'cause', 'targetBitrate', 'trend', 'threshold', 'acknowledged', 'decision']) {
    t.ok(columns.includes(name), name);
  }
  t.ok(lines.length >= 10);
  t.ok(lines.every((line) => line.split(',').length === columns.length));
  const times = lines.map((line) => Number(line.split(',')[columns.indexOf('now')]));
  t.ok(times.every((time, index) => index === 0 || time >= times[index - 1]));
  t.throws(() => explain('nothing', 1, 0), /no plan is called nothing; there are rfc8867-5\.1/);
  t.throws(() => explain('libwebrtc-tcp', 1, 1), /no media flow/);
  t.end();
});

t.test('a line per goal and seed', (t) => {
  const lines = measure('video-stops', [1, 2]);
  t.equal(lines.length, 2);
  t.match(
    lines[0],
    /^(met {3}|MISSED) libwebrtc-video-stops seed 1: estimate at 5 s \d+ kbps \(at least 1000 kbps\)$/,
  );
  t.end();
});
