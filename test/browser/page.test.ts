/** The meeting alone, against a fake service and room client: what people see, hear announced, and can reach with keys. */
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { en } from '../../examples/meeting/web/service/texts/en/index.js';
import * as canned from '../service/web/canned.js';
import { startFakeService } from '../service/web/fake-service.js';
import { launchChromium } from '../support/browser/browsers.js';
import { openServicePage } from '../support/browser/service-page.js';

const browser = await launchChromium(t);
const service = await startFakeService(t);
const meetingPath = `meeting/${canned.MEETING_ID}`;
const { meeting, visit, devices } = en;
/** What any page of this file wrote to its console as an error, CSP violations among them. */
const problems: string[] = [];

async function open(t: Test, path: string): Promise<Page> {
  const opened = await openServicePage(t, browser, 'en', { width: 1280, height: 720 });
  t.teardown(() => problems.push(...opened.problems.map((problem) => `${t.name}: ${problem}`)));
  await opened.page.goto(service.url + path);
  return opened.page;
}

/** The page on which somebody who may come in gets ready. */
async function getReady(t: Test, query = 'video=320x180', name = 'Maja Lind'): Promise<Page> {
  const me = { ...canned.participant(), meetingStatus: 'open' as const, endToEndEncryption: 'off' as const };
  service.state.session = canned.citizenSession();
  service.state.me = { ...me, state: 'admitted', displayName: name };
  const page = await open(t, `${meetingPath}?${query}`);
  await page.getByRole('heading', { name: visit.before.heading }).waitFor();
  return page;
}

async function goIn(page: Page): Promise<void> {
  await page.getByLabel(visit.before.undisturbedLabel).check();
  await page.getByRole('button', { name: visit.before.joinAgain }).click();
}

async function join(t: Test, query?: string): Promise<Page> {
  const page = await getReady(t, query);
  await goIn(page);
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  return page;
}

const calls = (page: Page) => page.evaluate(() => window.sluss.client.calls);

t.beforeEach(() => service.reset());

t.test('getting ready: preview, level, devices', async (t) => {
  const page = await getReady(t);
  await page.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>('.preview video')?.videoWidth ?? 0) > 0,
  );
  await page.waitForFunction(() => (document.querySelector<HTMLMeterElement>('meter')?.value ?? 0) > 0.2);
  const cameras = page.getByRole('combobox', { name: devices.chooseCamera });
  t.equal(await cameras.locator('option').count(), 3, 'the default and two cameras');
  await cameras.selectOption({ index: 2 });
  const chosen = await cameras.inputValue();
  await goIn(page);
  await page.waitForFunction(() => window.sluss.client.localTracks.has('camera'));
  const sent = await page.evaluate(
    () => window.sluss.client.localTracks.get('camera')!.track.getSettings().deviceId,
  );
  t.equal(sent, chosen, 'the chosen one is sent');
  await page.reload();
  await page.getByRole('heading', { name: visit.before.heading }).waitFor();
  t.equal(await cameras.inputValue(), chosen, 'and remembered');
});

t.test('joining without camera and microphone, turning them on later', async (t) => {
  const page = await getReady(t);
  const camera = page.getByRole('button', { name: 'Camera' });
  const microphone = page.getByRole('button', { name: 'Microphone' });
  await page.waitForFunction(() => document.querySelectorAll('[aria-pressed="true"]').length === 2);
  await camera.click();
  await microphone.click();
  await page.getByText(devices.previewOff).waitFor();
  await goIn(page);
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  t.same(await calls(page), [], 'nothing is sent');
  await camera.click();
  await microphone.click();
  await page.waitForFunction(() => window.sluss.client.localTracks.size === 2);
  await camera.click();
  await page.waitForFunction(() => window.sluss.client.localTracks.get('camera')?.paused === true);
  await page.locator('[data-peer="self"]').getByText('Camera off').waitFor({ state: 'attached' });
  await camera.click();
  await page.waitForFunction(() => window.sluss.client.localTracks.get('camera')?.paused === false);
  t.match((await calls(page)).slice(-3), ['pause camera', 'replaceTrack camera', 'resume camera']);
});

t.test(
  'what is sent: simulcast of VP8, one stream of the others, fewer layers of small pictures',
  async (t) => {
    for (const [query, expected] of [
      ['video=320x180', 'encodings=1 codec=video/VP8'],
      ['video=640x360', 'encodings=2 codec=video/VP8'],
      ['', 'encodings=3 codec=video/VP8'],
      ['codec=vp9', 'encodings=1 codec=video/VP9'],
    ]) {
      const page = await join(t, query);
      await page.waitForFunction(() => window.sluss.client.calls.some((call) => call.includes('camera')));
      t.match((await calls(page)).join('\n'), `publish camera ${expected}`, query);
      await page.close();
    }
  },
);

t.test('people come and go: tiles, signs and announcements', async (t) => {
  const page = await join(t);
  const anna = await page.evaluate(() => window.sluss.client.arrive('Anna Berg'));
  const log = page.getByRole('log');
  await log.getByText('Anna Berg joined').waitFor();
  const tile = page.locator(`[data-peer="${anna}"]`);
  await page.waitForFunction((id) => {
    const video = document.querySelector<HTMLVideoElement>(`[data-peer="${id}"] video`);
    return video !== null && video.videoWidth === 320;
  }, anna);
  await page.evaluate((id) => window.sluss.client.setPaused(id, 'camera', true), anna);
  await tile.locator('.initials').waitFor();
  t.equal(await tile.locator('.initials').textContent(), 'AB');
  t.match(await tile.textContent(), /Camera off/);
  await page.evaluate((id) => window.sluss.client.setPaused(id, 'microphone', true), anna);
  await tile.getByText('Microphone off').waitFor({ state: 'attached' });
  await page.evaluate((id) => window.sluss.client.setPaused(id, 'camera', false), anna);
  await tile.locator('video').waitFor();
  await page.evaluate((id) => window.sluss.client.add(id, 'screen'), anna);
  await page.getByText(meeting.stage.screenOf('Anna Berg')).waitFor();
  await page.evaluate((id) => window.sluss.client.remove(id, 'screen'), anna);
  await log.getByText('Anna Berg stopped sharing').waitFor();
  await page.evaluate((id) => window.sluss.client.depart(id), anna);
  await log.getByText('Anna Berg left').waitFor();
  t.equal(await tile.count(), 0);
});

t.test('speaking, connections and their details, by keyboard too', async (t) => {
  const page = await join(t);
  const [anna, bo] = await page.evaluate(() => [
    window.sluss.client.arrive('Anna Berg'),
    window.sluss.client.arrive('Bo Ek', ['microphone']),
  ]);
  await page.evaluate((id) => window.sluss.client.emit('audiolevels', [{ peerId: id, volume: -30 }]), anna);
  await page
    .locator(`[data-peer="${anna}"].tile-speaking`)
    .getByText('Speaking')
    .waitFor({ state: 'attached' });
  await page.evaluate(() => window.sluss.client.emit('audiolevels', []));
  await page.locator('.tile-speaking').waitFor({ state: 'detached' });

  await page.evaluate((id) => window.sluss.client.measure({ [id]: ['poor', 'sender'] }), anna);
  const mark = page.getByRole('button', { name: 'Connection of Anna Berg: Poor: trouble on the other side' });
  await page.getByRole('button', { name: 'Connection of Maja Lind (you): Good' }).waitFor();
  await mark.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Connection of Anna Berg' });
  await panel.getByText('640 × 360, 30 per second').waitFor();
  t.equal(
    await panel.locator('h2').evaluate((element) => element === document.activeElement),
    true,
    'the panel has the focus',
  );
  await panel.getByRole('button', { name: meeting.stage.pin, exact: true }).click();
  t.match((await calls(page)).join('\n'), `pin ${anna}`);
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  t.equal(await mark.evaluate((element) => element === document.activeElement), true, 'the focus is back');

  await page.getByRole('button', { name: 'Connection of Bo Ek' }).click();
  await page.getByRole('dialog').getByText('Voice').waitFor();
  await page.evaluate((id) => window.sluss.client.depart(id), bo);
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  // What the page says it needs is the tile in pixels of the screen.
  const box = (await page.locator(`[data-peer="${anna}"] video`).boundingBox())!;
  await page.waitForFunction(
    ([id, width]) => {
      const tracks = [...window.sluss.client.peers.get(String(id))!.tracks.values()];
      const size = tracks.find(({ source }) => source === 'camera')!.displaySize;
      return size !== null && Math.abs(size[0] - Number(width)) <= 1;
    },
    [anna, box.width] as const,
  );
  await page.evaluate(() => window.sluss.client.emit('draining', 30_000));
  await page.getByRole('status').getByText('The server is about to restart').waitFor();
  await page.evaluate(() => window.sluss.client.setState('connected'));
  await page.getByRole('status').getByText('The server is about to restart').waitFor({ state: 'detached' });
});

t.test(
  'a camera that the server stops sending is covered and keeps its size, so that it can come back',
  async (t) => {
    const page = await join(t);
    const anna = await page.evaluate(() => window.sluss.client.arrive('Anna Berg'));
    const tile = page.locator(`[data-peer="${anna}"]`);
    await page.waitForFunction((id) => (window.sluss.client.displaySize(id, 'camera') ?? [0])[0] > 0, anna);
    const size = await page.evaluate((id) => window.sluss.client.displaySize(id, 'camera'), anna);
    await page.evaluate((id) => window.sluss.client.setLayers(id, 'camera', null), anna);
    await tile.locator('.initials').waitFor();
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    t.equal(await tile.locator('video').isVisible(), false);
    t.strictSame(await page.evaluate((id) => window.sluss.client.displaySize(id, 'camera'), anna), size);

    // Out of sight and back while nothing comes: the size follows.
    await tile.evaluate((element) => (element.style.display = 'none'));
    await page.waitForFunction((id) => window.sluss.client.displaySize(id, 'camera')![0] === 0, anna);
    await tile.evaluate((element) => (element.style.display = ''));
    await page.waitForFunction((id) => window.sluss.client.displaySize(id, 'camera')![0] > 0, anna);
    await page.evaluate((id) => window.sluss.client.setLayers(id, 'camera', { spatialLayer: 0 }), anna);
    await tile.locator('video').waitFor();
    t.equal(await tile.locator('.initials').count(), 0);

    await page.evaluate((id) => window.sluss.client.setPaused(id, 'camera', true), anna);
    await page.waitForFunction((id) => window.sluss.client.displaySize(id, 'camera')![0] === 0, anna);
    await page.evaluate((id) => window.sluss.client.setPaused(id, 'camera', false), anna);
    await page.waitForFunction((id) => window.sluss.client.displaySize(id, 'camera')![0] > 0, anna);
  },
);

t.test('screens that nobody sees are asked for in no size', async (t) => {
  const page = await join(t);
  const [anna, bo] = await page.evaluate(() => [
    window.sluss.client.arrive('Anna Berg', ['screen']),
    window.sluss.client.arrive('Bo Ek', ['screen']),
  ]);
  const sizes = () =>
    page.evaluate((ids) => ids.map((id) => window.sluss.client.displaySize(id, 'screen')), [anna, bo]);
  await page.getByText(meeting.stage.screenOf('Bo Ek')).waitFor();
  await page.waitForFunction((id) => window.sluss.client.displaySize(id, 'screen')![0] > 0, bo);
  t.strictSame((await sizes())[0], [0, 0]);
  await page.evaluate((id) => window.sluss.client.remove(id, 'screen'), bo);
  await page.waitForFunction((id) => window.sluss.client.displaySize(id, 'screen')![0] > 0, anna);
  await page.evaluate((id) => window.sluss.client.add(id, 'screen'), bo);
  await page.getByText(meeting.stage.screenOf('Bo Ek')).waitFor();
});

t.test('whom nothing is received of can be pinned, with a tile and without', async (t) => {
  const page = await join(t);
  const anna = await page.evaluate(() => window.sluss.client.arrive('Anna Berg', []));
  t.equal(await page.getByRole('button', { name: /^Connection of Anna Berg/ }).count(), 0);
  await page.evaluate(() => window.sluss.client.measure());
  const mark = page.getByRole('button', { name: 'Connection of Anna Berg: not received now. Show details' });
  await mark.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Connection of Anna Berg' });
  await panel.getByRole('button', { name: meeting.stage.pin, exact: true }).click();
  t.match((await calls(page)).at(-1), `pin ${anna}`);
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  t.equal(await mark.evaluate((element) => element === document.activeElement), true);
  // Something comes of her, and goes: the mark stays where the focus is.
  const known = page.getByRole('button', { name: 'Connection of Anna Berg: Good' });
  await page.evaluate((id) => window.sluss.client.add(id, 'microphone'), anna);
  await page.evaluate(() => window.sluss.client.measure());
  await known.waitFor();
  await page.evaluate((id) => window.sluss.client.remove(id, 'microphone'), anna);
  await page.evaluate(() => window.sluss.client.measure());
  t.equal(await mark.evaluate((element) => element === document.activeElement), true);

  // Another mark is clicked while a panel is open: its panel gives the focus back to that one.
  await mark.click();
  const own = page.getByRole('button', { name: /^Connection of Maja Lind/ });
  await own.click();
  await page.getByRole('dialog', { name: 'Connection of Maja Lind (you)' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.equal(await own.evaluate((element) => element === document.activeElement), true);

  await page.evaluate((id) => window.sluss.client.depart(id), anna);
  const ids = await page.evaluate(() =>
    Array.from({ length: 26 }, (_, n) => window.sluss.client.arrive(`Person ${n}`, [])),
  );
  await page.getByRole('button', { name: meeting.stage.notShownLabel(26) }).click();
  const list = page.getByRole('dialog', { name: meeting.people.heading });
  const pin = list.getByRole('button', { name: meeting.stage.pinName('Person 17') });
  await pin.focus();
  await page.keyboard.press('Enter');
  await page.locator(`.tile[data-peer="${ids[17]}"]`).waitFor();
  t.match((await calls(page)).at(-1), `pin ${ids[17]}`, 'who left is pinned no more');
  t.notMatch((await calls(page)).at(-1), anna);
  t.equal(await pin.getAttribute('aria-pressed'), 'true');
  t.equal(await pin.evaluate((element) => element === document.activeElement), true);
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
});

t.test('who speaks is forgotten while the connection is lost', async (t) => {
  const page = await join(t);
  const anna = await page.evaluate(() => window.sluss.client.arrive('Anna Berg'));
  await page.evaluate((id) => window.sluss.client.emit('audiolevels', [{ peerId: id, volume: -30 }]), anna);
  await page.locator('.tile-speaking').waitFor();
  await page.evaluate(() => window.sluss.client.setState('reconnecting'));
  await page.locator('.tile-speaking').waitFor({ state: 'detached' });
});

t.test('the grid keeps 1 to 25 tiles apart, inside and equally large, on desktops and phones', async (t) => {
  const page = await join(t);
  let here = 1;
  for (const count of [1, 2, 3, 5, 9, 16, 25]) {
    for (; here < count; here++) await page.evaluate((n) => window.sluss.client.arrive(`Person ${n}`), here);
    for (const size of [
      { width: 1280, height: 720 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(size);
      await page.waitForFunction(allTilesInside, count);
      t.ok(await page.evaluate(tilesApart), `${count} tiles at ${size.width}x${size.height}`);
      if (size.width === 1280) t.equal(await page.locator('.not-shown').count(), 0, 'and nobody is missing');
    }
  }
});

/** In the page: as many tiles as said, all of them wholly inside the room; who has none is counted. */
function allTilesInside(count: number): boolean {
  const grid = document.querySelector('.room')!.getBoundingClientRect();
  const tiles = [...document.querySelectorAll('.tile')].map((tile) => tile.getBoundingClientRect());
  const more = Number(/\d+/.exec(document.querySelector('.not-shown')?.textContent ?? '0')![0]);
  return (
    tiles.length + more === count &&
    tiles.every(
      (tile) =>
        tile.width >= 60 &&
        tile.left >= grid.left - 1 &&
        tile.right <= grid.right + 1 &&
        tile.top >= grid.top - 1 &&
        tile.bottom <= grid.bottom + 1,
    )
  );
}

/** In the page: no two tiles overlap and all are equally large. */
function tilesApart(): boolean {
  const tiles = [...document.querySelectorAll('.tile')].map((tile) => tile.getBoundingClientRect());
  return tiles.every((a, index) =>
    tiles
      .slice(index + 1)
      .every(
        (b) =>
          Math.abs(a.width - b.width) < 1 &&
          (a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1),
      ),
  );
}

t.test('a screen is large, sharing the own one and ending it', async (t) => {
  const page = await join(t);
  const share = page.getByRole('button', { name: 'Share screen' });
  await share.click();
  await page.getByText('You are sharing your screen').waitFor();
  t.equal(await share.getAttribute('aria-pressed'), 'true');
  await page.waitForFunction(() => window.sluss.client.localTracks.has('screen'));
  const stage = await page.locator('.stage').boundingBox();
  t.ok(stage !== null && stage.width > 800, 'the stage takes most of the width');
  await share.click();
  await page.waitForFunction(() => !window.sluss.client.localTracks.has('screen'));
  t.equal(await page.locator('.stage').count(), 0);
});

t.test('connection: a banner while it is repaired, plain words when it is over', async (t) => {
  const page = await join(t);
  await page.evaluate(() => window.sluss.client.setState('reconnecting'));
  await page.getByText('The connection was lost. Trying to reconnect').waitFor();
  await page.evaluate(() => window.sluss.client.setState('connected'));
  await page.getByText('Connected again.').waitFor();
  await page.evaluate(() => window.sluss.client.emit('error', new Error('the transport failed.')));
  await page.getByText('There was a problem with the connection: the transport failed.').waitFor();
  await page.getByRole('button', { name: en.common.close, exact: true }).click();
  await page.evaluate(() => window.sluss.client.setState('closed', 'draining'));
  await page.getByRole('heading', { name: visit.left.interruptedHeading }).waitFor();
  const reason = 'Reason: The server is restarting. Try again in a minute.';
  await page.getByText(reason, { exact: true }).waitFor();
  await page.getByRole('button', { name: visit.left.againHost }).click();
  await page.getByRole('button', { name: 'Leave' }).waitFor();
});

t.test('a refused join and a failed camera are told, and can be tried again', async (t) => {
  const page = await getReady(t);
  const camera = page.getByRole('button', { name: 'Camera' });
  await page.waitForFunction(() => document.querySelectorAll('[aria-pressed="true"]').length === 2);
  await camera.click();
  await page.evaluate(() => {
    window.fakeJoinError = 'room-full';
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError'));
  });
  await camera.click();
  await page.getByText(devices.trouble.busy(devices.camera)).waitFor();
  await goIn(page);
  await page.getByRole('heading', { name: visit.room.enterFailed }).waitFor();
  t.same(
    await page.getByRole('alert').filter({ hasText: /\w/ }).allTextContents(),
    ['The meeting is full. Nobody more can be let in right now.'],
    'and why',
  );
  await page.evaluate(() => delete window.fakeJoinError);
  await page.getByRole('button', { name: en.common.retry }).click();
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('heading', { name: visit.left.heading }).waitFor();
  t.match((await calls(page)).at(-1), 'leave');
});

t.test('every control is reached and worked with the keyboard, the focus can be seen', async (t) => {
  const page = await join(t);
  await page.evaluate(() => document.querySelector<HTMLElement>('h1')?.focus());
  const reached: string[] = [];
  const { controls } = meeting;
  while (reached.at(-1) !== controls.leave) {
    if (reached.length > 40) throw new Error(`"${controls.leave}" is not reached, but ${reached.join()}`);
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement?.textContent ?? ''));
    t.equal(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle), 'solid');
  }
  t.same(reached.slice(-10), [
    ...[controls.microphone, controls.camera, controls.screen, controls.hand, controls.chat],
    ...[controls.documents, controls.people, controls.view, controls.settings, controls.leave],
  ]);
  await page.getByRole('button', { name: 'Microphone' }).focus();
  await page.keyboard.press('Space');
  await page.locator('[data-peer="self"]').getByText('Microphone off').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: controls.people }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: meeting.people.heading }).waitFor();
});

t.test('texts stand out from their ground by 4.5 to 1', async (t) => {
  for (const page of [await open(t, ''), await getReady(t), await join(t)]) {
    await page.getByRole('heading', { level: 1 }).waitFor();
    t.same(await page.evaluate(weakTexts), [], page.url());
  }
});

t.test('no page reported an error', async (t) => {
  t.same(problems, []);
});

/** In the page: elements whose own text has less than WCAG's AA contrast on the nearest solid ground below it. */
function weakTexts(): string[] {
  const weak: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
    );
    if (!own || element.getClientRects().length === 0 || element.closest('svg, noscript, option')) continue;
    const ratio = contrast(parse(getComputedStyle(element).color), groundOf(element));
    if (ratio < 4.5) weak.push(`${element.tagName} "${element.textContent}" ${ratio.toFixed(2)}`);
  }
  return weak;

  function groundOf(element: Element): number[] {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      // Half-transparent grounds are dark veils over pictures: on white they are at their weakest.
      if (colour[3] > 0) return colour.slice(0, 3).map((value) => value * colour[3] + 255 * (1 - colour[3]));
    }
    return [255, 255, 255];
  }
  function parse(colour: string): number[] {
    const [r, g, b, a = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    return [r, g, b, a];
  }
  function luminance(colour: number[]): number {
    const [r, g, b] = colour.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  function contrast(front: number[], ground: number[]): number {
    const [light, dark] = [luminance(front), luminance(ground)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }
}
