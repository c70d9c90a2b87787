/** Pictures of getting ready and of the meeting, for a look with human eyes and for the documentation: test-results/. */
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { en } from '../../examples/meeting/web/service/texts/en/index.js';
import * as canned from '../service/web/canned.js';
import { startFakeService } from '../service/web/fake-service.js';
import { launchChromium } from '../support/browser/browsers.js';

const folder = fileURLToPath(new URL('../../test-results/', import.meta.url));
const sizes = { desktop: { width: 1280, height: 720 }, phone: { width: 390, height: 844 } };
const people = [
  'Anna Berg',
  'Björn Ek',
  'Clara Nyström',
  'David Åström',
  'Elin Holm',
  'Farid Amini',
  'Greta Lund',
  'Hugo Dahl',
];

t.test('screenshots', async (t) => {
  mkdirSync(folder, { recursive: true });
  const browser = await launchChromium(t);
  const service = await startFakeService(t);
  const { before } = en.visit;
  for (const [device, viewport] of Object.entries(sizes)) {
    const context = await browser.newContext({ viewport });
    const page = await context.newPage();
    const shoot = async (what: string): Promise<void> => {
      const path = `${folder}${what}-${device}.png`;
      await page.screenshot({ path });
      t.ok(statSync(path).size > 5_000, path);
    };
    service.reset();
    service.state.session = canned.citizenSession();
    const me = { ...canned.participant(), meetingStatus: 'open' as const, displayName: 'Maja Lind' };
    service.state.me = { ...me, state: 'admitted', endToEndEncryption: 'off' };
    await page.goto(`${service.url}meeting/${canned.MEETING_ID}?lang=en`);
    await page.waitForFunction(
      () => (document.querySelector<HTMLVideoElement>('.preview video')?.videoWidth ?? 0) > 0,
    );
    await page.waitForFunction(() => (document.querySelector('meter')?.value ?? 0) > 0.2);
    await shoot('join');
    await page.getByRole('button', { name: 'Camera' }).click();
    await page.getByLabel(before.undisturbedLabel).check();
    await page.getByRole('button', { name: before.joinAgain }).click();
    await page.getByRole('button', { name: 'Leave' }).waitFor();
    await page.evaluate((names) => {
      const { client } = window.sluss;
      const ids = names.map((name) => client.arrive(name));
      client.setPaused(ids[2], 'camera', true);
      client.setPaused(ids[4], 'microphone', true);
    }, people);
    await page.getByText(`${people.length + 1} participants`).waitFor();
    await page.waitForFunction(
      (count) =>
        [...document.querySelectorAll('video')].filter((video) => video.videoWidth > 0).length === count,
      people.length - 1,
    );
    // Who came is news for a few seconds only.
    await page.locator('.notice').last().waitFor({ state: 'detached' });
    await page.evaluate(() => {
      const { client } = window.sluss;
      const ids = [...client.peers.keys()];
      client.emit('audiolevels', [{ peerId: ids[1], volume: -28 }]);
      client.measure({ [ids[3]]: ['fair', 'downlink-loss'], [ids[5]]: ['poor', 'sender'] });
    });
    await page.locator('.tile-speaking').waitFor();
    await shoot('meeting');
    await page.getByRole('button', { name: 'Connection of David Åström' }).click();
    await page.getByRole('dialog').getByText('540 kbit/s').waitFor();
    await shoot('details');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Connection of Maja Lind' }).click();
    await page.getByRole('dialog').getByText('1.2 Mbit/s').first().waitFor();
    await shoot('details-own');
    await page.keyboard.press('Escape');
    await page.evaluate(() => {
      const { client } = window.sluss;
      client.add([...client.peers.keys()][0], 'screen');
    });
    await page.waitForFunction(
      () => (document.querySelector<HTMLVideoElement>('.stage video')?.videoWidth ?? 0) > 0,
    );
    await shoot('screen');
    await context.close();
  }
});
