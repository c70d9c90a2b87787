/** Three people in one room, with each video codec: everyone sees and hears both others. */
import t, { type Test } from 'tap';
import { launchChromium } from '../support/browser/browsers.js';
import { ExampleServer } from '../support/browser/example-server.js';
import { expectGoodMedia } from '../support/browser/expectations.js';
import { MeetingPage } from '../support/browser/meeting-page.js';
import { watchUndisturbed } from '../support/browser/undisturbed.js';

interface Course {
  codec: 'VP8' | 'VP9' | 'H264' | 'AV1';
  /** 480x270 is the smallest picture of which Chromium sends two encodings. */
  video: string;
  encodings: number;
  watchMs: number;
  /** Left out: as meetings are by default. False: what this codec sends cannot be encrypted end to end. */
  encrypted?: false;
}

const courses: Course[] = [
  { codec: 'VP8', video: '480x270', encodings: 2, watchMs: 20_000 },
  { codec: 'VP9', video: '320x180', encodings: 1, watchMs: 6_000 },
  { codec: 'H264', video: '320x180', encodings: 1, watchMs: 6_000 },
  { codec: 'AV1', video: '320x180', encodings: 1, watchMs: 6_000, encrypted: false },
];

for (const course of courses) {
  t.test(`${course.codec}, ${course.encodings} encoding(s), ${course.watchMs / 1000} seconds`, (t) =>
    meet(t, course),
  );
}

async function meet(t: Test, { codec, video, encodings, watchMs, encrypted }: Course): Promise<void> {
  const server = await ExampleServer.start(t, 'meeting');
  const browser = await launchChromium(t);
  const names = ['Anna', 'Björn', 'Clara'];
  const pages: MeetingPage[] = [];
  // All pages are loaded before the first one joins: loading takes both cores and would look like a slow network.
  for (const name of names) {
    const query = `codec=${codec}&video=${video}`;
    pages.push(await MeetingPage.atTheDoor(browser, { server, name, query, encrypted }));
  }
  const sendable = await pages[0].driver.evaluate(canSend, codec);
  for (const page of pages) await page.join();
  if (!sendable) {
    await pages[0].driver.waitFor(`the note that ${codec} cannot be sent`, saysCodecMissing, codec);
    t.comment(`this Chromium has no ${codec} encoder`);
    return;
  }
  const others = (name: string): string[] => names.filter((other) => other !== name);
  for (const page of pages) {
    await page.waitForPeople(others(page.name));
    await page.waitForPictures(others(page.name));
  }
  const watched = await watchUndisturbed(t, pages, encodings, watchMs);
  watched.forEach((list, index) => expectGoodMedia(t, names[index], list));
  for (const one of watched.flat()) t.equal(one.codec, `video/${codec}`);
}

/** In the page. */
function canSend(codec: string): boolean {
  return (
    RTCRtpSender.getCapabilities('video')?.codecs.some(({ mimeType }) => mimeType === `video/${codec}`) ??
    false
  );
}

/** In the page. */
function saysCodecMissing(codec: string): boolean {
  return document.querySelector('.notices')?.textContent?.includes(`cannot send ${codec}`) ?? false;
}
