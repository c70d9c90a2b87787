/** Who left cannot open what is sent after that, who came later not what was sent before: with the frames as they came. */
import t from 'tap';
import { splitFrame } from '#src/client/e2ee/frame-crypto.js';
import { launchChromium } from '../support/browser/browsers.js';
import { chromiumDriver } from '../support/browser/driver.js';
import { E2eePage, E2eeServer, type SealedRecord } from '../support/browser/e2ee-page.js';
import { until } from '../support/browser/until.js';

const ENOUGH = 30;

t.test('old keys open nothing new, and new keys nothing old', async (t) => {
  const server = await E2eeServer.start(t);
  const browser = await launchChromium(t);
  const open = async (name: string) =>
    E2eePage.join(await chromiumDriver(browser), server, { name, encrypted: true });
  const anna = await open('Anna');
  const bo = await open('Bo');
  await anna.publish({ width: 160, height: 90 });
  await bo.waitForMedia('Anna', ENOUGH);
  const first = (await anna.state()).sendingKey!;
  const before = await recorded(bo, first);
  const all = { microphone: ENOUGH, camera: ENOUGH };
  t.same(await bo.tryToOpen(before), all, 'Bo, who was there, opens them');

  const cleo = await open('Cleo');
  await changed(anna, first);
  await cleo.waitForMedia('Anna', ENOUGH);
  const second = (await anna.state()).sendingKey!;
  t.same(await cleo.tryToOpen(before), { microphone: 0, camera: 0 }, 'nothing of before Cleo came');
  const between = await recorded(cleo, second);
  t.same(await bo.tryToOpen(between), all, 'both are there');
  t.same(await cleo.tryToOpen(between), all);

  await bo.leave();
  await changed(anna, second);
  await cleo.waitForMedia('Anna', ENOUGH);
  const after = await recorded(cleo, (await anna.state()).sendingKey!);
  t.same(await bo.tryToOpen(after), { microphone: 0, camera: 0 }, 'nothing of after Bo left');
  t.same(await cleo.tryToOpen(after), all, 'which Cleo opens');
  t.same(await bo.tryToOpen(before), all, 'what Bo heard stays readable to Bo');
});

/** The newest frames of Anna under one key, as many of each kind. */
async function recorded(page: E2eePage, keyId: number): Promise<SealedRecord[]> {
  let found: SealedRecord[] = [];
  await until(`${ENOUGH} frames of each kind`, async () => {
    const frames = (await page.sealed('Anna')).filter(
      ({ frame }) => splitFrame(new Uint8Array(frame))?.keyId === keyId,
    );
    found = ['microphone', 'camera'].flatMap((kind) =>
      frames.filter(({ source }) => source === kind).slice(-ENOUGH),
    );
    return found.length === 2 * ENOUGH;
  });
  return found;
}

async function changed(page: E2eePage, keyId: number): Promise<void> {
  await until('another key', async () => (await page.state()).sendingKey !== keyId);
}
