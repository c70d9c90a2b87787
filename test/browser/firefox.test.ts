/** Firefox and Chromium in one room see and hear each other. */
import t from 'tap';
import { launchChromium, launchFirefox } from '../support/browser/browsers.js';
import { ExampleServer } from '../support/browser/example-server.js';
import { expectGoodMedia } from '../support/browser/expectations.js';
import { MeetingPage } from '../support/browser/meeting-page.js';

t.test('Firefox and Chromium', async (t) => {
  const server = await ExampleServer.start(t, 'meeting');
  const inChromium = await MeetingPage.inChromium(await launchChromium(t), {
    server,
    name: 'Chrome',
  });
  const inFirefox = await MeetingPage.inFirefox(await launchFirefox(t), { server, name: 'Firefox' });
  await inChromium.waitForPictures(['Firefox']);
  await inFirefox.waitForPictures(['Chrome']);
  const [byChromium, byFirefox] = await Promise.all([
    inChromium.watch(['Firefox'], 8_000),
    inFirefox.watch(['Chrome'], 8_000),
  ]);
  expectGoodMedia(t, 'Chromium', byChromium);
  expectGoodMedia(t, 'Firefox', byFirefox);
});
