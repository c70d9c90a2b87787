/** What people do in a meeting: camera off and on, mute, share a screen, close the tab. */
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { launchChromium } from '../support/browser/browsers.js';
import { ExampleServer } from '../support/browser/example-server.js';
import { MeetingPage } from '../support/browser/meeting-page.js';

const server = await ExampleServer.start(t, 'meeting');
const browser = await launchChromium(t);

t.test('camera off and on, microphone off and on', async (t) => {
  const anna = await MeetingPage.inChromium(browser, { server, room: 'camera', name: 'Anna' });
  const bjorn = await MeetingPage.inChromium(browser, { server, room: 'camera', name: 'Björn' });
  await bjorn.waitForPictures(['Anna']);
  await anna.press('Camera');
  await bjorn.driver.waitFor("Anna's camera sign", hasSign, { name: 'Anna', sign: 'Camera off' });
  t.equal(await bjorn.pictureOf('Anna'), null, 'no picture while the camera is off');
  await anna.press('Camera');
  await bjorn.driver.waitFor("Anna's camera sign gone", hasNoSign, { name: 'Anna', sign: 'Camera off' });
  await bjorn.waitForPictures(['Anna']);
  await anna.press('Microphone');
  await bjorn.driver.waitFor("Anna's microphone sign", hasSign, { name: 'Anna', sign: 'Microphone off' });
  await anna.press('Microphone');
  await bjorn.driver.waitFor("Anna's microphone sign gone", hasNoSign, {
    name: 'Anna',
    sign: 'Microphone off',
  });
  const [watched] = await bjorn.watch(['Anna'], 2_000);
  t.ok(watched.audioEnergy > 0, 'Anna is heard again');
  t.ok(watched.framesPerSecond >= 10, 'Anna is seen again');
  await Promise.all([anna.closeTab(), bjorn.closeTab()]);
});

t.test('a simulcast camera comes back after it was off, and after its tile was out of sight', async (t) => {
  const query = 'video=640x360';
  const anna = await MeetingPage.inChromium(browser, { server, room: 'back', name: 'Anna', query });
  const bjorn = await MeetingPage.inChromium(browser, { server, room: 'back', name: 'Björn' });
  await bjorn.waitForPictures(['Anna']);
  // Longer than the second after which a picture without a place is not sent any more.
  await anna.press('Camera');
  await wait(3_000);
  await anna.press('Camera');
  await bjorn.waitForPictures(['Anna'], 5_000);
  await bjorn.driver.waitFor('the picture of Anna', showsPicture, 'Anna');

  await bjorn.driver.evaluate(setTileDisplay, { name: 'Anna', display: 'none' });
  await wait(2_000);
  const decoded = async () =>
    (await bjorn.receptions()).find(({ source }) => source === 'camera')?.framesDecoded;
  const hidden = await decoded();
  await wait(1_000);
  t.equal(await decoded(), hidden, 'nothing comes of a tile that is out of sight');
  await bjorn.driver.evaluate(setTileDisplay, { name: 'Anna', display: '' });
  await bjorn.waitForPictures(['Anna'], 5_000);
  await bjorn.driver.waitFor('the picture of Anna', showsPicture, 'Anna');
  await Promise.all([anna.closeTab(), bjorn.closeTab()]);
});

t.test('a shared screen is seen large, and gone when it ends', async (t) => {
  const anna = await MeetingPage.inChromium(browser, { server, room: 'screen', name: 'Anna' });
  const bjorn = await MeetingPage.inChromium(browser, { server, room: 'screen', name: 'Björn' });
  await bjorn.waitForPictures(['Anna']);
  await anna.press('Share screen');
  await bjorn.driver.waitFor(
    "Anna's screen",
    () => {
      const video = document.querySelector<HTMLVideoElement>('.stage video');
      return video !== null && video.videoWidth >= 640 && video.currentTime > 0;
    },
    null,
  );
  const screen = (await bjorn.receptions()).find(({ source }) => source === 'screen');
  t.ok((screen?.framesDecoded ?? 0) > 0, 'pictures of the screen are decoded');
  t.match(
    await bjorn.driver.evaluate(() => document.querySelector('.stage')?.textContent ?? '', null),
    'Anna is showing a screen',
  );
  await anna.press('Share screen');
  await bjorn.driver.waitFor('the stage to go', () => document.querySelector('.stage') === null, null);
  await bjorn.waitForPictures(['Anna']);
  await Promise.all([anna.closeTab(), bjorn.closeTab()]);
});

t.test('a closed tab leaves the others within 2 seconds', async (t) => {
  const anna = await MeetingPage.inChromium(browser, { server, room: 'tab', name: 'Anna' });
  const bjorn = await MeetingPage.inChromium(browser, { server, room: 'tab', name: 'Björn' });
  await anna.waitForPictures(['Björn']);
  const closed = performance.now();
  await bjorn.closeTab();
  await anna.waitForPeople([], 2_000);
  t.ok(performance.now() - closed <= 2_500, 'closing the tab included');
  t.match(
    await anna.driver.evaluate(() => document.querySelector('.notices')?.textContent ?? '', null),
    'Björn left',
  );
  await anna.closeTab();
});

/** In the page: does the person's tile say this? */
function hasSign({ name, sign }: { name: string; sign: string }): boolean {
  const tile = [...document.querySelectorAll('.tile')].find(
    (one) => one.querySelector('.tile-name')?.textContent === name,
  );
  return tile?.textContent?.includes(sign) ?? false;
}

/** In the page. */
function setTileDisplay({ name, display }: { name: string; display: string }): void {
  for (const tile of document.querySelectorAll<HTMLElement>('.tile')) {
    if (tile.querySelector('.tile-name')?.textContent === name) tile.style.display = display;
  }
}

/** In the page: is the person's picture to be seen? */
function showsPicture(name: string): boolean {
  const tile = [...document.querySelectorAll('.tile')].find(
    (one) => one.querySelector('.tile-name')?.textContent === name,
  );
  const video = tile?.querySelector('video');
  return !!video && video.videoWidth > 0 && getComputedStyle(video).visibility === 'visible';
}

function hasNoSign({ name, sign }: { name: string; sign: string }): boolean {
  const tile = [...document.querySelectorAll('.tile')].find(
    (one) => one.querySelector('.tile-name')?.textContent === name,
  );
  return tile?.textContent?.includes(sign) === false;
}
