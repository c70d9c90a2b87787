/**
 * Takes the pictures of docs/images from a real call: the built meeting server, and one Chromium for each person.
 *   npm run build && node scripts/screenshots.mjs
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { comeToDoor, goIn, openDesk, serviceEnvironment } from './meeting-people.mjs';
import { filmScene } from './screenshots/scenery.mjs';

const DESKTOP = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 844 };
/** Everybody sees everybody else; those with a picture are looked at over the shoulder. */
const PEOPLE = [
  { name: 'Anna Berg', scene: 'dusk', viewport: DESKTOP, doorPicture: 'join', picture: 'meeting' },
  { name: 'Björn Ek', scene: 'morning', viewport: PHONE, picture: 'meeting-phone' },
  { name: 'Clara Nyström', scene: 'night', viewport: DESKTOP, off: 'Microphone' },
  { name: 'David Åström', scene: 'dusk', viewport: DESKTOP, off: 'Camera' },
];
const MAX_BYTES = 400_000;
/** The first pictures come at once; the sharp ones when the bandwidth estimates have grown. */
const SHARP_TIMEOUT_MS = 90_000;
/** The first picture of a size is coarse, the following ones refine it. */
const SHARPENING_FRAMES = 60;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs/images');
const films = mkdtempSync(join(tmpdir(), 'screenshots-'));
const browsers = [];
let server = null;
// Also when a signal ends this: playwright closes its browsers by itself then.
process.once('exit', () => {
  server?.kill('SIGKILL');
  rmSync(films, { recursive: true, force: true });
});

try {
  mkdirSync(folder, { recursive: true });
  for (const { scene } of PEOPLE) if (!existsSync(filmOf(scene))) filmScene(scene, filmOf(scene));
  const url = await startServer();
  const desk = await openDesk(url);
  const pages = [];
  for (const person of PEOPLE) pages.push(await enter(url, desk, person));
  await Promise.all(pages.map((page) => seeEverybody(page)));
  for (const [index, { picture }] of PEOPLE.entries()) {
    if (picture !== undefined) await shoot(pages[index], picture);
  }
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
}
process.exit();

function filmOf(scene) {
  return join(films, `${scene}.y4m`);
}

/** The meeting server on a free port; the page's address. */
function startServer() {
  const script = join(root, 'examples/meeting/dist/server.js');
  if (!existsSync(script)) throw new Error(`${script} is not there: run "npm run build" first`);
  server = spawn(process.execPath, [script], {
    env: { ...process.env, ...serviceEnvironment(), LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (chunk) => {
      output += chunk;
      const url = /http:\/\/\S+\//.exec(output)?.[0];
      if (url !== undefined) resolve(url);
    });
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
}

async function enter(url, desk, { name, scene, viewport, off, doorPicture }) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_BIN ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
      ...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream=fps=15'],
      `--use-file-for-fake-video-capture=${filmOf(scene)}`,
      ...['--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required'],
    ],
  });
  browsers.push(browser);
  const page = await (await browser.newContext({ viewport })).newPage();
  const guest = await desk.invite({ name, room: 'Planning' });
  await comeToDoor(page, url, guest, 'video=640x360&fps=15');
  await page.waitForFunction(() => (document.querySelector('.preview video')?.videoWidth ?? 0) > 0);
  if (off !== undefined) await page.getByRole('button', { name: off }).click();
  if (doorPicture !== undefined) {
    // The microphone beeps once a second; the meter is to show it.
    await page.waitForFunction(() => (document.querySelector('meter')?.value ?? 0) > 0.2);
    await shoot(page, doorPicture);
  }
  await goIn(page, guest);
  return page;
}

/** Until every camera that is on has a sharp picture, and nothing is news any more. */
async function seeEverybody(page) {
  await page.getByText(`${PEOPLE.length} participants`).waitFor();
  for (const { name } of PEOPLE.filter(({ off }) => off !== 'Camera')) {
    const video = page.locator('.tile', { hasText: name }).locator('video');
    await video.evaluate(showsSharp, { width: 640, frames: SHARPENING_FRAMES, timeoutMs: SHARP_TIMEOUT_MS });
  }
  await page.waitForFunction(() => document.querySelector('.notice') === null);
}

/** In the page: resolves when the video has shown so many pictures of the full width. */
function showsSharp(video, { width, frames, timeoutMs }) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a picture stayed small')), timeoutMs);
    let seen = 0;
    const look = () => {
      seen = video.videoWidth === width ? seen + 1 : 0;
      if (seen < frames) return void video.requestVideoFrameCallback(look);
      clearTimeout(timer);
      resolve();
    };
    video.requestVideoFrameCallback(look);
  });
}

async function shoot(page, picture) {
  const path = join(folder, `${picture}.png`);
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > MAX_BYTES)
    throw new Error(`${path} has ${size} bytes; more than ${MAX_BYTES} is too much for a README`);
  console.log(`wrote ${path}, ${Math.round(size / 1000)} kB`);
}
