/** Each scenario of the load tool runs, and its clients get authentic media; how fast is no test's business. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const tool = new URL('../../bench/load/main.js', import.meta.url).pathname;

interface Result {
  scenario: string;
  rows: Record<string, number | string>[];
  runs: { samples?: Record<string, number>[] }[];
}

async function load(...args: string[]): Promise<Result> {
  // Tests share the machine: no core is anybody's own.
  const { stdout } = await run(process.execPath, [tool, ...args, '--json', '--no-pin'], {
    env: { PATH: process.env.PATH },
  });
  return JSON.parse(stdout) as Result;
}

t.test('fan-out', async (t) => {
  const args = ['--receivers', '4', '--pps', '60', '--seconds', '0.3', '--repeat', '1'];
  for (const kind of ['video', 'audio']) {
    const size = kind === 'audio' ? '112' : '1142';
    const { rows } = await load(
      'fan-out',
      ...args,
      '--kind',
      kind,
      '--size',
      size,
      '--targets',
      'sluss,werift',
    );
    t.equal(rows.length, 2);
    for (const row of rows) {
      t.ok(Number(row.sampledPackets) > 0, `${kind} through ${row.target}: ${row.sampledPackets} packets`);
      t.equal(row.notAuthentic, 0);
    }
  }
});

t.test('viewers', async (t) => {
  const { rows } = await load('viewers', '--viewers', '3', '--seconds', '0.3', '--targets', 'sluss');
  t.match(rows, [{ failed: 0, notAuthentic: 0 }]);
  t.ok(Number(rows[0].received) > 0);
});

t.test('join storm', async (t) => {
  const { rows } = await load('join-storm', '--viewers', '5', '--repeat', '1', '--targets', 'sluss');
  t.match(rows, [{ failed: 0 }]);
  t.ok(Number(rows[0].joinP95) > 0);
});

t.test('meeting', async (t) => {
  const { rows } = await load('meeting', '--people', '3', '--seconds', '0.5', '--targets', 'sluss');
  t.match(rows, [{ people: 3, notAuthentic: 0 }]);
  t.ok(Number(rows[0].received) > 0);
});

t.test('memory', async (t) => {
  const { rows } = await load('memory', '--consumers', '20', '--seconds', '0.5', '--targets', 'sluss');
  t.ok(Number(rows[0].endMiB) > 0);
});

t.test('workers', async (t) => {
  const args = ['--receivers', '4', '--pps', '60', '--seconds', '0.3'];
  const { rows } = await load('workers', ...args, '--targets', 'sluss');
  t.same(
    rows.map(({ target }) => target),
    ['sluss, 1 worker', 'sluss, 2 workers'],
  );
});

t.test('pipe', async (t) => {
  const args = ['--receivers', '3', '--pps', '60', '--seconds', '0.3', '--repeat', '1'];
  const { rows } = await load('pipe', ...args, '--targets', 'sluss');
  t.match(rows, [
    { target: 'sluss, one worker', notAuthentic: 0 },
    { target: 'sluss, piped', notAuthentic: 0 },
  ]);
  for (const row of rows) t.ok(Number(row.received) > 0, `${row.target}: ${row.received} packets`);
});

t.test('soak', async (t) => {
  const args = ['--minutes', '0.05', '--viewers', '3', '--churn', '1'];
  const { rows, runs } = await load('soak', ...args, '--targets', 'sluss');
  t.match(rows, [
    { failed: 0, silentSamples: 0, slopeMiB: Number, verdict: /^(steady, but under 5|[\d.]+% lost)/ },
  ]);
  t.ok(Number(rows[0].received) > 0);
  const { samples = [] } = runs[0];
  t.equal(samples.length, 3);
  for (const sample of samples) t.ok(sample.rssMiB > 0 && sample.delayP99 > 0, JSON.stringify(sample));
});

t.test('mistakes are told', async (t) => {
  const cases: [args: string[], message: RegExp][] = [
    [['fan'], /no scenario 'fan'; there are fan-out/],
    [['fan-out', '--receivers', '0'], /--receivers is a number from 1 to 2000, got '0'/],
    [['fan-out', '--kind', 'smell'], /--kind is one of video, audio, got 'smell'/],
    [['fan-out', '--targets', 'nobody'], /no 'nobody'; there are sluss/],
    [['viewers', '--targets', 'sendto'], /Left out sendto: it cannot do this scenario/],
    [
      ['memory', '--targets', 'sendto,werift'],
      /Left out sendto: .*no manyStreams.*\nLeft out werift: .*no manyStreams/,
    ],
  ];
  for (const [args, message] of cases) {
    const error = (await run(process.execPath, [tool, ...args]).catch((error: unknown) => error)) as {
      code: number;
      stderr: string;
    };
    t.equal(error.code, 1);
    t.match(error.stderr, message);
  }
});
