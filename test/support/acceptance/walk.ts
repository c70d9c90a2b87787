/**
 * The README's pictures, taken by the test that walks the way they show: `WALK=docs/walk npx tap run
 * test/browser/acceptance-first-start.test.ts`. Without WALK nothing of this happens.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import type { Test } from 'tap';
import { ffmpegPath, launchChromium } from '../browser/browsers.js';
import type { Attendee } from './attendee.js';

const FOLDER = process.env.WALK === undefined ? null : resolve(process.env.WALK);
const MAX_BYTES = 150_000;

/** Of the camera; good to look at, or small. */
export const walkMedia = FOLDER === null ? undefined : 'video=640x360&fps=15';

/** A browser for each: with something to see before the camera when pictures are taken. */
export async function walkBrowsers<const S extends string>(
  t: Test,
  scenes: readonly S[],
): Promise<Record<S, Browser>> {
  const browsers: Partial<Record<S, Browser>> = {};
  if (FOLDER === null) {
    const browser = await launchChromium(t);
    for (const scene of scenes) browsers[scene] = browser;
    return browsers as Record<S, Browser>;
  }
  const films = mkdtempSync(join(tmpdir(), 'walk-'));
  t.teardown(() => rmSync(films, { recursive: true, force: true }));
  const scenery = new URL('../../../scripts/screenshots/scenery.mjs', import.meta.url);
  const { filmScene } = (await import(scenery.href)) as { filmScene: (scene: string, path: string) => void };
  for (const scene of scenes) {
    const film = join(films, `${scene}.y4m`);
    filmScene(scene, film);
    browsers[scene] = await launchChromium(t, [`--use-file-for-fake-video-capture=${film}`]);
  }
  return browsers as Record<S, Browser>;
}

/** From the top of the page, and when its short messages have gone. */
export async function shoot({ page }: Attendee, name: string): Promise<void> {
  if (FOLDER === null) return;
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${name}.png`);
  await page.locator('.notice').first().waitFor({ state: 'detached' });
  await page.evaluate(() => scrollTo(0, 0));
  writeFileSync(path, withPalette(await page.screenshot({ animations: 'disabled' })));
  const { size } = statSync(path);
  if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes: more than a page of text should load`);
}

/** In 256 colours: a third of the bytes. */
function withPalette(png: Buffer): Buffer {
  const filter = 'split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=sierra2_4a';
  const format = ['-f', 'image2pipe', '-c:v', 'png', 'pipe:1'];
  const options = ['-v', 'error', '-f', 'png_pipe', '-i', 'pipe:0', '-vf', filter, ...format];
  return execFileSync(ffmpegPath(), options, { input: png, maxBuffer: 16 * 1024 * 1024 });
}
