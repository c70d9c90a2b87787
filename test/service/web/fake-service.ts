/**
 * The service's pages with a server that only plays one: it answers `shared/api.ts` from what the test has set, sends the
 * events that the test sends, and remembers what the page asked for.
 */
import { cpSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { toString as qrCode } from 'qrcode';
import type { Test } from 'tap';
import { WebSocketServer } from 'ws';
import type { EidOrderView, Localized, StartEidRequest } from '../../../examples/meeting/shared/api.js';
import * as canned from './canned.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface Call {
  method: string;
  path: string;
  body: unknown;
}

/** A refusal of the next request of a path. */
export interface Refusal {
  status: number;
  code: string;
  field?: string;
  message?: Localized;
}

const waitingText = { sv: 'Starta BankID-appen.', en: 'Start your BankID app.' };

function freshState() {
  return {
    session: canned.session(),
    providers: canned.providers(),
    invitation: canned.invitation(),
    /** The order that is under way; a test changes its state. */
    order: null as EidOrderView | null,
    /** Whose session it is once an order is complete. */
    identified: canned.citizenSession(),
    me: canned.participant(),
    lobby: canned.lobby(),
    payment: null as ReturnType<typeof canned.invitation>['payment'],
    overview: canned.overview(),
    meeting: canned.meeting(),
    earlier: [canned.meeting({ id: 'm-0', title: 'Första samtalet', status: 'ended' })],
    organisation: canned.organisation(),
    organisers: canned.organisers(),
    meetingTypes: canned.meetingTypes(),
    apiKeys: canned.apiKeys(),
    audit: canned.audit(),
    organisations: canned.organisations(),
  };
}

export class FakeService {
  state = freshState();
  readonly calls: Call[] = [];
  /** By `METHOD /path`; each is used once. */
  readonly refusals = new Map<string, Refusal>();
  /** False: every request of the interface is left without an answer by a closed connection. */
  online = true;
  readonly #streams = new Set<ServerResponse>();
  #qrStep = 0;

  constructor(
    /** Ends in a slash. */
    readonly url: string,
    private readonly folder: string,
  ) {}

  reset(): void {
    this.state = freshState();
    this.calls.length = 0;
    this.refusals.clear();
    this.online = true;
    this.dropStreams();
  }

  /** Sends an event to every page that listens. */
  send(name: 'me' | 'lobby' | 'ended', data: unknown): void {
    if (name === 'me') this.state.me = data as typeof this.state.me;
    if (name === 'lobby') this.state.lobby = data as typeof this.state.lobby;
    for (const stream of this.#streams) writeEvent(stream, name, data);
  }

  /** As when the server restarts: the browser connects again by itself. */
  dropStreams(): void {
    for (const stream of this.#streams) stream.end();
    this.#streams.clear();
  }

  get listeners(): number {
    return this.#streams.size;
  }

  callsOf(method: string, path: string): Call[] {
    return this.calls.filter((call) => call.method === method && call.path === path);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, search } = new URL(request.url ?? '/', this.url);
    if (!path.startsWith('/api/')) return this.#serveFile(path, response);
    const method = request.method ?? 'GET';
    const body = await readJson(request);
    this.calls.push({ method, path: path + search, body });
    if (!this.online) return void response.destroy();
    const refusal = this.refusals.get(`${method} ${path}`);
    if (refusal !== undefined) {
      this.refusals.delete(`${method} ${path}`);
      const {
        status,
        code,
        field,
        message = { sv: `Serverns svar: ${code}`, en: `Server: ${code}` },
      } = refusal;
      return sendJson(response, status, { error: { code, message, field } });
    }
    if (/^\/api\/meetings\/[^/]+\/events$/.test(path)) return this.#openStream(response);
    const answer = await this.#answer(method, path, body);
    if (answer === undefined) {
      const message = { sv: 'Finns inte', en: 'Not found' };
      return sendJson(response, 404, { error: { code: 'not-found', message } });
    }
    sendJson(response, 200, answer);
  }

  #serveFile(path: string, response: ServerResponse): void {
    const type = TYPES[extname(path)];
    const name = type === undefined || path === '/' ? '/index.html' : path;
    try {
      const content = readFileSync(join(this.folder, name));
      response.writeHead(200, {
        'Content-Type': TYPES[extname(name)],
        'Content-Security-Policy': PAGE_POLICY,
        'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  #openStream(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    // The browser comes back at once after a break: tests do not wait its usual three seconds.
    response.write('retry: 100\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    writeEvent(response, 'me', this.state.me);
    if (this.state.me.role === 'host') writeEvent(response, 'lobby', this.state.lobby);
  }

  async #answer(method: string, path: string, body: unknown): Promise<unknown> {
    const { state } = this;
    const route = `${method} ${path.replace(canned.MEETING_ID, ':id').replace(canned.TOKEN, ':token')}`;
    switch (route) {
      case 'GET /api/session':
        return state.session;
      case 'POST /api/session/end':
        state.session = canned.session();
        return state.session;
      case 'POST /api/session/stay':
        return state.session;
      case 'POST /api/session/language':
        state.session = { ...state.session, language: (body as { language: 'sv' | 'en' }).language };
        return state.session;
      case 'GET /api/eid/providers':
        return { providers: state.providers };
      case 'POST /api/eid/orders':
        return this.#startOrder(body as StartEidRequest);
      case 'GET /api/invitations/:token':
        return state.invitation;
      case 'POST /api/invitations/:token/claim':
      case 'GET /api/meetings/:id/me':
        return state.me;
      case 'POST /api/meetings/:id/me/wait': {
        const admitted = state.me.role === 'host';
        state.me = {
          ...state.me,
          state: admitted ? 'admitted' : 'waiting',
          queuePlace: admitted ? null : 2,
        };
        return state.me;
      }
      case 'POST /api/meetings/:id/me/leave':
        state.me = { ...state.me, state: 'left', queuePlace: null };
        return state.me;
      case 'POST /api/meetings/:id/me/ticket':
        return {
          ticket: 'ticket',
          room: canned.MEETING_ID,
          displayName: state.me.displayName,
          iceServers: [],
        };
      case 'GET /api/meetings/:id/me/payment':
        return { payment: state.payment };
      case 'POST /api/meetings/:id/me/payment':
        return { redirectUrl: `${this.url}support?paid` };
      case 'GET /api/portal/overview':
        return state.overview;
      case 'GET /api/portal/meetings':
        return { meetings: state.earlier };
      case 'POST /api/portal/meetings':
        return { meetings: [state.meeting] };
      case 'GET /api/portal/meetings/:id':
        return state.meeting;
      case 'PATCH /api/portal/meetings/:id':
        state.meeting = { ...state.meeting, ...(body as object), invitations: state.meeting.invitations };
        return state.meeting;
      case 'DELETE /api/portal/meetings/:id':
        state.meeting = { ...state.meeting, status: 'cancelled' };
        return {};
      case 'DELETE /api/portal/meetings/:id/invitations/i-1':
        state.meeting = {
          ...state.meeting,
          invitations: state.meeting.invitations.filter(({ id }) => id !== 'i-1'),
        };
        return state.meeting;
      case 'GET /api/admin/organisation':
        return state.organisation;
      case 'PUT /api/admin/organisation':
        return (state.organisation = body as typeof state.organisation);
      case 'GET /api/admin/organisers':
        return { organisers: state.organisers };
      case 'POST /api/admin/organisers':
        return { ...(body as object), id: 'o-new', rooms: [], active: true };
      case 'POST /api/admin/rooms':
        return { ...(body as object), id: 'room-new' };
      case 'GET /api/admin/meeting-types':
        return { meetingTypes: state.meetingTypes };
      case 'POST /api/admin/meeting-types':
        return { ...(body as object), id: 'type-new' };
      case 'GET /api/admin/api-keys':
        return { keys: state.apiKeys };
      case 'POST /api/admin/api-keys':
        return { ...state.apiKeys[0], key: 'sluss_key_4pQ1mZr8vXw2' };
      case 'GET /api/admin/audit':
        return state.audit;
      case 'POST /api/admin/audit/verify':
        return { intact: true, entries: 43, problemAt: null, checkedAt: '2031-03-05T08:00:00.000Z' };
      case 'POST /api/admin/erase':
        return { erased: 3 };
      case 'GET /api/operator/organisations':
        return { organisations: state.organisations };
      case 'POST /api/operator/organisations':
        return { ...state.organisations[0], ...(body as object), id: 'org-new' };
    }
    if (path.startsWith('/api/eid/orders/')) return this.#orderAnswer(method, path, body);
    if (path.includes('/lobby/')) return state.lobby;
    if (path.endsWith('/resend') || method === 'DELETE') return {};
    return undefined;
  }

  #startOrder({ provider, sameDevice, email }: StartEidRequest): EidOrderView {
    const order: EidOrderView = { id: 'order-1', provider, state: 'pending', message: waitingText };
    if (provider === 'otp') {
      order.codeSentTo = (email ?? '').replace(/^(.).*@/, '$1•••@');
      order.attemptsLeft = 3;
      order.message = { sv: 'Koden är skickad.', en: 'The code is sent.' };
    } else if (provider === 'siths') order.redirectUrl = `${this.url}support?at=idp`;
    else if (provider === 'test') return this.#complete(order);
    else if (sameDevice) {
      order.launch = {
        desktop: 'bankid:///?autostarttoken=67df3917&redirect=null',
        mobile: 'https://app.bankid.com/?autostarttoken=67df3917&redirect=null',
      };
    } else order.qrSvg = '<svg/>';
    this.state.order = order;
    return order;
  }

  async #orderAnswer(method: string, path: string, body: unknown): Promise<unknown> {
    const { state } = this;
    if (path.endsWith('/cancel')) {
      state.order = null;
      return {};
    }
    if (state.order === null) return undefined;
    if (path.endsWith('/code') && method === 'POST') {
      if ((body as { code: string }).code === '123456') return this.#complete(state.order);
      state.order.attemptsLeft = (state.order.attemptsLeft ?? 3) - 1;
    }
    if (state.order.state === 'complete') state.session = state.identified;
    if (state.order.qrSvg !== undefined) {
      const text = `bankid.67df3917-fa0d-44e5-b327-edcc928297f8.${this.#qrStep++}.dc69358e712458a66a7525beef148ae8526b1c71610eff2c16cdffb4cdac9bf8`;
      state.order.qrSvg = await qrCode(text, { type: 'svg', margin: 0 });
    }
    return state.order;
  }

  #complete(order: EidOrderView): EidOrderView {
    this.state.session = this.state.identified;
    return { ...order, state: 'complete' };
  }
}

/** Builds the pages with a fake room client and serves them on a free port until the test ends. */
export async function startFakeService(t: Test): Promise<FakeService> {
  const folder = t.testdir({});
  const web = join(root, 'examples/meeting/web');
  for (const asset of ['index.html', 'icon.svg']) cpSync(join(web, asset), join(folder, asset));
  await build({
    entryPoints: [join(web, 'main.tsx')],
    outdir: folder,
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // Sorted: of two that fit, esbuild takes the longer one.
    alias: {
      'sluss/client/e2ee': join(root, 'dist/client/e2ee/index.js'),
      'sluss/client': join(root, 'test/support/browser/fake-room-client.ts'),
    },
    logLevel: 'warning',
  });
  const server = createServer((request, response) => void service.handle(request, response));
  const sockets = new WebSocketServer({ server, path: '/signalling' });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service = new FakeService(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, folder);
  t.teardown(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  return service;
}

function writeEvent(stream: ServerResponse, name: string, data: unknown): void {
  stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : (JSON.parse(Buffer.concat(chunks).toString()) as unknown);
}
