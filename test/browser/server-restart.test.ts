/** The server dies and comes back on the same port: people find each other again without reloading the page. */
import t from 'tap';
import { launchChromium } from '../support/browser/browsers.js';
import { ExampleServer } from '../support/browser/example-server.js';
import { MeetingPage } from '../support/browser/meeting-page.js';

t.test('the server is killed and started again', async (t) => {
  const server = await ExampleServer.start(t, 'meeting');
  const browser = await launchChromium(t);
  const anna = await MeetingPage.inChromium(browser, { server, name: 'Anna' });
  const bjorn = await MeetingPage.inChromium(browser, { server, name: 'Björn' });
  const pages = [anna, bjorn];
  await anna.waitForPictures(['Björn']);
  await bjorn.waitForPictures(['Anna']);
  const born = await Promise.all(
    pages.map(({ driver }) => driver.evaluate(() => performance.timeOrigin, null)),
  );
  await server.kill();
  for (const { driver, name } of pages) {
    await driver.waitFor(`${name}'s banner`, () => document.querySelector('.banner') !== null, null);
  }
  await server.restart();
  const started = performance.now();
  for (const { driver, name } of pages) {
    await driver.waitFor(
      `${name} connected again`,
      () => document.querySelector('.banner') === null,
      null,
      30_000,
    );
  }
  await anna.waitForPeople(['Björn']);
  await bjorn.waitForPeople(['Anna']);
  await anna.waitForPictures(['Björn']);
  await bjorn.waitForPictures(['Anna']);
  t.comment(`media again ${((performance.now() - started) / 1000).toFixed(1)} s after the server is back`);
  const [watched] = await anna.watch(['Björn'], 3_000);
  t.ok(watched.framesPerSecond >= 10, `pictures flow again: ${watched.framesPerSecond.toFixed(1)}/s`);
  t.ok(watched.audioEnergy > 0, 'sound flows again');
  const now = await Promise.all(
    pages.map(({ driver }) => driver.evaluate(() => performance.timeOrigin, null)),
  );
  t.same(now, born, 'no page was reloaded');
});
