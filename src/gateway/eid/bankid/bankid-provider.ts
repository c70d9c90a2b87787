/**
 * Swedish BankID by its RP API v6.0: identification without a personal number typed ("säker start"), by animated QR code or by
 * opening the app on the same device. Nobody is let in by the service's word: see completion-proof.ts.
 */
import { randomBytes } from 'node:crypto';
import type { Assurance, EidOrder, EidProvider, EidStart, EidStatus, Localized } from '../eid-provider.js';
import { failed, failureText, pendingText, PROOF_INVALID } from '../order-texts.js';
import { type OrderFrame, PolledOrders, type PolledOrdersOptions } from '../polled-orders.js';
import { readP12 } from '../rp-certificate.js';
import { launchLinks, qrText } from './app-start.js';
import { readPemCertificates, type ReadCertificate } from './certificate.js';
import { verifyCompletion } from './completion-proof.js';
import { BANKID_TEXTS, errorText } from './messages.js';
import type { ProofReason } from './proof-error.js';
import type { CompletionData, StartedOrder } from './rp-answers.js';
import { RpApi } from './rp-api.js';

export const BANKID_PRODUCTION = 'https://appapi2.bankid.com/rp/v6.0';
export const BANKID_TEST = 'https://appapi2.test.bankid.com/rp/v6.0';

export interface BankIdOptions extends PolledOrdersOptions {
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
  /** Of one request, connecting included. Default 10,000. */
  timeoutMs?: number;
  /** Default `bankid`. */
  id?: string;
  label?: Localized;
  /** BankID's test environment: anyone can be anybody. Default: whether `baseUrl` is `BANKID_TEST`. */
  isTest?: boolean;
}

/** BankID: "collect" every second second, no oftener. */
const COLLECT_EVERY_MS = 2_000;
/** Of `userVisibleData`, base64. */
const MAX_VISIBLE_CHARACTERS = 1_500;
/** Hints of an order that no app has opened. */
const NOT_STARTED = new Set(['outstandingTransaction', 'noClient']);
/** Of what stands before BankID. */
const PASSING = new Set([502, 503, 504]);

interface BankIdOrder {
  readonly started: StartedOrder;
  readonly userVisibleData: string | null;
  readonly userNonVisibleData: string;
  hintCode: string;
}

export class BankIdProvider implements EidProvider {
  readonly id: string;
  readonly label: Localized;
  readonly flow = 'app';
  readonly assurance: Assurance = 'substantial';
  readonly isTest: boolean;
  readonly bindsReturn = true;
  readonly #api: RpApi;
  readonly #roots: readonly ReadCertificate[];
  readonly #options: BankIdOptions;
  readonly #now: () => number;
  readonly #rejectedProofs = new Map<ProofReason, number>();
  readonly #orders: PolledOrders<BankIdOrder>;

  /** Throws a TypeError for a certificate that cannot be read. */
  constructor(options: BankIdOptions) {
    const baseUrl = options.baseUrl ?? BANKID_PRODUCTION;
    this.id = options.id ?? 'bankid';
    this.label = options.label ?? { sv: 'BankID', en: 'BankID' };
    this.isTest = options.isTest ?? baseUrl === BANKID_TEST;
    this.#roots = readPemCertificates(options.signatureRoots);
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#api = new RpApi({
      baseUrl,
      rpCertificate: readP12(options.p12, options.passphrase),
      serverCa: options.serverCa,
    });
    this.#orders = new PolledOrders(options, {
      provider: this.id,
      name: 'BankID',
      codeField: 'errorCode',
      askEveryMs: COLLECT_EVERY_MS,
      unavailable: BANKID_TEXTS.unavailable,
      ask: (order) => this.#collect(order),
      show: (order) => this.#pending(order),
      cancel: ({ started }) => this.#api.cancel(started.orderRef, this.#timeoutMs),
      startFailure: ({ code }) => errorText(code),
      mayPass: ({ httpStatus }) => PASSING.has(httpStatus),
      isUnknownOrder: ({ code }) => code === 'invalidParameters',
    });
  }

  /** How many proofs did not hold, by reason. */
  get rejectedProofs(): ReadonlyMap<ProofReason, number> {
    return this.#rejectedProofs;
  }

  start(request: EidStart): Promise<EidOrder> {
    return this.#orders.start(request, () => this.#auth(request));
  }

  status(order: EidOrder): Promise<EidStatus> {
    return this.#orders.status(order);
  }

  /** The app was all of it. */
  answer(): Promise<void> {
    return Promise.resolve();
  }

  cancel(order: EidOrder): Promise<void> {
    return this.#orders.cancel(order);
  }

  async close(): Promise<void> {
    await this.#orders.close();
    this.#api.close();
  }

  async #auth({ endUserIp, purpose, sameDevice, returnUrl }: EidStart): Promise<BankIdOrder> {
    const { requirement } = this.#options;
    // Signed by the person, so that a proof of one order is none for another.
    const userNonVisibleData = randomBytes(32).toString('base64');
    const userVisibleData = visibleData(purpose);
    const body = {
      endUserIp,
      userNonVisibleData,
      // The app obeys this one, whatever its launch link says.
      ...(sameDevice && { returnUrl }),
      ...(userVisibleData !== null && { userVisibleData }),
      ...(requirement && { requirement }),
    };
    const started = await this.#api.auth(body, this.#timeoutMs);
    return { started, userVisibleData, userNonVisibleData, hintCode: 'outstandingTransaction' };
  }

  async #collect(order: BankIdOrder & OrderFrame): Promise<EidStatus | null> {
    const answer = await this.#api.collect(order.started.orderRef, this.#timeoutMs);
    if (answer.status === 'complete') return this.#judge(order, answer.completionData);
    if (answer.status === 'failed') {
      return failed(failureText(BANKID_TEXTS, answer.hintCode, order.sameDevice));
    }
    order.hintCode = answer.hintCode;
    return null;
  }

  #judge(order: BankIdOrder & OrderFrame, data: CompletionData): EidStatus {
    const now = this.#now();
    const { person, reason } = verifyCompletion(data, { ...order, roots: this.#roots, now });
    if (person) {
      const { id: provider, assurance } = this;
      const subjectType = 'personal-number-se';
      return {
        state: 'complete',
        identity: { provider, subjectType, assurance, authenticatedAt: now, ...person },
      };
    }
    this.#rejectedProofs.set(reason, (this.#rejectedProofs.get(reason) ?? 0) + 1);
    this.#options.log?.warn({ provider: this.id, reason }, 'a BankID proof does not hold: nobody was let in');
    return failed(PROOF_INVALID);
  }

  #pending({ sameDevice, started, hintCode, startedAt }: BankIdOrder & OrderFrame): EidStatus {
    const message = pendingText(BANKID_TEXTS, hintCode, sameDevice);
    // The app has the order: nothing is left to scan or to open.
    if (!NOT_STARTED.has(hintCode)) return { state: 'pending', message };
    if (sameDevice) return { state: 'pending', message, launch: launchLinks(started) };
    const seconds = Math.max(0, Math.floor((this.#now() - startedAt) / 1_000));
    return { state: 'pending', message, qr: qrText(started, seconds) };
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? 10_000;
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
