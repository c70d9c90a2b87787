/**
 * Freja's REST authentication service at 127.0.0.1, with phones: mutual TLS with certificates of its own, orders that live two
 * minutes of an injected clock, signed results; and every kind of trouble. It stands alone: a browser test may start it beside
 * a service.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { jwsCertificate, P12_PASSPHRASE, rpP12, serverCertificate, tlsRoot } from './freja-pki.js';
import { FrejaPhone } from './phone.js';

export interface FrejaSimulatorOptions {
  /** Closes it at the end of a test. */
  readonly t?: { teardown(end: () => Promise<void>): unknown };
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

export interface SimulatedFrejaOrder {
  readonly authRef: string;
  readonly startedAt: number;
  readonly request: Record<string, unknown>;
  status: string;
  details: string | null;
}

export interface SimulatedFrejaRequest {
  readonly method: string;
  readonly body: Record<string, unknown>;
}

export type FrejaTrouble = 'ok' | 'down' | 'slow' | 'nonsense' | 'huge';

const BASE = '/authentication/1.0/';
const FIELDS: Readonly<Record<string, string>> = {
  initAuthentication: 'initAuthRequest',
  getOneResult: 'getOneAuthResultRequest',
  cancel: 'cancelAuthRequest',
};
const LIFETIME_MS = 120_000;
const OPEN = ['STARTED', 'DELIVERED_TO_MOBILE'];

export class FrejaSimulator {
  readonly requests: SimulatedFrejaRequest[] = [];
  readonly orders = new Map<string, SimulatedFrejaOrder>();
  /** The one phone of simple tests. */
  readonly phone: FrejaPhone;
  /** PEM: for the client to trust. */
  readonly ca = tlsRoot().pem;
  /** PEM: for the client to pin. */
  readonly jwsCertificates = jwsCertificate().pem;
  readonly p12 = rpP12();
  readonly passphrase = P12_PASSPHRASE;
  readonly now: () => number;
  readonly #server: Server;
  #trouble: FrejaTrouble = 'ok';
  #nextErrors: { status: number; code: number }[] = [];

  static async start(options: FrejaSimulatorOptions = {}): Promise<FrejaSimulator> {
    const simulator = new FrejaSimulator(options);
    await new Promise<void>((resolve) => simulator.#server.listen(0, '127.0.0.1', resolve));
    options.t?.teardown(() => simulator.close());
    return simulator;
  }

  private constructor({ now = Date.now }: FrejaSimulatorOptions) {
    this.now = now;
    this.phone = this.newPhone();
    const { pem, key } = serverCertificate();
    const tls = { cert: pem, key: key.pem, ca: this.ca, requestCert: true, rejectUnauthorized: true };
    this.#server = createServer(tls, (request, response) => void this.#serve(request, response));
  }

  /** The provider's `baseUrl`. */
  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  newPhone(): FrejaPhone {
    return new FrejaPhone(this);
  }

  /** Until told otherwise. `slow`: no answer comes. */
  trouble(kind: FrejaTrouble): void {
    this.#trouble = kind;
  }

  /** The next request is refused: `(422, 1100)`, `(503, 0)` ... */
  failNext(status: number, code: number): void {
    this.#nextErrors.push({ status, code });
  }

  /** As it is now: two minutes end it. */
  orderOf(authRef: unknown): SimulatedFrejaOrder | null {
    const order = this.orders.get(String(authRef)) ?? null;
    if (order && OPEN.includes(order.status) && this.now() - order.startedAt >= LIFETIME_MS) {
      order.status = 'EXPIRED';
    }
    return order;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const method = path.startsWith(BASE) ? path.slice(BASE.length) : '';
    const text = await readBody(request).catch(() => null);
    // The client has gone away.
    if (text === null) return;
    const body = parseForm(text, FIELDS[method]);
    this.requests.push({ method, body: body ?? {} });
    if (this.#isTroubled(response)) return;
    if (!(request.socket as TLSSocket).authorized) return refuse(response, 401, 1008);
    if (!(method in FIELDS) || request.method !== 'POST') return refuse(response, 404, 0);
    if (request.headers['content-type'] !== 'application/x-www-form-urlencoded')
      return refuse(response, 415, 0);
    if (!body) return refuse(response, 422, 1010);
    if (method === 'initAuthentication') this.#begin(body, response);
    else this.#byOrder(method, body, response);
  }

  #isTroubled(response: ServerResponse): boolean {
    const error = this.#nextErrors.shift();
    if (error) refuse(response, error.status, error.code);
    else if (this.#trouble === 'down') refuse(response, 503, 0);
    else if (this.#trouble === 'nonsense') response.end('<html><body>It works!</body></html>');
    else if (this.#trouble === 'huge') response.end(Buffer.alloc(2 * 1024 * 1024, '{"a":'));
    else return this.#trouble === 'slow';
    return true;
  }

  #begin(body: Record<string, unknown>, response: ServerResponse): void {
    if (body.userInfoType !== 'INFERRED') return refuse(response, 422, 1001);
    if (body.userInfo !== 'N/A') return refuse(response, 422, 1002);
    if (!['BASIC', 'EXTENDED', 'PLUS', undefined].includes(body.minRegistrationLevel as string)) {
      return refuse(response, 422, 1007);
    }
    // As Freja's: base64, with characters that an address must escape.
    const authRef = `${randomBytes(46).toString('base64').slice(0, 58)}+/${randomBytes(3).toString('base64')}`;
    this.orders.set(authRef, {
      authRef,
      startedAt: this.now(),
      request: body,
      status: 'STARTED',
      details: null,
    });
    answer(response, 200, { authRef });
  }

  #byOrder(method: string, { authRef }: Record<string, unknown>, response: ServerResponse): void {
    const order = this.orderOf(authRef);
    if (!order) return refuse(response, 422, 1100);
    if (method === 'cancel') {
      if (OPEN.includes(order.status)) order.status = 'RP_CANCELED';
      return answer(response, 200, {});
    }
    const { status, details } = order;
    // What is beside the signed details is the service's word only: a client must not believe it.
    const unsigned = { requestedAttributes: { ssn: { ssn: '190001010000', country: 'SE' } } };
    answer(response, 200, { authRef, status, ...(details !== null && { details, ...unsigned }) });
  }
}

function refuse(response: ServerResponse, status: number, code: number): void {
  answer(response, status, { code, message: 'a message for developers' });
}

function answer(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { 'Content-Type': 'application/json;charset=UTF-8' }).end(JSON.stringify(body));
}

/** The base64 as it is, as it would be for a service that does not undo the form's encoding. */
function parseForm(text: string, field: string | undefined): Record<string, unknown> | null {
  if (field === undefined || !text.startsWith(`${field}=`)) return null;
  const base64 = text.slice(field.length + 1);
  if (!/^[A-Za-z\d]+={0,2}$/.test(base64)) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64').toString());
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
