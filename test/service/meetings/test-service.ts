/** The whole meeting service over fake media, and browsers without a screen that use it over HTTP and WebSocket. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Test } from 'tap';
import { readConfig } from '../../../examples/meeting/server/config.js';
import { DEMO_PERSON } from '../../../examples/meeting/server/portal/first-start.js';
import { type Service, startService, type ServiceOptions } from '../../../examples/meeting/server/service.js';
import type {
  Assurance,
  BookMeetingRequest,
  EidOrderView,
  InvitationEntry,
  InviteeInput,
  LobbyAction,
  LobbyView,
  MeetingView,
  ParticipantView,
  PortalOverview,
  TicketView,
} from '../../../examples/meeting/shared/api.js';
import type { JoinResponse } from '#src/signalling/messages.js';
import { FakeMedia } from '../../gateway/fake-media.js';
import { TestClient } from '../../gateway/test-client.js';
import { bookingRequest } from '../../support/booking-request.js';
import { temporaryFolder } from '../store/temporary-folder.js';

export { DEMO_PERSON };
/** A citizen; the number is synthetic. */
export const BO = { name: 'Bo Berg', personalNumber: '191212121212' };

export interface TestService {
  service: Service;
  url: string;
  signalling: string;
  media: FakeMedia;
  /** Lines of the log. */
  log: string[];
  clock: { now: number };
  dataDir: string;
  browser: () => Browser;
}

/** A Monday morning. */
export const START = Date.parse('2026-05-04T07:00:00Z');
export const MINUTE = 60_000;

/** `folder` of an earlier service: started again on what that one left. */
export async function startTestService(
  t: Test,
  options: Partial<ServiceOptions> & { folder?: string; startAt?: number } = {},
  env: Record<string, string> = {},
): Promise<TestService> {
  const { folder = newFolder(t), startAt = START, ...serviceOptions } = options;
  const log: string[] = [];
  const clock = { now: startAt };
  const media = new FakeMedia();
  const service = await startService({
    config: readConfig({ PORT: '0', LOG_LEVEL: 'debug', DATA_DIR: join(folder, 'data'), ...env }),
    webFolder: join(folder, 'web'),
    env: {},
    now: () => clock.now,
    log: pino({ level: 'debug' }, { write: (line: string) => log.push(line) }),
    mediaBackend: media,
    ...serviceOptions,
  });
  t.teardown(() => service.close());
  const url = `http://127.0.0.1:${service.port}`;
  const signalling = `ws://127.0.0.1:${service.port}/signalling`;
  return {
    service,
    url,
    signalling,
    media,
    log,
    clock,
    dataDir: join(folder, 'data'),
    browser: () => new Browser(url),
  };
}

export function newFolder(t: Test): string {
  return t.testdir({ web: { 'index.html': '<!doctype html><title>Sluss</title>' }, data: {} });
}

/** As many as a test needs; gone with it. */
export function anotherFolder(t: Test): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'web'));
  writeFileSync(join(folder, 'web', 'index.html'), '<!doctype html><title>Sluss</title>');
  return folder;
}

export interface Answer<T> {
  status: number;
  body: T;
  headers: Headers;
}

/** Keeps cookies, and sends what a browser sends with a request of the service's own page. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(readonly url: string) {}

  async send<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const isBytes = body instanceof Uint8Array;
    const type = isBytes ? 'application/octet-stream' : 'application/json';
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(method === 'GET' ? {} : { origin: this.url, 'sec-fetch-site': 'same-origin' }),
        ...(body === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      body: body === undefined ? undefined : isBytes ? (body as BodyInit) : JSON.stringify(body),
    });
    this.#keepCookies(response);
    const isJson = response.headers.get('content-type')?.includes('application/json') === true;
    const content = isJson ? ((await response.json()) as unknown) : Buffer.from(await response.arrayBuffer());
    return { status: response.status, body: content as T, headers: response.headers };
  }

  get<T = unknown>(path: string): Promise<Answer<T>> {
    return this.send<T>('GET', path);
  }

  post<T = unknown>(path: string, body: unknown = {}): Promise<Answer<T>> {
    return this.send<T>('POST', path, body);
  }

  /** The body of a request that works; throws with the error's code otherwise. */
  async expect<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.send<T>(method, path, body);
    if (answer.status >= 400)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** `400 code` of a request that does not work. */
  async refused(method: string, path: string, body?: unknown): Promise<string> {
    const answer = await this.send<{ error?: { code: string } }>(method, path, body);
    return `${answer.status} ${answer.body.error?.code ?? 'none'}`;
  }

  async signIn(
    person: { name: string; personalNumber: string },
    options: { assurance?: Assurance; invitation?: string } = {},
  ): Promise<EidOrderView> {
    const { assurance = 'substantial', invitation } = options;
    const order = await this.expect<EidOrderView>('POST', '/api/eid/orders', {
      provider: 'test',
      purpose: invitation === undefined ? 'portal' : 'meeting',
      invitation,
      sameDevice: false,
      returnPath: invitation === undefined ? '/portal' : `/i/${invitation}`,
      claim: { ...person, assurance },
    });
    return this.expect<EidOrderView>('GET', `/api/eid/orders/${order.id}`);
  }

  /** From the link to the waiting room. */
  async arrive(
    invitation: InvitationEntry,
    person: { name: string; personalNumber: string },
    assurance: Assurance = 'substantial',
  ): Promise<ParticipantView> {
    const token = tokenOf(invitation);
    await this.signIn(person, { assurance, invitation: token });
    const claimed = await this.expect<ParticipantView>('POST', `/api/invitations/${token}/claim`, {});
    return this.expect('POST', `/api/meetings/${claimed.meetingId}/me/wait`, { undisturbed: true });
  }

  /** An organiser, who needs no invitation: gets ready and comes. */
  async host(meetingId: string): Promise<ParticipantView> {
    await this.expect('GET', `/api/meetings/${meetingId}/me`);
    return this.expect('POST', `/api/meetings/${meetingId}/me/wait`, { undisturbed: true });
  }

  ticket(meetingId: string): Promise<TicketView> {
    return this.expect('POST', `/api/meetings/${meetingId}/me/ticket`, {});
  }

  lobby(meetingId: string, action: LobbyAction, body: unknown = {}): Promise<LobbyView> {
    return this.expect('POST', `/api/meetings/${meetingId}/lobby/${action}`, body);
  }

  /** Named events of the meeting, one after the other. */
  async events(meetingId: string): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(`${this.url}/api/meetings/${meetingId}/events`, {
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      signal: abort.signal,
    });
    if (response.status !== 200) throw new Error(`events: ${response.status}`);
    return new EventReader(response, abort);
  }

  #keepCookies(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split('; ');
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals);
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(equals + 1));
    }
  }
}

export class EventReader {
  readonly #reader;
  #text = '';

  constructor(
    response: Response,
    private readonly abort: AbortController,
  ) {
    this.#reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event of this name that `accept` takes; others are passed over. Null at the end of the stream. */
  async next<T>(name: string, accept: (data: T) => boolean = () => true): Promise<T | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end < 0) {
        const { done, value } = await this.#reader.read();
        if (done) return null;
        this.#text += value;
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const event = /^event: (.*)$/m.exec(block)?.[1];
      if (event !== name) continue;
      const data = JSON.parse(/^data: (.*)$/m.exec(block)![1]) as T;
      if (accept(data)) return data;
    }
  }

  close(): void {
    this.abort.abort();
  }
}

export function tokenOf({ link }: InvitationEntry): string {
  return link.slice(link.lastIndexOf('/') + 1);
}

export function invitationTo({ invitations }: MeetingView, name: string): InvitationEntry {
  const found = invitations.find((invitation) => invitation.name === name);
  if (!found) throw new Error(`nobody called ${name} is invited`);
  return found;
}

/** A browser in which the organiser of the demo organisation is logged in. */
export async function organiser({ browser }: TestService): Promise<Browser> {
  const anna = browser();
  await anna.signIn(DEMO_PERSON);
  return anna;
}

/** Half an hour from the start of the tests, for an hour. */
export async function book(
  organiser: Browser,
  invitees: Partial<InviteeInput>[],
  change: Partial<BookMeetingRequest> = {},
): Promise<MeetingView> {
  const overview = await organiser.expect<PortalOverview>('GET', '/api/portal/overview');
  const time = { startsAt: new Date(START + 30 * MINUTE).toISOString(), durationMinutes: 60 };
  const request = bookingRequest(overview, time, invitees, { title: 'Uppföljning', ...change });
  const { meetings } = await organiser.expect<{ meetings: MeetingView[] }>(
    'POST',
    '/api/portal/meetings',
    request,
  );
  return meetings[0];
}

/** Into the room with a fresh ticket. */
export async function enter(
  t: Test,
  { signalling }: TestService,
  browser: Browser,
  meetingId: string,
): Promise<{ client: TestClient; joined: JoinResponse }> {
  const { ticket, room, displayName } = await browser.ticket(meetingId);
  return TestClient.join(t, signalling, { room, displayName, ticket });
}

/** The organiser goes in and begins. */
export async function begin(
  t: Test,
  service: TestService,
  organiser: Browser,
  meetingId: string,
): Promise<{ client: TestClient; joined: JoinResponse }> {
  await organiser.host(meetingId);
  return enter(t, service, organiser, meetingId);
}
