/** People for the meeting service in pages of playwright, booked and identified over HTTP as the browser tests do it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const visits = fileURLToPath(new URL('../test/support/browser/service-visit.ts', import.meta.url));

/** For the server: an empty folder of its own, gone when this process ends, and people from addresses of their own. */
export function serviceEnvironment() {
  const folder = mkdtempSync(join(tmpdir(), 'meeting-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return { HOST: '127.0.0.1', PORT: '0', RTC_PORT: '0', DATA_DIR: folder, TRUSTED_PROXIES: '127.0.0.1' };
}

/** `url` ends in a slash; `minutes`: how long the meetings last, 5 to 480. */
export async function openDesk(url, minutes) {
  const { outputFiles } = await build({
    entryPoints: [visits],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  const code = Buffer.from(outputFiles[0].text).toString('base64');
  const { ServiceDesk } = await import(`data:text/javascript;base64,${code}`);
  return new ServiceDesk(url, minutes);
}

/** To where the person gets ready, with camera and microphone on. `query`: of the page, such as `video=320x180`. */
export async function comeToDoor(page, url, guest, query) {
  const { hostname: domain } = new URL(url);
  await page.context().addCookies([{ ...guest.cookie, domain, path: '/', secure: true, httpOnly: true }]);
  await page.context().setExtraHTTPHeaders({ 'X-Forwarded-For': guest.address });
  await page.goto(`${url}meeting/${guest.meetingId}?lang=en&${query}`);
  await page.waitForFunction(
    () => document.querySelectorAll('[aria-pressed="true"]:not([aria-busy="true"])').length === 2,
  );
}

/** From there into the meeting. */
export async function goIn(page, guest) {
  await page.check('#undisturbed');
  await page.click('form:has(#undisturbed) button[type="submit"]');
  if (guest.waits) {
    await page.waitForSelector('.waiting-place');
    await guest.admit();
  }
  await page.waitForSelector('.meeting');
}
