/**
 * Swedish BankID by its RP API v6.0: identification without a personal number typed ("säker start"), by animated QR code or by
 * opening the app on the same device. Nobody is let in by the service's word: see completion-proof.ts.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  type Assurance,
  EidError,
  type EidIdentity,
  type EidOrder,
  type EidProvider,
  type EidStart,
  type EidStatus,
  type Localized,
  ORDER_LIFETIME_MS,
} from '../eid-provider.js';
import { atMost } from '../at-most.js';
import { launchLinks, qrText } from './app-start.js';
import { readPemCertificates, type ReadCertificate } from './certificate.js';
import { verifyCompletion } from './completion-proof.js';
import { errorText, EXPIRED, failureText, pendingMessage, PROOF_INVALID, RFA5 } from './messages.js';
import type { ProofReason } from './proof-error.js';
import { type CompletionData, readCollectAnswer, readStartedOrder, type StartedOrder } from './rp-answers.js';
import { RpApi, type RpEndpoint, RpError } from './rp-api.js';
import { readP12 } from './rp-certificate.js';

export const BANKID_PRODUCTION = 'https://appapi2.bankid.com/rp/v6.0';
export const BANKID_TEST = 'https://appapi2.test.bankid.com/rp/v6.0';

export interface BankIdLog {
  warn(fields: Record<string, unknown>, message: string): void;
}

export interface BankIdOptions {
  /** Default `BANKID_PRODUCTION`. */
  baseUrl?: string;
  /** The relying party's certificate and key: contents of the .p12 file. */
  p12: Uint8Array;
  passphrase: string;
  /** PEM: CA of BankID's servers; nothing else is trusted for TLS. */
  serverCa: string;
  /** PEM: BankID's root CA, to which the certificates of people lead. */
  signatureRoots: string;
  /** Further demands upon the person's BankID: BankID's `requirement`, such as `{ pinCode: true }`. */
  requirement?: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Of one request, connecting included. Default 10,000. */
  timeoutMs?: number;
  /** How long `status` waits for a slow service before it answers with what it knew. Default 1,000. */
  patienceMs?: number;
  log?: BankIdLog;
  /** Default `bankid`. */
  id?: string;
  label?: Localized;
  /** BankID's test environment: anyone can be anybody. Default: whether `baseUrl` is `BANKID_TEST`. */
  isTest?: boolean;
}

/** BankID: "collect" every second second, no oftener. */
const COLLECT_EVERY_MS = 2_000;
/** Of silence or nonsense, before the order is given up. */
const OUTAGE_MS = 60_000;
/** Of `userVisibleData`, base64. */
const MAX_VISIBLE_CHARACTERS = 1_500;

interface OpenOrder {
  readonly started: StartedOrder;
  readonly startedAt: number;
  readonly sameDevice: boolean;
  readonly returnUrl: string;
  readonly userVisibleData: string | null;
  readonly userNonVisibleData: string;
  hintCode: string;
  nextCollectAt: number;
  /** When BankID last made sense. */
  answeredAt: number;
  isTroubled: boolean;
  collecting: Promise<void> | null;
  /** Null while pending. */
  outcome: EidStatus | null;
}

/** Hints of an order that no app has opened. */
const NOT_STARTED = new Set(['outstandingTransaction', 'noClient']);
const GONE = failed('expired', EXPIRED);

export class BankIdProvider implements EidProvider {
  readonly id: string;
  readonly label: Localized;
  readonly flow = 'app';
  readonly assurance: Assurance = 'substantial';
  readonly isTest: boolean;
  readonly #api: RpApi;
  readonly #roots: readonly ReadCertificate[];
  readonly #options: BankIdOptions;
  readonly #now: () => number;
  readonly #log: BankIdLog | undefined;
  readonly #rejectedProofs = new Map<ProofReason, number>();
  /** In the order of their start. */
  readonly #orders = new Map<string, OpenOrder>();
  #closed = false;

  /** Throws a TypeError for a certificate that cannot be read. */
  constructor(options: BankIdOptions) {
    const baseUrl = options.baseUrl ?? BANKID_PRODUCTION;
    this.id = options.id ?? 'bankid';
    this.label = options.label ?? { sv: 'BankID', en: 'BankID' };
    this.isTest = options.isTest ?? baseUrl === BANKID_TEST;
    this.#roots = readPemCertificates(options.signatureRoots);
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#log = options.log;
    this.#api = new RpApi({
      baseUrl,
      rpCertificate: readP12(options.p12, options.passphrase),
      serverCa: options.serverCa,
    });
  }

  /** How many proofs did not hold, by reason. */
  get rejectedProofs(): ReadonlyMap<ProofReason, number> {
    return this.#rejectedProofs;
  }

  async start(request: EidStart): Promise<EidOrder> {
    this.#forgetOld();
    // Signed by the person, so that a proof of one order is none for another.
    const userNonVisibleData = randomBytes(32).toString('base64');
    const userVisibleData = visibleData(request.purpose);
    const answer = await this.#auth({
      endUserIp: request.endUserIp,
      userNonVisibleData,
      ...(userVisibleData !== null && { userVisibleData }),
      ...(this.#options.requirement && { requirement: this.#options.requirement }),
    });
    const started = readStartedOrder(answer);
    if (!started) throw new EidError('provider-unavailable', RFA5);
    if (this.#closed) {
      void this.#tellCancelled(started);
      throw new EidError('provider-unavailable', RFA5);
    }
    const startedAt = this.#now();
    const order: EidOrder = { id: randomUUID(), provider: this.id, startedAt };
    this.#orders.set(order.id, {
      started,
      startedAt,
      sameDevice: request.sameDevice,
      returnUrl: request.returnUrl,
      userVisibleData,
      userNonVisibleData,
      hintCode: 'outstandingTransaction',
      nextCollectAt: startedAt + COLLECT_EVERY_MS,
      answeredAt: startedAt,
      isTroubled: false,
      collecting: null,
      outcome: null,
    });
    return order;
  }

  async status({ id }: EidOrder): Promise<EidStatus> {
    this.#forgetOld();
    const open = this.#orders.get(id);
    if (!open) return GONE;
    if (!open.outcome && !open.collecting && this.#now() >= open.nextCollectAt) {
      open.nextCollectAt = this.#now() + COLLECT_EVERY_MS;
      open.collecting = this.#collect(open).finally(() => (open.collecting = null));
    }
    // The QR code must go on moving while the service is slow.
    if (open.collecting) await atMost(open.collecting, this.#options.patienceMs ?? 1_000);
    if (!this.#orders.has(id)) return GONE;
    return open.outcome ?? this.#pending(open);
  }

  /** The app was all of it. */
  answer(): Promise<void> {
    return Promise.resolve();
  }

  async cancel({ id }: EidOrder): Promise<void> {
    const open = this.#orders.get(id);
    this.#orders.delete(id);
    if (open && !open.outcome) await this.#tellCancelled(open.started);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pending = [...this.#orders.values()].filter(({ outcome }) => !outcome);
    this.#orders.clear();
    const told = Promise.all(pending.map(({ started }) => this.#tellCancelled(started)));
    await atMost(told, this.#options.patienceMs ?? 1_000);
    this.#api.close();
  }

  async #auth(body: Record<string, unknown>): Promise<unknown> {
    if (this.#closed) throw new EidError('provider-unavailable', RFA5);
    try {
      return await this.#post('auth', body);
    } catch (error) {
      const { kind, httpStatus, errorCode } = asRpError(error);
      this.#log?.warn({ provider: this.id, kind, httpStatus, errorCode }, 'BankID cannot begin an order');
      const { failure, message } = errorText(errorCode);
      throw new EidError(failure, message, { cause: error });
    }
  }

  /** Never rejects. */
  async #collect(open: OpenOrder): Promise<void> {
    const { orderRef } = open.started;
    let answer: ReturnType<typeof readCollectAnswer>;
    try {
      answer = readCollectAnswer(await this.#post('collect', { orderRef }), orderRef);
      if (!answer) throw new RpError('nonsense');
    } catch (error) {
      this.#onTrouble(open, asRpError(error));
      return;
    }
    open.answeredAt = this.#now();
    open.isTroubled = false;
    if (answer.status === 'complete') open.outcome = this.#judge(open, answer.completionData);
    else if (answer.status === 'pending') open.hintCode = answer.hintCode;
    else {
      const { failure, message } = failureText(answer.hintCode, open.sameDevice);
      open.outcome = failed(failure, message);
    }
  }

  #judge(open: OpenOrder, data: CompletionData): EidStatus {
    const now = this.#now();
    const { person, reason } = verifyCompletion(data, { ...open, roots: this.#roots, now });
    if (person) {
      const identity: EidIdentity = {
        provider: this.id,
        subjectType: 'personal-number-se',
        assurance: this.assurance,
        authenticatedAt: now,
        ...person,
      };
      return { state: 'complete', identity };
    }
    this.#rejectedProofs.set(reason, (this.#rejectedProofs.get(reason) ?? 0) + 1);
    this.#log?.warn({ provider: this.id, reason }, 'a BankID proof does not hold: nobody was let in');
    return failed('proof-invalid', PROOF_INVALID);
  }

  /** What may pass is waited out; what BankID says must not be repeated ends the order. */
  #onTrouble(open: OpenOrder, { kind, httpStatus, errorCode }: RpError): void {
    if (open.outcome || kind === 'closed') return;
    if (!open.isTroubled) {
      this.#log?.warn({ provider: this.id, kind, httpStatus, errorCode }, 'BankID does not tell of an order');
    }
    open.isTroubled = true;
    const mayPass = kind !== 'refused' || httpStatus === 502 || httpStatus === 503 || httpStatus === 504;
    if (mayPass && this.#now() - open.answeredAt < OUTAGE_MS) return;
    // "No such order": its time was over.
    if (errorCode === 'invalidParameters') open.outcome = GONE;
    else open.outcome = failed('provider-unavailable', RFA5);
    void this.#tellCancelled(open.started);
  }

  /** Never rejects: BankID ends the order itself if it does not hear this. */
  async #tellCancelled({ orderRef }: StartedOrder): Promise<void> {
    await this.#post('cancel', { orderRef }).catch(() => undefined);
  }

  #post(endpoint: RpEndpoint, body: Record<string, unknown>): Promise<unknown> {
    return this.#api.post(endpoint, body, this.#options.timeoutMs ?? 10_000);
  }

  #pending(open: OpenOrder): EidStatus {
    const { sameDevice, started, hintCode, startedAt, returnUrl } = open;
    const message = pendingMessage(hintCode, sameDevice);
    // The app has the order: nothing is left to scan or to open.
    if (!NOT_STARTED.has(hintCode)) return { state: 'pending', message };
    if (sameDevice) return { state: 'pending', message, launch: launchLinks(started, returnUrl) };
    const seconds = Math.max(0, Math.floor((this.#now() - startedAt) / 1_000));
    return { state: 'pending', message, qr: qrText(started, seconds) };
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [id, open] of this.#orders) {
      if (now - open.startedAt < ORDER_LIFETIME_MS) return;
      this.#orders.delete(id);
      if (!open.outcome) void this.#tellCancelled(open.started);
    }
  }
}

/** What the app shows; cut so that BankID takes it. Null: nothing. */
function visibleData(purpose: string | undefined): string | null {
  if (!purpose) return null;
  let text = Array.from(purpose);
  const encoded = (): string => Buffer.from(text.join('')).toString('base64');
  while (encoded().length > MAX_VISIBLE_CHARACTERS) text = text.slice(0, Math.floor(text.length * 0.9));
  return encoded();
}

function failed(failure: (EidStatus & { state: 'failed' })['failure'], message: Localized): EidStatus {
  return { state: 'failed', failure, message };
}

function asRpError(error: unknown): RpError {
  return error instanceof RpError ? error : new RpError('nonsense', 0, '', { cause: error });
}
