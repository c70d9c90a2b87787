/** Each benchmark runs and prints figures; how large they are is no test's business. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const figure = /\d ns per (forwarded )?packet$/;

async function bench(name: string, ...args: string[]): Promise<string[]> {
  const path = new URL(`../../bench/${name}`, import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [path, ...args], { env: { PATH: process.env.PATH } });
  return stdout.trim().split('\n');
}

const benches = [
  'rtp/parse.js',
  'stream/numbering.js',
  'srtp/protect.js',
  'bwe/congestion.js',
  'router/fan-out.js',
  'router/layers.js',
  'transport/udp-send.js',
];
for (const name of benches) {
  t.test(name, async (t) => {
    const lines = await bench(name, '--seconds', '0.002');
    t.ok(lines.length >= 4, `${lines.length} lines`);
    for (const line of lines) t.match(line, figure);
  });
}

t.test('transport/dtls-handshake.js', async (t) => {
  const lines = await bench('transport/dtls-handshake.js', '--seconds', '0.002');
  t.equal(lines.length, 3);
  for (const line of lines) t.match(line, /server +\d+ us, client +\d+ us, +\d+ handshakes per CPU second/);
});

t.test('router/silence.js', async (t) => {
  const lines = await bench('router/silence.js', '--seconds', '0.002', '--only', 'listeners');
  t.equal(lines.length, 1);
  t.match(lines[0], figure);
});

const allocations = [
  { name: 'router/allocations.js', args: ['--seconds', '0.01', '--only', '10 receivers'] },
  { name: 'transport/allocations.js', args: ['--seconds', '0.1'] },
];
for (const { name, args } of allocations) {
  t.test(`${name} names who allocates`, async (t) => {
    const [first, ...rest] = await bench(name, ...args);
    t.match(first, /^.+, \d+ receivers.*: [\d.]+ bytes per packet, \d+ collections/);
    t.ok(rest.length > 0);
    for (const line of rest) t.match(line, /^ +[\d.]+ {2}\S/);
  });
}

t.test('the list of all results', async (t) => {
  const lines = await bench('all.js', '--list', '--rounds', '2', '--long', '--only', 'srtp,soak');
  t.match(lines, [
    /^srtp, round 1: node srtp\/protect\.js/,
    /^srtp, round 2: node srtp\/protect\.js/,
    /^soak, round 1: node load\/main\.js soak/,
    /^3 of 3 to do, \d+ min$/,
  ]);
});

t.test('mistakes are told', async (t) => {
  for (const name of ['rtp/parse.js', 'all.js']) {
    await t.rejects(bench(name, '--second', '1'), { code: 1, stderr: /'--second'/ });
  }
});
