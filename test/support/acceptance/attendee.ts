/** One person at a browser of their own, who uses the service's pages as they are: English, by what is written on them. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import type { Test } from 'tap';
import { en } from '../../../examples/meeting/web/service/texts/en/index.js';
import { DESKTOP } from '../browser/service-page.js';
import type { BankIdPerson } from '../eid/bankid/bankid-pki.js';
import type { FrejaPerson } from '../eid/freja/results.js';
import type { OidcPerson } from '../eid/oidc/people.js';
import { bundle } from './bundle.js';
import type { Municipality } from './municipality.js';
import { readQr } from './read-qr.js';

export { en };

/** Many people share the processors of one machine. */
const SMALL = 'video=320x180&fps=10';

/** A busy machine takes its time; only what fails waits so long. */
export const PATIENCE = { limitMs: 60_000, everyMs: 250 } as const;

export interface AttendeeOptions {
  /** The page keeps every key that it is given: see keeper-script.ts. */
  keeper?: boolean;
  /** A browser that cannot encrypt media. */
  withoutTransforms?: boolean;
  /** What is asked of the camera, as the page's query has it. Default: small pictures. */
  media?: string | undefined;
}

/** The browser itself writes to the console when an answer is a refusal. */
const HARMLESS = /^Failed to load resource/;

export class Attendee {
  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly name: string,
    private readonly url: string,
    private readonly media: string,
    /** Errors of the page: exceptions, and what it wrote to its console, CSP violations among them. */
    readonly problems: string[],
    /** Of everything that it asked for. */
    readonly addresses: string[],
  ) {}

  /** `url`: of the service, without a slash at the end. */
  static async open(
    t: Test,
    browser: Browser,
    url: string,
    name: string,
    { keeper = false, withoutTransforms = false, media = SMALL }: AttendeeOptions = {},
  ): Promise<Attendee> {
    const context = await browser.newContext({
      viewport: DESKTOP,
      ignoreHTTPSErrors: true,
      permissions: ['clipboard-read', 'clipboard-write', 'camera', 'microphone'],
    });
    t.teardown(() => context.close());
    await context.addInitScript(() => {
      if (window.localStorage) localStorage.setItem('service.language', 'en');
    });
    if (keeper) await addKeeper(context);
    if (withoutTransforms) await context.addInitScript(takeTransformsAway);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE.limitMs);
    const problems: string[] = [];
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url()));
    page.on('pageerror', (error) => problems.push(`${name}: ${String(error)}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !HARMLESS.test(message.text())) {
        problems.push(`${name}: ${message.text()}`);
      }
    });
    t.teardown(async () => {
      if (t.passing()) return;
      const text = await page.innerText('body').catch(String);
      t.comment(`${name} sees, at ${page.url()}:\n${text}\n${problems.join('\n')}`);
    });
    return new Attendee(page, context, name, url, media, problems, addresses);
  }

  async goto(pathOrUrl: string): Promise<void> {
    const url = new URL(pathOrUrl, this.url);
    url.search = this.media;
    await this.page.goto(url.href);
  }

  press(name: string | RegExp): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name, exact: true });
  }

  sees(text: string | RegExp): Promise<void> {
    return this.page.getByText(text).first().waitFor();
  }

  // ---- who one is ---------------------------------------------------------------------------------------------

  /** From the choice of the e-ID on; `readCode` fetches the code that was sent. */
  async identifyByCode(email: string, readCode: () => Promise<string>): Promise<void> {
    await this.page.getByRole('button', { name: en.identify.choose.codeNote }).click();
    await this.page.getByLabel(en.identify.code.emailLabel).fill(email);
    await this.press(en.identify.code.send);
    const field = this.page.getByRole('textbox', { name: en.identify.code.codeLabel });
    await field.waitFor();
    await field.fill(await readCode());
    await this.press(en.identify.code.confirm);
  }

  /** The phone scans the code that the page shows; it is another one each second. Returns two that followed each other. */
  async identifyByBankIdQr({ bankid }: Municipality, person: BankIdPerson): Promise<string[]> {
    await this.page.getByRole('button', { name: /^BankID/ }).click();
    const first = await this.readQr('BankID');
    const shown = this.page.locator('.qr img');
    const before = await shown.getAttribute('src');
    await this.page.waitForFunction(
      (src) => document.querySelector('.qr img')?.getAttribute('src') !== src,
      before,
    );
    const second = await this.readQr('BankID');
    const phone = bankid.newPhone();
    phone.scan(second);
    phone.approve(person);
    return [first, second];
  }

  /**
   * The app is on the same device: the page's link opens it, and it leads back: to the same tab, or to another one of this
   * browser, as phones do. The first tab goes on in both cases.
   */
  async identifyByBankIdHere(
    { bankid }: Municipality,
    person: BankIdPerson,
    to: 'same tab' | 'another tab' = 'same tab',
  ): Promise<void> {
    const phone = bankid.newPhone();
    phone.open(await this.bankIdLink());
    const opened = phone.approve(person);
    if (to === 'same tab') return this.comesBack(opened);
    const tab = await this.context.newPage();
    await tab.goto(opened ?? '');
    await tab.getByText(person.name).first().waitFor();
    await tab.close();
  }

  /** From the choice of the e-ID on: the link that opens the app on this device. */
  async bankIdLink(): Promise<string> {
    await this.page.getByRole('button', { name: /^BankID/ }).click();
    await this.press(en.identify.app.useThisDevice);
    const link = this.page.getByRole('link', { name: en.identify.app.open('BankID') });
    return (await link.getAttribute('href')) ?? '';
  }

  /** An app opens this, in the tab that there is. */
  async comesBack(url: string | null): Promise<void> {
    const back = new URL(url ?? '');
    back.search = new URL(this.page.url()).search;
    await this.page.goto(back.href);
  }

  async identifyByFreja({ freja }: Municipality, person: FrejaPerson): Promise<void> {
    await this.page.getByRole('button', { name: /^Freja/ }).click();
    const phone = freja.newPhone();
    phone.scan(await this.readQr('Freja'));
    await phone.approve(person);
  }

  /** The browser comes back to the invitation, which then only has to be taken. */
  async identifyBySiths(municipality: Municipality, person: OidcPerson): Promise<void> {
    await this.signInAtSiths(municipality, person);
    await this.press(en.visit.invitation.goOn);
  }

  /** On the page of the OpenID provider itself. */
  async signInAtSiths({ oidc }: Municipality, person: OidcPerson): Promise<void> {
    await this.page.getByRole('button', { name: /^SITHS/ }).click();
    await this.page.waitForURL((url) => url.origin === oidc.issuer);
    await this.page.getByLabel(person.name).check();
    await this.press('Legitimera');
    await this.page.waitForURL((url) => url.origin === this.url);
  }

  /** One of the persons that the test e-ID offers. */
  async identifyByTest(name: string, look: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.page.getByRole('button', { name: en.identify.choose.testNote }).click();
    await this.page.getByLabel(en.identify.form.preset).selectOption({ label: name });
    await look();
    await this.press(en.identify.form.submit);
  }

  /** What the QR code on the page says. */
  async readQr(provider: string): Promise<string> {
    const picture = this.page.getByAltText(en.identify.app.qrAlt(provider));
    await picture.waitFor();
    return readQr(await picture.evaluate(modulesOf));
  }

  // ---- the way in ---------------------------------------------------------------------------------------------

  /** From the page "Prepare" on. Whoever stands there has devices, a name, and confirms to sit undisturbed. */
  async prepare(goOn: string = en.visit.before.toWaitingRoom): Promise<void> {
    await this.heading(en.visit.before.heading).waitFor();
    const undisturbed = this.page.getByLabel(en.visit.before.undisturbedLabel);
    await undisturbed.check();
    const form = this.page.locator('form').filter({ has: undisturbed });
    await form.getByRole('button', { name: goOn, exact: true }).click();
  }

  async prepareAndWait(): Promise<void> {
    await this.prepare();
    await this.heading(en.visit.waiting.heading).waitFor();
  }
}

async function addKeeper(context: BrowserContext): Promise<void> {
  const [script, worker] = await Promise.all([
    bundle('keeper-script.ts', 'iife'),
    bundle('worker-tap.ts', 'esm'),
  ]);
  await context.addInitScript(script);
  await context.route('**/e2ee-worker.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: worker }),
  );
}

/** In the page, before anything else. */
function takeTransformsAway(): void {
  delete (window as { RTCRtpScriptTransform?: unknown }).RTCRtpScriptTransform;
  delete (RTCRtpSender.prototype as { createEncodedStreams?: unknown }).createEncodedStreams;
}

/** In the page: the modules of the picture's code, without the blank ones around it. */
async function modulesOf(element: SVGElement | HTMLElement): Promise<boolean[][]> {
  const image = element as HTMLImageElement;
  await image.decode();
  const SIDE = 600;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d')!;
  context.fillStyle = 'white';
  context.fillRect(0, 0, SIDE, SIDE);
  context.drawImage(image, 0, 0, SIDE, SIDE);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  const isDark = (x: number, y: number): boolean => data[4 * (Math.round(y) * SIDE + Math.round(x))] < 128;
  // Along the diagonal the first dark run is one module of the finder's frame, and its upper edge is seven of them.
  let from = 0;
  while (from < SIDE && !isDark(from, from)) from++;
  let edge = from;
  while (isDark(edge, from + 1)) edge++;
  const module = (edge - from) / 7;
  let to = SIDE - 1;
  while (to > from && !isDark(to, from + 1)) to--;
  const size = Math.round((to + 1 - from) / module);
  const step = (to + 1 - from) / size;
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) =>
      isDark(from + (column + 0.5) * step, from + (row + 0.5) * step),
    ),
  );
}
