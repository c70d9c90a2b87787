import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser } from 'playwright-core';
import type { Browser as FirefoxBrowser, PuppeteerNode } from 'puppeteer-core';
import type { Test } from 'tap';

// Through require: tap's import hook resolves an inner path of this package wrongly (it doubles a `.js`).
const { default: puppeteer } = createRequire(import.meta.url)('puppeteer-core') as { default: PuppeteerNode };

/** Fake camera and microphone, no questions asked, WebRTC over loopback, nothing fetched from elsewhere. */
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream=device-count=2,fps=20',
  '--use-fake-ui-for-media-stream',
  '--auto-accept-this-tab-capture',
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
];

export function chromiumPath(): string {
  return findProgram('CHROME_BIN', '/usr/bin/chromium');
}

export function firefoxPath(): string {
  return findProgram('FIREFOX_BIN', '/usr/bin/firefox-esr');
}

export function ffmpegPath(): string {
  return findProgram('FFMPEG_BIN', '/usr/bin/ffmpeg');
}

export function turnServerPath(): string {
  return findProgram('TURNSERVER_BIN', '/usr/bin/turnserver');
}

/** A Chromium with a fresh profile, closed when the test ends. */
export async function launchChromium(t: Test, extraFlags: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [...CHROMIUM_FLAGS, ...extraFlags],
  });
  t.teardown(() => browser.close());
  return browser;
}

/** A Chromium whose processes the test may stop or kill: `pid` is the first of them. */
export async function launchChromiumProcess(t: Test): Promise<{ browser: Browser; pid: number }> {
  const server = await chromium.launchServer({
    executablePath: chromiumPath(),
    headless: true,
    args: CHROMIUM_FLAGS,
  });
  t.teardown(() => server.kill());
  const { pid } = server.process();
  if (pid === undefined) throw new Error('Chromium did not start');
  return { browser: await chromium.connect(server.wsEndpoint()), pid };
}

/** A Firefox with a fresh profile, over WebDriver BiDi, closed when the test ends. */
export async function launchFirefox(t: Test): Promise<FirefoxBrowser> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefoxPath(),
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      // Fake devices do not count as permission, and without that ICE uses the default route's address alone.
      'permissions.default.camera': 1,
      'permissions.default.microphone': 1,
      'media.peerconnection.ice.loopback': true,
      'media.autoplay.default': 0,
    },
  });
  t.teardown(() => browser.close());
  return browser;
}

function findProgram(variable: string, usual: string): string {
  const path = process.env[variable] ?? usual;
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    throw new Error(`${path} is not there: run "node scripts/ensure-tools.mjs", or set ${variable}`);
  }
}
