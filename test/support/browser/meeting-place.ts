/** The whole service with real media, a booked meeting, and people who come to it with real pages. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { pino } from 'pino';
import type { Test } from 'tap';
import { readConfig } from '../../../examples/meeting/server/config.js';
import { DEMO_PERSON } from '../../../examples/meeting/server/portal/first-start.js';
import { type Service, startService } from '../../../examples/meeting/server/service.js';
import type {
  BookMeetingRequest,
  EidOrderView,
  InviteeInput,
  Language,
  MeetingView,
  PortalOverview,
} from '../../../examples/meeting/shared/api.js';
import { en } from '../../../examples/meeting/web/service/texts/en/index.js';
import { sv } from '../../../examples/meeting/web/service/texts/sv/index.js';
import { bookingRequest } from '../booking-request.js';
import { DESKTOP, type Opened, openServicePage } from './service-page.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Of a meeting; the waiting room opens an hour before the start. */
const MINUTES = 11;

export const TEXTS = { sv, en };

/** Synthetic numbers. */
export const GUESTS = {
  bo: { name: 'Bo Berg', personalNumber: '191212121212' },
  cilla: { name: 'Cilla Ceder', personalNumber: '198507099805' },
} as const;

export interface Visitor extends Opened {
  texts: (typeof TEXTS)[Language];
}

export interface VisitorOptions {
  language?: Language;
  viewport?: { width: number; height: number };
  /** Runs in the page before anything of it. */
  before?: () => void;
}

export class MeetingPlace {
  #booked = 0;

  private constructor(
    private readonly t: Test,
    private readonly browser: Browser,
    readonly service: Service,
    readonly url: string,
  ) {}

  static async open(t: Test, browser: Browser): Promise<MeetingPlace> {
    const folder = t.testdir({ data: {}, web: {} });
    await buildPage(join(folder, 'web'));
    const service = await startService({
      config: readConfig({
        PORT: '0',
        RTC_PORT: '0',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'silent',
        DATA_DIR: join(folder, 'data'),
      }),
      webFolder: join(folder, 'web'),
      env: {},
      log: pino({ level: 'silent' }),
    });
    t.teardown(() => service.close());
    return new MeetingPlace(t, browser, service, `http://127.0.0.1:${service.port}`);
  }

  /** The organiser, signed in. */
  async organiser(options: VisitorOptions = {}): Promise<Visitor> {
    const visitor = await this.visitor(options);
    await identify(visitor.page, { claim: DEMO_PERSON });
    return visitor;
  }

  /** Soon; five of them at most, one after the other in the same room. */
  async book(
    { page }: Visitor,
    invitees: readonly Partial<InviteeInput>[],
    change: Partial<BookMeetingRequest> = {},
  ): Promise<MeetingView> {
    const overview = await page.evaluate(
      async () => (await (await fetch('/api/portal/overview')).json()) as PortalOverview,
    );
    const startsAt = new Date(Date.now() + (2 + MINUTES * this.#booked++) * 60_000).toISOString();
    const time = { startsAt, durationMinutes: MINUTES };
    return page.evaluate(bookMeeting, bookingRequest(overview, time, invitees, change));
  }

  /** A kind of meeting that may be held without encryption, as none of the demo organisation's own may. */
  async unencryptedType({ page }: Visitor): Promise<string> {
    return page.evaluate(async () => {
      const answer = await fetch('/api/admin/meeting-types', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          name: 'Öppet möte',
          approvedClass: { confidentiality: 2, integrity: 2, availability: 2 },
          minimumAssurance: 'low',
          endToEndEncryption: 'off',
        }),
      });
      return ((await answer.json()) as { id: string }).id;
    });
  }

  /** A guest who has followed the link and proven who it is; next is getting ready. */
  async guest(
    meeting: MeetingView,
    person: { name: string; personalNumber: string },
    options: VisitorOptions = {},
  ): Promise<Visitor> {
    const visitor = await this.visitor(options);
    const link = meeting.invitations.find(({ name }) => name === person.name)?.link;
    if (link === undefined) throw new Error(`${person.name} is not invited`);
    const invitation = link.slice(link.lastIndexOf('/') + 1);
    await identify(visitor.page, { claim: person, invitation });
    return visitor;
  }

  async visitor({ language = 'sv', viewport = DESKTOP, before }: VisitorOptions): Promise<Visitor> {
    const opened = await openServicePage(this.t, this.browser, language, viewport);
    if (before) await opened.page.addInitScript(before);
    await opened.page.goto(`${this.url}/support?video=320x180&fps=10`);
    return { ...opened, texts: TEXTS[language] };
  }

  /** From getting ready onwards: into the meeting (hosts) or the waiting room. */
  async knock({ page, texts }: Visitor, { id }: { id: string }): Promise<void> {
    await page.goto(`${this.url}/meeting/${id}?video=320x180&fps=10`);
    await page.getByLabel(texts.visit.before.undisturbedLabel).check();
    await page.locator('form .button-large[type="submit"]').click();
  }

  /** Who was let in before. */
  async knockAgain(visitor: Visitor, meeting: { id: string }): Promise<void> {
    await this.knock(visitor, meeting);
    await visitor.page.locator('.meeting').waitFor();
  }

  async enterAsHost(host: Visitor, meeting: { id: string }): Promise<void> {
    await this.knock(host, meeting);
    await host.page.locator('.meeting').waitFor();
  }

  /** Knocks, and is let in by the host in the meeting. */
  async admit(host: Visitor, guest: Visitor, meeting: { id: string }, name: string): Promise<void> {
    await this.knock(guest, meeting);
    const { page, texts } = host;
    await page.locator('[data-panel="lobby"] .badge').waitFor();
    if (!(await page.locator('.panel-lobby').isVisible())) await openPanel(page, 'lobby');
    await page.getByRole('button', { name: texts.lobby.admitName(name) }).click();
    await guest.page.locator('.meeting').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.panel-lobby').waitFor({ state: 'detached' });
  }
}

/** By its button, which on phones is behind another one. */
export async function openPanel(page: Page, name: string): Promise<void> {
  const button = page.locator(`[data-panel="${name}"]`);
  if (!(await button.isVisible())) await page.locator('.toggle-more').click();
  await button.click();
  await page.locator(`.panel-${name}`).waitFor();
}

export async function closePanel(page: Page): Promise<void> {
  await page.locator('.panel .icon-button').click();
  await page.locator('.panel').waitFor({ state: 'detached' });
}

async function buildPage(folder: string): Promise<void> {
  const web = join(root, 'examples/meeting/web');
  mkdirSync(folder, { recursive: true });
  for (const asset of ['index.html', 'icon.svg']) cpSync(join(web, asset), join(folder, asset));
  await build({
    entryPoints: [
      { in: join(web, 'main.tsx'), out: 'main' },
      { in: join(root, 'dist/client/e2ee/e2ee-worker.js'), out: 'e2ee-worker' },
    ],
    outdir: folder,
    bundle: true,
    format: 'esm',
    target: ['chrome111'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  });
}

interface Identification {
  claim: { name: string; personalNumber: string };
  invitation?: string;
}

/** With the test e-ID, over HTTP: the pages of the way in have tests of their own. */
async function identify(page: Page, { claim, invitation }: Identification): Promise<void> {
  await page.evaluate(
    async ({ claim, invitation }) => {
      const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
        const headers: Record<string, string> =
          body === undefined ? {} : { 'Content-Type': 'application/json' };
        const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
        const content = (await answer.json()) as unknown;
        if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(content)}`);
        return content;
      };
      const order = (await send('POST', '/api/eid/orders', {
        provider: 'test',
        purpose: invitation === undefined ? 'portal' : 'meeting',
        invitation,
        sameDevice: false,
        returnPath: '/',
        claim: { ...claim, assurance: 'substantial' },
      })) as EidOrderView;
      for (let state = order.state; state !== 'complete';) {
        const view = (await send('GET', `/api/eid/orders/${order.id}`)) as EidOrderView;
        if (view.state === 'failed') throw new Error(`the identification failed: ${view.failure}`);
        ({ state } = view);
        if (state === 'pending') await new Promise((resolve) => setTimeout(resolve, 250));
      }
      if (invitation !== undefined) await send('POST', `/api/invitations/${invitation}/claim`, {});
    },
    { claim, invitation },
  );
}

/** In the page of the organiser. */
async function bookMeeting(request: BookMeetingRequest): Promise<MeetingView> {
  const answer = await fetch('/api/portal/meetings', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(request),
  });
  const content = (await answer.json()) as { meetings: MeetingView[] };
  if (!answer.ok) throw new Error(JSON.stringify(content));
  return content.meetings[0];
}
