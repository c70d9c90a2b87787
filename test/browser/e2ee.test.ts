/** Encrypted media through a real gateway: it arrives with those who have the key, and with nobody else. */
import t from 'tap';
import { launchChromium } from '../support/browser/browsers.js';
import { chromiumDriver } from '../support/browser/driver.js';
import { E2eePage, E2eeServer } from '../support/browser/e2ee-page.js';
import { until } from '../support/browser/until.js';
import { FRAME_OVERHEAD } from '#src/client/e2ee/frame-crypto.js';
import { Vp8Descriptor } from '#src/rtp/codecs/vp8.js';

t.test(
  'pictures and sound arrive encrypted, the server sees other bytes, who leaves hears no more',
  async (t) => {
    const server = await E2eeServer.start(t);
    const browser = await launchChromium(t);
    const open = async (name: string, encrypted = true) =>
      E2eePage.join(await chromiumDriver(browser), server, { name, encrypted });
    const anna = await open('Anna');
    const bo = await open('Bo');
    await anna.publish();
    await bo.waitForMedia('Anna', 60);
    const received = await bo.received('Anna');
    t.comment(`Bo decoded ${received.framesDecoded} pictures, ${received.frameWidth} wide`);
    t.ok(received.concealed < received.samples * 0.2, 'sound without holes');

    const [codeOfAnna, codeOfBo] = await Promise.all([anna.waitForCode(''), bo.waitForCode('')]);
    t.match(codeOfAnna, /^(\d{5} ){5}\d{5}$/);
    t.equal(codeOfAnna, codeOfBo, 'both read the same code');
    await bo.chat('Hej! ❤');
    await until('the chat', async () => (await anna.state()).chat.includes('Bo: Hej! ❤'));

    const sound = await server.record(t, 'audio', 60);
    const spoken = (await anna.encoded('microphone')).map((frame) => Buffer.from(frame));
    const lengths = new Set(spoken.map(({ length }) => length + FRAME_OVERHEAD));
    t.ok(
      sound.every(({ length }) => lengths.has(length)),
      'each payload is a frame with tag and trailer',
    );
    const tocs = new Set(spoken.map((frame) => frame[0]));
    t.ok(
      sound.every(([toc]) => tocs.has(toc)),
      'the first byte is what the encoder wrote',
    );
    const heard = Buffer.concat(sound);
    t.notOk(
      spoken.some((frame) => frame.length > 8 && heard.includes(frame.subarray(1, 9))),
      'and nothing else is',
    );

    const pictures = await server.record(t, 'video', 150);
    const descriptor = new Vp8Descriptor();
    const keyFrames = pictures.filter(
      (payload) => descriptor.parse(payload, 0, payload.length) && descriptor.keyFrame,
    );
    t.ok(keyFrames.length > 0, 'the server knows key frames');
    const shown = Buffer.concat(pictures.map((payload) => Buffer.from(payload)));
    const encoded = (await anna.encoded('camera')).map((frame) => Buffer.from(frame));
    t.ok(encoded.length > 100);
    t.notOk(
      encoded.some((frame) => frame.length > 40 && shown.includes(frame.subarray(16, 32))),
      'no picture of the encoder',
    );
    t.ok(entropy(shown) > 7.9, `${entropy(shown).toFixed(3)} bits in each byte`);

    const onlooker = await open('Onlooker', false);
    await onlooker.driver.waitFor('packets', () => document.getElementById('Anna-video') !== null, null);
    await bo.waitForMedia('Anna', 60);
    const [own, withKey, without] = await Promise.all([
      anna.picture('local'),
      bo.picture('Anna-video'),
      onlooker.picture('Anna-video'),
    ]);
    const [near, far] = [difference(own, withKey), difference(own, without)];
    t.ok(near < 30, `with the key: ${near.toFixed(1)} from the camera's picture`);
    t.ok(far > 40, `without: ${far.toFixed(1)}`);
    await onlooker.leave();

    const cleo = await open('Cleo');
    await cleo.waitForMedia('Anna', 30);
    const three = await anna.waitForCode(codeOfAnna);
    await bo.waitForMedia('Anna', 30);
    t.equal(await bo.waitForCode(codeOfAnna), three, 'another code with three');
    await bo.leave();
    const two = await cleo.waitForCode(three);
    t.notOk([codeOfAnna, three].includes(two), 'and a new one when somebody has left');
    await cleo.waitForMedia('Anna', 60);
    const { counters } = await cleo.state();
    t.equal(counters!.dropped.forged, 0);
    t.equal(counters!.dropped.unencrypted, 0);
    t.comment(JSON.stringify(counters));
  },
);

for (const codec of ['video/VP9', 'video/H264']) {
  t.test(`${codec} arrives, too`, async (t) => {
    const server = await E2eeServer.start(t);
    const browser = await launchChromium(t);
    const anna = await E2eePage.join(await chromiumDriver(browser), server, {
      name: 'Anna',
      encrypted: true,
    });
    const able = await anna.driver.evaluate(
      (wanted) => RTCRtpSender.getCapabilities('video')!.codecs.some(({ mimeType }) => mimeType === wanted),
      codec,
    );
    if (!able) return t.comment(`this Chromium has no ${codec} encoder`);
    const bo = await E2eePage.join(await chromiumDriver(browser), server, { name: 'Bo', encrypted: true });
    await anna.publish({ codec });
    await bo.waitForMedia('Anna', 60);
    const near = difference(await anna.picture('local'), await bo.picture('Anna-video'));
    t.ok(near < 30, `${near.toFixed(1)} from the camera's picture`);
    const { counters } = await bo.state();
    t.ok(counters!.opened > 60);
    t.equal(counters!.dropped.forged + counters!.dropped.unencrypted, 0);
    const forwarded = Buffer.concat(await server.record(t, 'video', 100));
    const encoded = (await anna.encoded('camera')).map((frame) => Buffer.from(frame));
    const long = encoded.filter(({ length }) => length > 120);
    t.ok(long.length > 20);
    t.notOk(
      long.some((frame) => forwarded.includes(frame.subarray(80, 96))),
      'the server sees nothing of the encoder',
    );
  });
}

/** Bits in each byte, 0 to 8. */
function entropy(bytes: Uint8Array): number {
  const counts = new Float64Array(256);
  for (const byte of bytes) counts[byte]++;
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / bytes.length) * Math.log2(count / bytes.length)),
    0,
  );
}

/** Between two pictures, 0 (the same) to 255; no picture at all is as far as can be. */
function difference(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || a.length !== b.length) return 255;
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / (a.length * 0.75);
}
