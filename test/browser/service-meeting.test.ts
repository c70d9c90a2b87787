/** The meeting itself, with real pages against the whole service: what people do in it, and how they come out of it. */
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { MeetingView } from '../../examples/meeting/shared/api.js';
import { launchChromium } from '../support/browser/browsers.js';
import {
  closePanel,
  GUESTS,
  MeetingPlace,
  openPanel,
  type Visitor,
} from '../support/browser/meeting-place.js';

const browser = await launchChromium(t);
const place = await MeetingPlace.open(t, browser);
const invited = (person: { name: string; personalNumber: string }) => ({ ...person });

const encrypted = ({ page }: Visitor) => page.locator('[data-encryption="encrypted"]').waitFor();
const codeOf = ({ page }: Visitor) =>
  page.locator('.security-code .code-group > [aria-hidden]').allTextContents();
const notice = ({ page }: Visitor, text: string) =>
  page.locator('.notices').getByText(text, { exact: true }).waitFor();
const heading = ({ page }: Visitor, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const button = ({ page }: Visitor, name: string) => page.getByRole('button', { name, exact: true });

/** Until a picture of that person is seen. */
function sees({ page }: Visitor, name: string): Promise<unknown> {
  return page.waitForFunction((name) => {
    const tiles = [...document.querySelectorAll('.tile')];
    const tile = tiles.find((one) => one.querySelector('.tile-name')?.textContent === name);
    return (tile?.querySelector('video')?.videoWidth ?? 0) > 0;
  }, name);
}

async function openCode({ page }: Visitor): Promise<void> {
  await page.locator('.lock').click();
  await page.locator('.security-code').waitFor();
}

function nothingWrong(t: Test, ...visitors: Visitor[]): void {
  for (const { problems } of visitors) t.strictSame(problems, [], 'nothing on the console');
}

t.test('a meeting of three: encrypted, chat, documents, hands, mute, removed, replaced, over', async (t) => {
  const host = await place.organiser();
  const words = host.texts.meeting;
  const meeting = await place.book(host, [
    invited(GUESTS.bo),
    { ...invited(GUESTS.cilla), role: 'interpreter' },
  ]);
  await place.enterAsHost(host, meeting);
  const bo = await place.guest(meeting, GUESTS.bo);
  await place.admit(host, bo, meeting, GUESTS.bo.name);
  await Promise.all([encrypted(host), encrypted(bo), sees(host, 'Bo Berg'), sees(bo, 'Anna Andersson')]);

  await t.test('the code is the same for both, and another one when somebody comes', async (t) => {
    await Promise.all([openCode(host), openCode(bo)]);
    const before = await codeOf(host);
    t.match(before, [/^\d{5}$/, /^\d{5}$/, /^\d{5}$/, /^\d{5}$/, /^\d{5}$/, /^\d{5}$/]);
    t.same(await codeOf(bo), before);
    await bo.page.getByLabel(words.encryption.compared).check();
    await closePanel(host.page);
    const cilla = await place.guest(meeting, GUESTS.cilla);
    await place.admit(host, cilla, meeting, GUESTS.cilla.name);
    await bo.page.getByText(words.encryption.comparedChanged).waitFor();
    await Promise.all([openCode(host), openCode(cilla)]);
    await host.page.waitForFunction(
      (old) => document.querySelector('.security-code [aria-hidden]')?.textContent !== old,
      before[0],
    );
    const now = await codeOf(host);
    t.notSame(now, before);
    t.same(await codeOf(cilla), now);
    t.same(await codeOf(bo), now);
    await Promise.all([host, bo, cilla].map(({ page }) => closePanel(page)));

    await t.test('the interpreter is marked, and large when pinned by keyboard', async (t) => {
      const tile = host.page.locator('.tile', { hasText: 'Cilla Ceder' });
      t.equal(await tile.locator('.role-interpreter').textContent(), 'Tolk');
      const width = async () => (await tile.boundingBox())!.width;
      const small = await width();
      await tile.locator('.pin').focus();
      await host.page.keyboard.press('Enter');
      await host.page.waitForFunction(
        (small) =>
          document.querySelector('.pin[aria-pressed="true"]')!.closest('.tile')!.clientWidth > small * 1.2,
        small,
      );
      t.equal(
        await host.page.evaluate(() => document.activeElement?.getAttribute('aria-pressed')),
        'true',
        'the focus stays on the button',
      );
      await host.page.keyboard.press('Enter');
    });

    await t.test('removed: told why, and the key changes', async (t) => {
      await openPanel(host.page, 'people');
      await button(host, words.people.removeName('Cilla Ceder')).click();
      await host.page.getByLabel(host.texts.lobby.denyReason).fill('Fel tolk.');
      await button(host, words.people.remove).last().click();
      await heading(cilla, cilla.texts.visit.denied.removedHeading);
      await cilla.page.getByText(cilla.texts.visit.denied.reason('Fel tolk.')).waitFor();
      await notice(bo, words.people.left('Cilla Ceder'));
      await openCode(bo);
      await bo.page.waitForFunction(
        (old) => document.querySelector('.security-code [aria-hidden]')?.textContent !== old,
        now[0],
      );
      t.notSame(await codeOf(bo), now);
      await Promise.all([closePanel(host.page), closePanel(bo.page)]);
      nothingWrong(t, cilla);
    });
  });

  await t.test('chat: there, marked as unread, announced', async (t) => {
    await openPanel(host.page, 'chat');
    t.equal(await focused(host.page), words.chat.heading, 'the panel has the focus');
    await host.page.getByLabel(words.chat.label).fill('Hej Bo!\nHör du mig?');
    await host.page.keyboard.press('Enter');
    await notice(bo, words.chat.news('Anna Andersson'));
    t.equal(await bo.page.locator('[data-panel="chat"] .badge').textContent(), '1');
    await openPanel(bo.page, 'chat');
    t.equal(await bo.page.locator('.chat-text').textContent(), 'Hej Bo!\nHör du mig?');
    t.equal(await bo.page.locator('[data-panel="chat"] .badge').count(), 0);
    await bo.page.keyboard.press('Escape');
    await bo.page.locator('.panel').waitFor({ state: 'detached' });
    t.equal(
      await bo.page.evaluate(() => document.activeElement?.getAttribute('data-panel')),
      'chat',
      'and gives it back',
    );
    await closePanel(host.page);
  });

  await t.test('a document: byte for byte the same, and too large ones are refused', async (t) => {
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const folder = t.testdir({ 'Beslut.pdf': content, 'stor.mov': '' });
    await truncate(join(folder, 'stor.mov'), 25 * 1024 * 1024 + 1);
    await openPanel(bo.page, 'documents');
    await bo.page
      .locator('input[type="file"]')
      .setInputFiles([join(folder, 'Beslut.pdf'), join(folder, 'stor.mov')]);
    await bo.page.getByText(words.documents.tooBig('stor.mov')).waitFor();
    await bo.page.locator('[data-document="shared"]').waitFor();
    await notice(host, words.documents.news('Bo Berg'));
    await openPanel(host.page, 'documents');
    const [download] = await Promise.all([
      host.page.waitForEvent('download'),
      button(host, words.documents.saveName('Beslut.pdf')).click(),
    ]);
    t.equal(download.suggestedFilename(), 'Beslut.pdf');
    t.ok(content.equals(await readFile(await download.path())));
    await host.page.locator('[data-document="saved"]').waitFor();
    await Promise.all([closePanel(host.page), closePanel(bo.page)]);
  });

  await t.test('hands: the queue is the same for both', async (t) => {
    await button(bo, words.controls.hand).click();
    await notice(host, words.hand.raisedBy('Bo Berg'));
    await button(host, words.controls.hand).click();
    for (const visitor of [host, bo]) {
      await openPanel(visitor.page, 'people');
      await visitor.page.locator('.hand-queue li').nth(1).waitFor();
      t.match(await visitor.page.locator('.hand-queue li').allTextContents(), [
        /^Bo Berg/,
        /^Anna Andersson/,
      ]);
      await closePanel(visitor.page);
    }
    await button(bo, words.controls.hand).click();
    await host.page.waitForFunction(() => document.querySelectorAll('.hand-mark').length === 1);
  });

  await t.test('muted by the host: told, and can speak again', async (t) => {
    await openPanel(host.page, 'people');
    t.match(
      await host.page.locator('.people > li', { hasText: 'Bo Berg' }).textContent(),
      /Styrkt med .*nivå väsentlig/,
    );
    await button(host, words.people.muteName('Bo Berg')).click();
    await notice(bo, words.people.mutedByHost);
    const microphone = button(bo, words.controls.microphone);
    t.equal(await microphone.getAttribute('aria-pressed'), 'false');
    const tile = host.page.locator('.tile', { hasText: 'Bo Berg' });
    await tile.getByText(words.stage.muted).waitFor({ state: 'attached' });
    await microphone.click();
    await tile.getByText(words.stage.muted).waitFor({ state: 'detached' });
    await closePanel(host.page);
  });

  await t.test('the view is remembered', async (t) => {
    await button(host, words.controls.view).click();
    await host.page.locator('.toggle-leave').click();
    await heading(host, host.texts.visit.left.heading);
    await button(host, host.texts.visit.left.againHost).click();
    await encrypted(host);
    t.equal(await button(host, words.controls.view).getAttribute('aria-pressed'), 'true');
    await sees(host, 'Bo Berg');
    await button(host, words.controls.view).click();
  });

  await t.test('on another device: here it is told so', async (t) => {
    const page = await bo.context.newPage();
    await place.knockAgain({ ...bo, page }, meeting);
    await heading(bo, bo.texts.visit.left.replacedHeading);
    await sees({ ...bo, page }, 'Anna Andersson');
    await bo.page.close();
    bo.page = page;
    t.pass();
  });

  await t.test('locked and ended for all by the host', async (t) => {
    await openPanel(host.page, 'people');
    await button(host, words.people.lock).click();
    await host.page.getByText(words.people.locked).first().waitFor();
    t.equal(await host.page.locator('.meeting-locked').count(), 1);
    await button(host, words.people.end).click();
    await host.page.locator('dialog').getByText(host.texts.lobby.endLead).waitFor();
    await host.page.locator('dialog').getByRole('button', { name: host.texts.lobby.end }).click();
    await heading(bo, bo.texts.visit.left.endedHeading);
    await heading(host, host.texts.visit.left.endedHeading);
  });
  nothingWrong(t, host, bo);
});

t.test('without camera and microphone one hears, sees, writes, and is told', async (t) => {
  const { host, meeting } = await hosted({});
  const words = host.texts.meeting;
  const bo = await place.guest(meeting, GUESTS.bo, { before: withoutDevices });
  await place.admit(host, bo, meeting, GUESTS.bo.name);
  await Promise.all([encrypted(bo), sees(bo, 'Anna Andersson')]);
  t.equal(await button(bo, words.controls.camera).getAttribute('aria-pressed'), 'false');
  await button(bo, words.controls.camera).click();
  await notice(bo, bo.texts.devices.trouble.missing(bo.texts.devices.camera));
  await openPanel(bo.page, 'chat');
  await bo.page.getByLabel(words.chat.label).fill('Jag har ingen kamera.');
  await bo.page.keyboard.press('Enter');
  await notice(host, words.chat.news('Bo Berg'));
  nothingWrong(t, host, bo);
});

t.test('a browser that cannot encrypt is not let into a meeting that demands it, and told so', async (t) => {
  const { host, meeting } = await hosted({});
  const bo = await place.guest(meeting, GUESTS.bo, { before: withoutEncryption });
  await bo.page.goto(`${place.url}/meeting/${meeting.id}`);
  await bo.page.getByText(bo.texts.visit.before.noEncryption).waitFor();
  t.equal(await bo.page.locator('form .button-large').count(), 0, 'there is no way on');
  await host.page.locator('.toggle-leave').click();
});

t.test('whoever hands out no key is not shown, and the others are told', async (t) => {
  const { host, meeting } = await hosted({});
  const bo = await place.guest(meeting, GUESTS.bo, { before: withoutHello });
  await place.admit(host, bo, meeting, GUESTS.bo.name);
  await bo.page.locator('[data-encryption="waiting"]').waitFor();
  await host.page.locator('.warnings').getByText(host.texts.meeting.encryption.silent('Bo Berg')).waitFor();
  t.equal(await host.page.locator('[data-encryption="encrypted"]').count(), 1, 'the host still encrypts');
  nothingWrong(t, host, bo);
});

t.test('a meeting that was booked without encryption says so, and any browser takes part', async (t) => {
  const { host, meeting } = await hosted({ unencrypted: true });
  const bo = await place.guest(meeting, GUESTS.bo, { before: withoutEncryption });
  await place.admit(host, bo, meeting, GUESTS.bo.name);
  const { encryption, chat } = host.texts.meeting;
  await Promise.all([sees(host, 'Bo Berg'), sees(bo, 'Anna Andersson')]);
  t.equal(await bo.page.locator('.lock').textContent(), encryption.status.off);
  await bo.page.locator('.lock').click();
  await bo.page.getByText(encryption.lead.off).waitFor();
  await closePanel(bo.page);
  await openPanel(host.page, 'chat');
  await host.page.getByText(chat.plain).waitFor();
  await host.page.getByLabel(chat.label).fill('Hej');
  await host.page.keyboard.press('Enter');
  await notice(bo, chat.news('Anna Andersson'));
  nothingWrong(t, host, bo);
});

async function hosted({
  unencrypted = false,
}: {
  unencrypted?: boolean;
}): Promise<{ host: Visitor; meeting: MeetingView }> {
  const host = await place.organiser();
  const meeting = await place.book(
    host,
    [invited(GUESTS.bo)],
    unencrypted ? { endToEndEncryption: 'off', meetingTypeId: await place.unencryptedType(host) } : {},
  );
  await place.enterAsHost(host, meeting);
  return { host, meeting };
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

/** In the page: a computer with neither. */
function withoutDevices(): void {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'));
}

/** In the page: what announces its key never leaves it. */
function withoutHello(): void {
  const latin = new TextDecoder('latin1');
  window.WebSocket = class extends WebSocket {
    override send(data: string | BufferSource): void {
      const text = typeof data === 'string' ? data : latin.decode(data);
      if (!text.includes('e2ee.keys')) super.send(data);
    }
  };
}

/** In the page: a browser from before encoded transforms. */
function withoutEncryption(): void {
  const old = window as { RTCRtpScriptTransform?: unknown };
  delete old.RTCRtpScriptTransform;
  delete (RTCRtpSender.prototype as { createEncodedStreams?: unknown }).createEncodedStreams;
}
