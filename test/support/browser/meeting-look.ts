/**
 * Every state of the meeting itself, in one language, on a desktop, a tablet and a phone: no violation of WCAG 2.1 AA that
 * axe-core finds, nothing too small to press, nothing beside the window. The pictures go to test-results/service/.
 */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import type { Language } from '../../../examples/meeting/shared/api.js';
import { launchChromium } from './browsers.js';
import { closePanel, GUESTS, MeetingPlace, openPanel, type Visitor } from './meeting-place.js';
import { accessibilityProblems, DESKTOP, PHONE, sidewaysScroll, smallTargets } from './service-page.js';

const TABLET = { width: 820, height: 1180 };
const folder = fileURLToPath(new URL('../../../test-results/service/', import.meta.url));

export async function lookAtMeeting(t: Test, language: Language): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const browser = await launchChromium(t);
  const place = await MeetingPlace.open(t, browser);
  const host = await place.organiser({ language });
  const words = host.texts.meeting;
  const meeting = await place.book(host, [
    { name: GUESTS.bo.name, personalNumber: GUESTS.bo.personalNumber },
    { name: GUESTS.cilla.name, personalNumber: GUESTS.cilla.personalNumber, role: 'interpreter' },
  ]);
  const look = lookWith(t, language);
  const files = mkdtempSync(join(tmpdir(), 'meeting-look-'));
  t.teardown(() => rmSync(files, { recursive: true }));
  writeFileSync(join(files, 'Beslut 2026-118.pdf'), 'x'.repeat(734_000));
  writeFileSync(join(files, 'film.mov'), '');
  truncateSync(join(files, 'film.mov'), 25 * 1024 * 1024 + 1);

  await place.enterAsHost(host, meeting);
  await host.page.locator('[data-encryption="encrypted"]').waitFor();
  await quiet(host.page);
  await look('alone', host.page);

  const cilla = await place.guest(meeting, GUESTS.cilla, { language });
  await place.admit(host, cilla, meeting, GUESTS.cilla.name);
  const bo = await place.guest(meeting, GUESTS.bo, { language });
  await place.knock(bo, meeting);
  await openPanel(host.page, 'lobby');
  await host.page.getByRole('button', { name: host.texts.lobby.admitName(GUESTS.bo.name) }).waitFor();
  await look('lobby', host.page);
  await host.page.getByRole('button', { name: host.texts.lobby.admitName(GUESTS.bo.name) }).click();
  await bo.page.locator('.meeting').waitFor();
  await closePanel(host.page);
  await moving(host.page, 3);
  await quiet(host.page);
  await look('grid', host.page, ['desktop', 'tablet', 'phone']);

  await bo.page.getByRole('button', { name: words.controls.hand }).click();
  await host.page.locator('.hand-mark').waitFor();
  await openPanel(host.page, 'people');
  await look('people', host.page, ['desktop', 'tablet', 'phone']);
  await host.page.getByRole('button', { name: words.people.removeName(GUESTS.bo.name) }).click();
  await host.page.locator('dialog').waitFor();
  await look('remove', host.page);
  await host.page.keyboard.press('Escape');
  await closePanel(host.page);

  await openPanel(cilla.page, 'people');
  await look('people-guest', cilla.page);
  await closePanel(cilla.page);

  await say(bo, 'Hej! Hör ni mig?');
  await openPanel(host.page, 'chat');
  await say(host, 'Hej Bo, vi hör dig bra.');
  await host.page.locator('.chat-own').waitFor();
  await look('chat', host.page, ['desktop', 'tablet', 'phone']);
  await closePanel(host.page);

  await openPanel(bo.page, 'documents');
  await bo.page
    .locator('input[type="file"]')
    .setInputFiles([join(files, 'Beslut 2026-118.pdf'), join(files, 'film.mov')]);
  await bo.page.locator('[data-document="shared"]').waitFor();
  await look('documents-shared', bo.page);
  await closePanel(bo.page);
  await openPanel(host.page, 'documents');
  await look('documents', host.page);
  await closePanel(host.page);

  await openPanelByLock(host.page);
  await host.page.locator('.security-code').waitFor();
  await look('encryption', host.page);
  await closePanel(host.page);

  await host.page.locator('.tile[data-peer="self"] .mark').click();
  await host.page.locator('.measured').first().waitFor();
  await look('connection', host.page);
  await closePanel(host.page);

  await openPanel(host.page, 'settings');
  await look('settings', host.page);
  await closePanel(host.page);

  await host.page.getByRole('button', { name: words.stage.pinName(GUESTS.cilla.name) }).click();
  await quiet(host.page);
  await look('pinned', host.page, ['desktop', 'tablet', 'phone']);
  await bo.page.getByRole('button', { name: words.controls.screen, exact: true }).click();
  await host.page.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>('.stage video')?.videoWidth ?? 0) > 0,
  );
  await quiet(host.page);
  await look('presentation', host.page, ['desktop', 'tablet', 'phone']);
  await bo.page.getByRole('button', { name: words.controls.screen, exact: true }).click();
  await host.page.locator('.stage').waitFor({ state: 'detached' });
  await host.page.getByRole('button', { name: words.stage.pinName(GUESTS.cilla.name) }).click();

  await host.page.setViewportSize(PHONE);
  await host.page.locator('.toggle-more').click();
  await quiet(host.page);
  await look('more', host.page, ['phone']);
  await host.page.keyboard.press('Escape');
  await host.page.setViewportSize(DESKTOP);

  await host.page.getByRole('button', { name: words.controls.view }).click();
  await look('speaker', host.page);

  await t.test('nothing on the console', async (t) => {
    for (const { problems } of [host, bo, cilla]) t.strictSame(problems, []);
  });
}

type Device = 'desktop' | 'tablet' | 'phone';

function lookWith(t: Test, language: Language) {
  const sizes = { desktop: DESKTOP, tablet: TABLET, phone: PHONE };
  return async (
    name: string,
    page: Page,
    devices: readonly Device[] = ['desktop', 'phone'],
  ): Promise<void> => {
    await t.test(name, async (t) => {
      for (const device of devices) {
        await page.setViewportSize(sizes[device]);
        // Tablets show what the others do, at another size.
        if (device !== 'tablet') {
          t.strictSame(await accessibilityProblems(page), [], `${device}: WCAG`);
          t.strictSame(await smallTargets(page), [], `${device}: sizes`);
        }
        t.strictSame(await sidewaysScroll(page), [], `${device}: nothing beside the window`);
        await page.screenshot({ path: `${folder}meeting-${name}-${language}-${device}.png` });
      }
    });
    await page.setViewportSize(DESKTOP);
  };
}

async function say({ page, texts }: Visitor, text: string): Promise<void> {
  const open = await page.locator('.panel-chat').isVisible();
  if (!open) await openPanel(page, 'chat');
  await page.getByLabel(texts.meeting.chat.label).fill(text);
  await page.keyboard.press('Enter');
  await page.locator('.chat-own').last().waitFor();
  if (!open) await closePanel(page);
}

async function openPanelByLock(page: Page): Promise<void> {
  await page.locator('.lock').click();
  await page.locator('.panel-encryption').waitFor();
}

/** Until so many pictures are there. */
async function moving(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (count) =>
      [...document.querySelectorAll('video')].filter((video) => video.videoWidth > 0).length >= count,
    count,
  );
}

/** Until the news have gone. */
async function quiet(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('.notice') === null, null, { timeout: 20_000 });
}
