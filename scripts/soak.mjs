/**
 * A call of some people for a long time, to see whether the server's memory stays flat.
 *   npm run build && node scripts/soak.mjs --minutes 30 --people 3
 * Prints a line every half minute. Exits 1 when the resident memory rose by more than 10% after the first five minutes, or
 * when somebody's picture stopped.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { comeToDoor, goIn, openDesk, serviceEnvironment } from './meeting-people.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, people: { type: 'string', default: '3' } },
});
const minutes = Number(values.minutes);
const people = Number(values.people);
const SAMPLE_MS = 30_000;
const SETTLED_MINUTES = 5;
const LONGEST_MEETING_MINUTES = 480;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const server = spawn(process.execPath, [join(root, 'examples/meeting/dist/server.js')], {
  env: { ...process.env, ...serviceEnvironment(), LOG_LEVEL: 'warn' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({
  executablePath: process.env.CHROME_BIN ?? '/usr/bin/chromium',
  args: [
    ...[
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
    ...['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
    ...['--use-fake-device-for-media-stream=fps=15', '--use-fake-ui-for-media-stream'],
    '--allow-loopback-in-peer-connection',
  ],
});
try {
  const url = await serverUrl();
  const desk = await openDesk(url, LONGEST_MEETING_MINUTES);
  const pages = [];
  for (let n = 1; n <= people; n++) pages.push(await joinMeeting(url, desk, `Person ${n}`));
  process.exitCode = (await watch(pages)) ? 0 : 1;
} finally {
  await browser.close();
  server.kill('SIGKILL');
}

function serverUrl() {
  return new Promise((resolve, reject) => {
    let output = '';
    // Listened to until the end: a server whose output nobody takes any more would fail when it writes.
    server.stdout.on('data', (chunk) => {
      output += chunk;
      const url = /http:\/\/\S+\//.exec(output)?.[0];
      if (url) resolve(url);
    });
    server.once('exit', () => reject(new Error(`the server ended and said:\n${output}`)));
  });
}

async function joinMeeting(url, desk, name) {
  const context = await browser.newContext({ viewport: { width: 640, height: 360 } });
  const page = await context.newPage();
  const guest = await desk.invite({ name, room: 'soak' });
  await comeToDoor(page, url, guest, 'video=320x180&fps=10');
  await goIn(page, guest);
  return page;
}

async function watch(pages) {
  const samples = [];
  const ended = once(server, 'exit');
  let frames = await framesDecoded(pages);
  let good = true;
  console.log('minute   resident MiB   frames/s received by each');
  for (let elapsed = SAMPLE_MS; elapsed <= minutes * 60_000; elapsed += SAMPLE_MS) {
    await Promise.race([wait(SAMPLE_MS), ended]);
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    const now = await framesDecoded(pages);
    const rates = now.map((count, index) => (count - frames[index]) / (SAMPLE_MS / 1000));
    frames = now;
    if (rates.some((rate) => rate < 1)) good = false;
    const minute = elapsed / 60_000;
    samples.push({ minute, resident: resident(server.pid) });
    const shown = rates.map((rate) => rate.toFixed(1)).join('  ');
    console.log(
      `${minute.toFixed(1).padStart(6)}   ${samples.at(-1).resident.toFixed(1).padStart(12)}   ${shown}`,
    );
  }
  const settled = samples.filter(({ minute }) => minute >= SETTLED_MINUTES).map((sample) => sample.resident);
  if (settled.length < 2) return good;
  const growth = Math.max(...settled) / settled[0] - 1;
  console.log(`largest after minute ${SETTLED_MINUTES}: ${(growth * 100).toFixed(1)}% above the value then`);
  return good && growth <= 0.1;
}

function resident(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** Of all remote videos of each page. */
function framesDecoded(pages) {
  return Promise.all(
    pages.map((page) =>
      page.evaluate(async () => {
        let sum = 0;
        for (const peer of window.sluss.client.peers.values()) {
          for (const { consumer } of peer.tracks.values()) {
            (await consumer.getStats()).forEach((entry) => {
              if (entry.type === 'inbound-rtp') sum += entry.framesDecoded ?? 0;
            });
          }
        }
        return sum;
      }),
    ),
  );
}
