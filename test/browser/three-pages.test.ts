/** Three people in one room, with each video codec: everyone sees and hears both others. */
import t, { type Test } from 'tap';
import { launchChromium } from '../support/browser/browsers.js';
import { ExampleServer } from '../support/browser/example-server.js';
import { expectGoodMedia } from '../support/browser/expectations.js';
import { MeetingPage, type Watched } from '../support/browser/meeting-page.js';

interface Course {
  codec: 'VP8' | 'VP9' | 'H264' | 'AV1';
  /** 480x270 is the smallest picture of which Chromium sends two encodings. */
  video: string;
  encodings: number;
  watchMs: number;
}

const courses: Course[] = [
  { codec: 'VP8', video: '480x270', encodings: 2, watchMs: 20_000 },
  { codec: 'VP9', video: '320x180', encodings: 1, watchMs: 6_000 },
  { codec: 'H264', video: '320x180', encodings: 1, watchMs: 6_000 },
  { codec: 'AV1', video: '320x180', encodings: 1, watchMs: 6_000 },
];

for (const course of courses) {
  t.test(`${course.codec}, ${course.encodings} encoding(s), ${course.watchMs / 1000} seconds`, (t) =>
    meet(t, course),
  );
}

async function meet(t: Test, { codec, video, encodings, watchMs }: Course): Promise<void> {
  const server = await ExampleServer.start(t, 'meeting');
  const browser = await launchChromium(t);
  const names = ['Anna', 'Björn', 'Clara'];
  const pages: MeetingPage[] = [];
  // All pages are loaded before the first one joins: loading takes both cores and would look like a slow network.
  for (const name of names) {
    pages.push(
      await MeetingPage.atTheDoor(browser, { url: server.url, name, query: `codec=${codec}&video=${video}` }),
    );
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

/**
 * Everyone watches all others. Again, when a browser held back its camera meanwhile: then pictures stop at their source,
 * which says nothing about what the server does with them.
 */
async function watchUndisturbed(
  t: Test,
  pages: readonly MeetingPage[],
  encodings: number,
  watchMs: number,
): Promise<Watched[][]> {
  for (let attempt = 1; ; attempt++) {
    for (const page of pages) await page.waitForEncodings(encodings);
    const before = await Promise.all(pages.map((page) => page.heldBackSeconds()));
    const watched = await Promise.all(
      pages.map((page) => {
        const others = pages.filter((other) => other !== page);
        return page.watch(
          others.map(({ name }) => name),
          watchMs,
        );
      }),
    );
    const after = await Promise.all(pages.map((page) => page.heldBackSeconds()));
    const disturbed = pages.filter((_, index) => after[index] > before[index]);
    if (disturbed.length === 0) return watched;
    const who = disturbed.map(({ name }) => name).join(' and ');
    if (attempt === 3) {
      t.comment(
        `${who} held back the camera to the end: freezes may mean a busy machine, run this file alone`,
      );
      return watched;
    }
    t.comment(`${who} held back the camera: watching again`);
  }
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
