import { setTimeout as wait } from 'node:timers/promises';
import type { Browser as ChromiumBrowser } from 'playwright-core';
import type { Browser as FirefoxBrowser } from 'puppeteer-core';
import { chromiumDriver, type Driver, firefoxDriver } from './driver.js';
import type { ExampleServer } from './example-server.js';
import { type MediaRecord, readRecord, startRecord } from './media-record.js';
import { pictureOf, receptions, sendsEncodings, type Picture, type Reception } from './media-probe.js';
import type { Guest, Invited } from './service-visit.js';

export interface Visit extends Omit<Invited, 'room'> {
  server: ExampleServer;
  /** The meeting's title; default `test`. */
  room?: string;
  /** Of the page, such as `codec=VP9`; the picture is 320x180 at 15 a second unless it says otherwise. */
  query?: string;
}

/** What came from one person during a measured time. */
export interface Watched {
  name: string;
  framesPerSecond: number;
  freezes: number;
  codec: string;
  frameWidth: number;
  /** Sound energy added; above zero when something was heard. */
  audioEnergy: number;
  picture: Picture | null;
  moved: boolean;
}

/** One person at a meeting page in a real browser. */
export class MeetingPage {
  private constructor(
    readonly driver: Driver,
    readonly name: string,
    private readonly guest: Guest,
  ) {}

  /** Opens the page in a Chromium and joins. */
  static async inChromium(browser: ChromiumBrowser, visit: Visit): Promise<MeetingPage> {
    const page = await MeetingPage.atTheDoor(browser, visit);
    await page.join();
    return page;
  }

  static async inFirefox(browser: FirefoxBrowser, visit: Visit): Promise<MeetingPage> {
    const page = await MeetingPage.#open(await firefoxDriver(browser), visit);
    await page.join();
    return page;
  }

  /** Opens the page in a Chromium, with camera and microphone on, ready to join. */
  static async atTheDoor(browser: ChromiumBrowser, visit: Visit): Promise<MeetingPage> {
    return MeetingPage.#open(await chromiumDriver(browser), visit);
  }

  static async #open(driver: Driver, visit: Visit): Promise<MeetingPage> {
    const { server, name, room = 'test', query = '' } = visit;
    const guest = await server.desk.invite({ ...visit, room });
    const merged = new URLSearchParams({
      lang: 'en',
      video: '320x180',
      fps: '15',
      ...Object.fromEntries(new URLSearchParams(query)),
    });
    await driver.prepare(server.url, guest.cookie, { 'X-Forwarded-For': guest.address });
    await driver.goto(`${server.url}meeting/${guest.meetingId}?${merged}`);
    await driver.waitFor(
      `${name}'s camera and microphone`,
      () => document.querySelectorAll('[aria-pressed="true"]:not([aria-busy="true"])').length === 2,
      null,
    );
    return new MeetingPage(driver, name, guest);
  }

  /** From where one gets ready into the meeting; also once more, after having left. The host lets in whom nobody knows. */
  async join(): Promise<void> {
    const form = await this.driver.evaluate(() => {
      const box = document.querySelector<HTMLInputElement>('#undisturbed');
      box?.click();
      return box === null ? 'form' : 'form:has(#undisturbed)';
    }, null);
    await this.driver.click(`${form} button[type="submit"]`);
    if (this.guest.waits) {
      await this.driver.waitFor(
        `${this.name} in the waiting room`,
        () => document.querySelector('.waiting-place') !== null,
        null,
      );
      await this.guest.admit();
    }
    await this.driver.waitFor(
      `${this.name} in the meeting`,
      () => {
        const refused = document.querySelector('main [role="alert"]')?.textContent ?? '';
        if (refused !== '') throw new Error(refused);
        return document.querySelector('.meeting') !== null;
      },
      null,
    );
  }

  /** Out of the meeting, to where one may come back from. */
  async leave(): Promise<void> {
    await this.driver.click('.toggle-leave');
    await this.driver.waitFor(
      'the page after leaving',
      () =>
        document.querySelector('.meeting') === null &&
        document.querySelector('button[type="submit"]') !== null,
      null,
    );
  }

  /** One of the toolbar's buttons, by its words. */
  async press(label: 'Microphone' | 'Camera' | 'Share screen'): Promise<void> {
    await this.driver.evaluate(markButton, label);
    await this.driver.click(`[data-test-press="${label}"]`);
  }

  async closeTab(): Promise<void> {
    await this.driver.close();
  }

  /** Until exactly these others have tiles. */
  async waitForPeople(names: readonly string[], timeoutMs?: number): Promise<void> {
    await this.driver.waitFor(
      `${this.name} to see exactly: ${names.join(', ') || 'nobody'}`,
      (expected) => {
        const tiles = [...document.querySelectorAll('.tile:not([data-peer="self"]) .tile-name')];
        return (
          tiles
            .map((tile) => tile.textContent)
            .sort()
            .join() === expected
        );
      },
      [...names].sort().join(),
      timeoutMs,
    );
  }

  /** Until a picture of each of these others moves. */
  async waitForPictures(names: readonly string[], timeoutMs = 20_000): Promise<void> {
    for (const name of names) {
      const before = (await this.#camera(name))?.framesDecoded ?? 0;
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const now = (await this.#camera(name))?.framesDecoded ?? 0;
        if (now > before + 2 || (now > 0 && now < before)) break;
        if (performance.now() > deadline) {
          throw new Error(
            `waited ${timeoutMs} ms for ${this.name} to see ${name} moving: ${now} pictures decoded`,
          );
        }
        await wait(100);
      }
    }
  }

  /** Everybody else must have a picture by now. Chromium only. */
  async startRecord(): Promise<void> {
    await this.driver.evaluate(startRecord, null);
  }

  async readRecord(): Promise<MediaRecord> {
    return this.driver.evaluate(readRecord, null);
  }

  async receptions(): Promise<Reception[]> {
    return this.driver.evaluate(receptions, null);
  }

  /** Until the camera is sent in so many encodings: the browser's bandwidth estimate has grown enough. */
  async waitForEncodings(count: number, timeoutMs = 60_000): Promise<void> {
    await this.driver.waitFor(`${this.name} to send ${count} encodings`, sendsEncodings, count, timeoutMs);
  }

  async pictureOf(name: string): Promise<Picture | null> {
    return this.driver.evaluate(pictureOf, name);
  }

  /** Watches everyone for a time and tells what came. */
  async watch(names: readonly string[], milliseconds: number): Promise<Watched[]> {
    const pictures = await Promise.all(names.map((name) => this.pictureOf(name)));
    const started = performance.now();
    const before = await this.receptions();
    await wait(milliseconds);
    const after = await this.receptions();
    const seconds = (performance.now() - started) / 1000;
    return Promise.all(
      names.map(async (name, index) => {
        const video = difference(before, after, name, 'camera');
        const audio = difference(before, after, name, 'microphone');
        const picture = await this.pictureOf(name);
        return {
          name,
          framesPerSecond: video.framesDecoded / seconds,
          freezes: video.freezeCount,
          codec: video.codec,
          frameWidth: video.frameWidth,
          audioEnergy: audio.totalAudioEnergy,
          picture,
          moved: picture !== null && picture.fingerprint !== pictures[index]?.fingerprint,
        };
      }),
    );
  }

  async #camera(name: string): Promise<Reception | undefined> {
    return (await this.receptions()).find((one) => one.peer === name && one.source === 'camera');
  }
}

/** In the page: where the click shall go. Only a real one may share a screen. */
function markButton(label: string): void {
  const buttons = [...document.querySelectorAll<HTMLElement>('.toolbar button')];
  const found = buttons.find(
    (button) => (button.getAttribute('aria-label') ?? button.textContent)?.trim() === label,
  );
  if (found === undefined) throw new Error(`the toolbar has no ${label}`);
  found.dataset.testPress = label;
}

const NOTHING = { codec: '', framesDecoded: 0, freezeCount: 0, frameWidth: 0, totalAudioEnergy: 0 };

function difference(
  before: readonly Reception[],
  after: readonly Reception[],
  peer: string,
  source: Reception['source'],
): typeof NOTHING {
  const find = (list: readonly Reception[]): typeof NOTHING =>
    list.find((one) => one.peer === peer && one.source === source) ?? NOTHING;
  const [first, last] = [find(before), find(after)];
  return {
    ...last,
    framesDecoded: last.framesDecoded - first.framesDecoded,
    freezeCount: last.freezeCount - first.freezeCount,
    totalAudioEnergy: last.totalAudioEnergy - first.totalAudioEnergy,
  };
}
