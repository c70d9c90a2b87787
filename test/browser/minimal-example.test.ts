/** The minimal example: two pages, each shows the other. */
import t from 'tap';
import { launchChromium } from '../support/browser/browsers.js';
import { chromiumDriver } from '../support/browser/driver.js';
import { ExampleServer } from '../support/browser/example-server.js';

t.test('two pages of the minimal example show each other', async (t) => {
  const server = await ExampleServer.start(t, 'minimal');
  const browser = await launchChromium(t);
  const pages = [await chromiumDriver(browser), await chromiumDriver(browser)];
  for (const page of pages) {
    await page.goto(server.url);
    await page.click('#join');
  }
  for (const page of pages) {
    await page.waitFor(
      'the picture and the voice of the other',
      () => {
        const video = document.querySelector<HTMLVideoElement>('#people video');
        return video !== null && video.currentTime > 1 && document.querySelector('#people audio') !== null;
      },
      null,
    );
  }
  await pages[0].close();
  await pages[1].waitFor(
    'the other to go',
    () => document.querySelector('#people')?.childElementCount === 0,
    null,
  );
});
