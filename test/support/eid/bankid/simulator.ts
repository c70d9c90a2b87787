/**
 * BankID's RP API v6.0 at 127.0.0.1, with phones: mutual TLS with certificates of its own, orders that live by an injected
 * clock, real signatures; and every kind of trouble. It stands alone: a browser test may start it beside a service.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { P12_PASSPHRASE, rpP12, serverCertificate, signatureRoot, tlsTrust } from './bankid-pki.js';
import { type AuthRequest, SimulatedOrders } from './orders.js';
import { BankIdPhone } from './phone.js';

export interface BankIdSimulatorOptions {
  /** Closes it at the end of a test. */
  readonly t?: { teardown(end: () => Promise<void>): unknown };
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** `wrong`: a server that is not BankID's. */
  readonly server?: 'good' | 'wrong';
}

export type SimulatedTrouble = 'ok' | 'down' | 'slow' | 'nonsense' | 'huge';

export interface SimulatedRequest {
  readonly endpoint: string;
  readonly contentType: string | undefined;
  readonly body: Record<string, unknown>;
}

const BASE = '/rp/v6.0/';

export class BankIdSimulator {
  readonly requests: SimulatedRequest[] = [];
  readonly orders: SimulatedOrders;
  /** The one phone of simple tests. */
  readonly phone: BankIdPhone;
  /** PEM: for the client to trust. */
  readonly ca = tlsTrust.server();
  /** PEM: the root of the people's certificates. */
  readonly signatureRoots = signatureRoot().pem;
  readonly p12 = rpP12();
  readonly p12Path: string;
  readonly passphrase = P12_PASSPHRASE;
  readonly #now: () => number;
  readonly #server: Server;
  readonly #directory = mkdtempSync(join(tmpdir(), 'bankid-'));
  #trouble: SimulatedTrouble = 'ok';
  #nextErrors: { status: number; errorCode: string }[] = [];
  #nextAnswers: string[] = [];
  #isNextDropped = false;

  static async start(options: BankIdSimulatorOptions = {}): Promise<BankIdSimulator> {
    const simulator = new BankIdSimulator(options);
    await new Promise<void>((resolve) => simulator.#server.listen(0, '127.0.0.1', resolve));
    options.t?.teardown(() => simulator.close());
    return simulator;
  }

  private constructor({ now = Date.now, server = 'good' }: BankIdSimulatorOptions) {
    this.#now = now;
    this.orders = new SimulatedOrders(now);
    this.phone = this.newPhone();
    this.p12Path = join(this.#directory, 'rp.p12');
    writeFileSync(this.p12Path, this.p12);
    const { pem, key } = serverCertificate(server);
    const tls = {
      cert: pem,
      key: key.pem,
      ca: tlsTrust.client(),
      requestCert: true,
      rejectUnauthorized: true,
    };
    this.#server = createServer(tls, (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** The provider's `baseUrl`. */
  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}/rp/v6.0`;
  }

  newPhone(): BankIdPhone {
    return new BankIdPhone(this.orders, this.#now);
  }

  /** Until told otherwise. `slow`: no answer comes. */
  trouble(kind: SimulatedTrouble): void {
    this.#trouble = kind;
  }

  /** The next request is refused: `(400, 'alreadyInProgress')`, `(408, 'requestTimeout')` ... */
  failNext(status: number, errorCode: string): void {
    this.#nextErrors.push({ status, errorCode });
  }

  /** The next request is answered with this text and status 200. */
  answerNext(text: string): void {
    this.#nextAnswers.push(text);
  }

  /** The connection of the next request ends as it comes. */
  dropNext(): void {
    this.#isNextDropped = true;
  }

  async close(): Promise<void> {
    rmSync(this.#directory, { recursive: true, force: true });
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#isNextDropped) {
      this.#isNextDropped = false;
      request.socket.destroy();
      return;
    }
    const path = request.url ?? '';
    const endpoint = path.startsWith(BASE) ? path.slice(BASE.length) : '';
    const text = await readBody(request).catch(() => null);
    // The client has gone away.
    if (text === null) return;
    const body = parseObject(text);
    const contentType = request.headers['content-type'];
    this.requests.push({ endpoint, contentType, body: body ?? {} });
    if (this.#isTroubled(response)) return;

    if (!(request.socket as TLSSocket).authorized) return refuse(response, 401, 'unauthorized');
    if (!['auth', 'collect', 'cancel'].includes(endpoint)) return refuse(response, 404, 'notFound');
    if (request.method !== 'POST') return refuse(response, 405, 'methodNotAllowed');
    if (contentType !== 'application/json') return refuse(response, 415, 'unsupportedMediaType');
    if (!body) return refuse(response, 400, 'invalidParameters');
    if (endpoint === 'auth') this.#auth(body, response);
    else this.#byOrder(endpoint, body, response);
  }

  #isTroubled(response: ServerResponse): boolean {
    const error = this.#nextErrors.shift();
    const text = this.#nextAnswers.shift();
    if (error) refuse(response, error.status, error.errorCode);
    else if (text !== undefined) response.end(text);
    else if (this.#trouble === 'down') refuse(response, 503, 'Maintenance');
    else if (this.#trouble === 'nonsense') response.end('<html><body>It works!</body></html>');
    else if (this.#trouble === 'huge') response.end(Buffer.alloc(2 * 1024 * 1024, '{"a":'));
    else return this.#trouble === 'slow';
    return true;
  }

  #auth(body: Record<string, unknown>, response: ServerResponse): void {
    const { endUserIp, userVisibleData, userNonVisibleData, returnUrl, ...others } = body;
    const isFine =
      typeof endUserIp === 'string' &&
      isIP(endUserIp) > 0 &&
      isData(userVisibleData) &&
      isData(userNonVisibleData) &&
      isReturnUrl(returnUrl) &&
      Object.keys(others).every((name) => KNOWN_PARAMETERS.has(name));
    if (!isFine) return refuse(response, 400, 'invalidParameters');
    const order = this.orders.begin(body as unknown as AuthRequest);
    const { orderRef, autoStartToken, qrStartToken, qrStartSecret } = order;
    // A field that no documentation knows: clients must bear it.
    answer(response, 200, { orderRef, autoStartToken, qrStartToken, qrStartSecret, newInVersion7: true });
  }

  #byOrder(endpoint: string, body: Record<string, unknown>, response: ServerResponse): void {
    const order = this.orders.byRef(body.orderRef);
    if (!order || order.wasCancelled) return refuse(response, 400, 'invalidParameters');
    if (endpoint === 'collect') return answer(response, 200, order.answer());
    order.wasCancelled = true;
    order.fail('cancelled');
    answer(response, 200, {});
  }
}

const KNOWN_PARAMETERS = new Set(['userVisibleDataFormat', 'returnRisk', 'web', 'app', 'requirement']);

function isData(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'string' && value.length <= 1_500 && /^[A-Za-z\d+/]+={0,2}$/.test(value);
}

function isReturnUrl(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'string' && value.length <= 512 && URL.canParse(value);
}

function refuse(response: ServerResponse, status: number, errorCode: string): void {
  answer(response, status, { errorCode, details: 'details are for developers' });
}

function answer(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
