/** Lost sockets and a restarted server: an encrypted room goes on, and not one packet of it is plain. */
import t from 'tap';
import { launchChromium } from '../support/browser/browsers.js';
import { chromiumDriver } from '../support/browser/driver.js';
import { E2eePage, E2eeServer } from '../support/browser/e2ee-page.js';
import { until } from '../support/browser/until.js';

/** tag (16), clear length, source, counter (4), key id (4), format */
const TRAILER = 11;

t.test('nothing is sent in the clear, whatever happens to the connection', async (t) => {
  const first = await E2eeServer.start(t);
  const { port } = first.gateway;
  const browser = await launchChromium(t);
  const open = async (name: string) =>
    E2eePage.join(await chromiumDriver(browser), first, { name, encrypted: true });
  const anna = await open('Anna');
  const bo = await open('Bo');
  t.same(await anna.publishPlain(), ['encryption-required', 'encryption-required']);
  await anna.publish({ width: 160, height: 90 });
  await bo.waitForMedia('Anna', 20);
  const { plain } = await anna.state();
  t.ok(plain.negotiations > 0);
  t.equal(plain.senders, 0, 'what was refused has nothing to send');

  await Promise.all([anna.cut(), bo.cut()]);
  const resumed = await first.record(t, 'audio', 40);
  await until('another socket', async () => {
    const states = await Promise.all([anna.state(), bo.state()]);
    return states.every(({ sockets, client }) => sockets === 2 && client === 'connected');
  });
  await bo.waitForMedia('Anna', 20);
  t.ok(resumed.every(isSealed), 'while the sockets were away');

  await first.gateway.close();
  const second = await E2eeServer.start(t, port);
  // The pages wait up to five seconds between two attempts.
  await until('the stream in the new server', () => Promise.resolve(second.has('audio')), {
    limitMs: 45_000,
  });
  const restarted = await second.record(t, 'audio', 60);
  await until('Anna at Bo again', async () => (await bo.state()).peers.includes('Anna'));
  await bo.waitForMedia('Anna', 20);
  t.ok(restarted.every(isSealed), 'from the first packet after the restart');
  const [ofAnna, ofBo] = await Promise.all([anna.state(), bo.state()]);
  t.ok(ofAnna.plain.negotiations > plain.negotiations);
  t.equal(ofAnna.plain.senders, 0, 'no sender was ever negotiated without its transform');
  t.equal(ofBo.counters!.dropped.unencrypted, 0);
  t.equal(ofBo.state, 'encrypted');
});

/** A sound of ours: one clear byte, the microphone, and the format. */
function isSealed(payload: Uint8Array): boolean {
  const trailer = payload.subarray(payload.length - TRAILER);
  return payload.length > TRAILER + 16 && trailer[0] === 1 && trailer[1] === 0 && trailer[TRAILER - 1] === 1;
}
