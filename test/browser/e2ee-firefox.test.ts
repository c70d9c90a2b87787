/** Firefox and Chromium in one encrypted room see and hear each other. */
import t from 'tap';
import { launchChromium, launchFirefox } from '../support/browser/browsers.js';
import { chromiumDriver, firefoxDriver } from '../support/browser/driver.js';
import { E2eePage, E2eeServer } from '../support/browser/e2ee-page.js';

t.test('Firefox and Chromium, encrypted', async (t) => {
  const server = await E2eeServer.start(t);
  const chromium = await chromiumDriver(await launchChromium(t));
  const firefox = await firefoxDriver(await launchFirefox(t));
  const anna = await E2eePage.join(chromium, server, { name: 'Anna', encrypted: true });
  const bo = await E2eePage.join(firefox, server, { name: 'Bo', encrypted: true });
  await Promise.all([anna.publish(), bo.publish()]);
  await Promise.all([anna.waitForMedia('Bo', 60), bo.waitForMedia('Anna', 60)]);
  t.equal(await anna.waitForCode(''), await bo.waitForCode(''));
  for (const page of [anna, bo]) {
    const { counters, state } = await page.state();
    t.equal(state, 'encrypted');
    t.equal(counters!.dropped.forged, 0);
    t.comment(`${page.name}: ${JSON.stringify(counters)}`);
  }
});
