/** A size of the picture that nobody looks at is not sent; it is back as soon as somebody looks at it. */
import t from 'tap';
import { launchChromium } from '../support/browser/browsers.js';
import { ExampleServer } from '../support/browser/example-server.js';
import { MeetingPage, type Watched } from '../support/browser/meeting-page.js';
import { playUndisturbed } from '../support/browser/undisturbed.js';

/** Chromium sends this in two sizes, 320x180 and 640x360. */
const CAMERA = 'video=640x360';
const SMALL_TILE = '300px';

interface Round {
  /** Milliseconds from the small tile to the end of the large size at its sender. */
  offAfterMs: number;
  /** Milliseconds from the large tile to the large picture in it. */
  largeAfterMs: number;
  small: Watched;
  large: Watched;
  /** Freezes of the viewer during all of the round. */
  freezes: number;
}

t.test(
  'the large picture stops when only a small tile shows it, and comes back with a large tile',
  async (t) => {
    const server = await ExampleServer.start(t, 'meeting');
    const browser = await launchChromium(t);
    // Both pages are loaded before the first one joins: loading takes both cores and would look like a slow network.
    const anna = await MeetingPage.atTheDoor(browser, { server, name: 'Anna', query: CAMERA });
    const clara = await MeetingPage.atTheDoor(browser, { server, name: 'Clara', query: CAMERA });
    await anna.join();
    await clara.join();
    await clara.waitForPictures(['Anna']);
    await anna.waitForPictures(['Clara']);
    const round = await playUndisturbed(t, [anna, clara], {
      async ready() {
        await anna.waitForEncodings(2, 15_000);
        await waitForWidth(clara, 640);
      },
      play: () => play(anna, clara),
      sights: ({ freezes }) => [{ viewer: clara.name, name: anna.name, freezes }],
    });
    t.comment(
      `off after ${round.offAfterMs.toFixed(0)} ms, large after ${round.largeAfterMs.toFixed(0)} ms, ` +
        `${round.freezes} freeze(s)`,
    );
    t.ok(
      round.offAfterMs >= 5000,
      'the large size is sent for five seconds more, in case it is wanted again',
    );
    t.equal(round.small.frameWidth, 320, 'the small tile shows the small picture');
    t.ok(round.small.framesPerSecond >= 10, `which moves: ${round.small.framesPerSecond.toFixed(1)}/s`);
    t.ok(round.largeAfterMs < 3000, `large within 3 s, took ${round.largeAfterMs.toFixed(0)} ms`);
    t.equal(round.large.frameWidth, 640, 'and it stays');
    t.ok(round.large.framesPerSecond >= 10, `and moves: ${round.large.framesPerSecond.toFixed(1)}/s`);
    t.equal(round.freezes, 0, 'no freeze');
  },
);

async function play(sender: MeetingPage, viewer: MeetingPage): Promise<Round> {
  const freezesBefore = await freezesOf(viewer);
  const shrunkAt = performance.now();
  await viewer.driver.evaluate(setMeetingWidth, SMALL_TILE);
  await sender.driver.waitFor('the large encoding to be switched off', largeIsOff, null);
  const offAfterMs = performance.now() - shrunkAt;
  const [small] = await viewer.watch([sender.name], 1500);
  const enlargedAt = performance.now();
  await viewer.driver.evaluate(setMeetingWidth, '');
  await waitForWidth(viewer, 640);
  const largeAfterMs = performance.now() - enlargedAt;
  const [large] = await viewer.watch([sender.name], 2500);
  return { offAfterMs, largeAfterMs, small, large, freezes: (await freezesOf(viewer)) - freezesBefore };
}

async function freezesOf(viewer: MeetingPage): Promise<number> {
  const receptions = await viewer.receptions();
  return receptions.reduce((sum, { freezeCount }) => sum + freezeCount, 0);
}

async function waitForWidth(viewer: MeetingPage, width: number): Promise<void> {
  await viewer.driver.waitFor(`${viewer.name} to see ${width} pixels`, showsWidth, width);
}

interface ShownPage {
  sluss: {
    client: {
      localTracks: ReadonlyMap<string, { producer: { rtpSender: RTCRtpSender } }>;
    };
  };
}

/** In the page. */
function setMeetingWidth(width: string): void {
  document.querySelector<HTMLElement>('.meeting')!.style.width = width;
}

/** In the page. */
function largeIsOff(): boolean {
  const { client } = (window as unknown as ShownPage).sluss;
  const [small, large] = client.localTracks.get('camera')!.producer.rtpSender.getParameters().encodings;
  return small.active === true && large.active === false;
}

/** In the page: of the picture of somebody else, as it is on the screen. */
function showsWidth(width: number): boolean {
  const video = document.querySelector<HTMLVideoElement>('.tile:not([data-peer="self"]) video');
  return video?.videoWidth === width;
}
