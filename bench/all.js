// @ts-check
/**
 * Makes every kept result anew, then the page: `npm run all`. Takes about ten minutes for each round.
 *   node all.js --rounds 3 --only fan-out,join --prefix "some command that waits for a quiet machine"
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** Name of the result, and how it is made. Every round is one command, so that none takes long. */
const RUNS = {
  'fan-out-video':
    'load/main.js fan-out --kind video --receivers 200 --pps 600 --size 1142 --seconds 4 --targets sluss,mediasoup,sendto',
  'fan-out-audio':
    'load/main.js fan-out --kind audio --receivers 400 --pps 300 --size 112 --seconds 4 --targets sluss,mediasoup,sendto',
  'fan-out-small':
    'load/main.js fan-out --kind video --receivers 20 --pps 300 --seconds 4 --targets sluss,mediasoup,werift,janus',
  viewers: 'load/main.js viewers --viewers 100 --video-pps 60 --join-rate 40 --seconds 4',
  'join-storm': 'load/main.js join-storm --viewers 200',
  meeting: 'load/main.js meeting --people 12 --seconds 6',
  workers: 'load/main.js workers --seconds 3',
  'gateway-http': 'gateway/http.js --seconds 3',
  'gateway-page': 'gateway/http.js --path /page --seconds 3',
  'gateway-signalling': 'gateway/signalling.js --seconds 5',
};
/** Long ones, once whatever --rounds says. */
const LONG = {
  memory: 'load/main.js memory --consumers 1000 --seconds 60',
  soak: 'load/main.js soak --minutes 15',
};
/** Those that repeat by themselves run once in a command. */
const REPEATING = ['fan-out', 'viewers', 'join-storm', 'meeting', 'workers', 'http.js'];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    prefix: { type: 'string', default: '' },
    long: { type: 'boolean', default: false },
  },
});
const wanted = values.only.split(',').filter(Boolean);
const chosen = (/** @type {[string, string]} */ [name]) =>
  wanted.length === 0 || wanted.some((part) => name.startsWith(part));

for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, command] of Object.entries(RUNS).filter(chosen)) make(name, command, round);
}
if (values.long) for (const [name, command] of Object.entries(LONG).filter(chosen)) make(name, command, 0);
spawnSync(process.execPath, ['report.js'], { cwd: import.meta.dirname, stdio: 'inherit' });

/**
 * @param {string} name
 * @param {string} command
 * @param {number} round
 */
function make(name, command, round) {
  const once = REPEATING.some((word) => command.includes(word)) ? ['--repeat', '1'] : [];
  const args = [...command.split(' '), ...once, '--save', name, ...(round > 0 ? ['--append'] : [])];
  const [program, ...before] = [...values.prefix.split(' ').filter(Boolean), process.execPath];
  const { status } = spawnSync(program, [...before, ...args], { cwd: import.meta.dirname, stdio: 'inherit' });
  if (status !== 0) console.error(`${name}: the run failed`);
}
