/**
 * Freja by its REST API: the person scans a QR code or opens the app on the same device; nobody types a number. Nobody is let
 * in by the service's word: see result-proof.ts.
 */
import type { Assurance, EidOrder, EidProvider, EidStart, EidStatus, Localized } from '../eid-provider.js';
import { failed, failureText, isFailure, pendingText } from '../order-texts.js';
import { type OrderFrame, PolledOrders, type PolledOrdersOptions } from '../polled-orders.js';
import { readP12 } from '../rp-certificate.js';
import { FrejaApi } from './freja-api.js';
import { FREJA_TEXTS, proofFailure } from './messages.js';
import { type FrejaProofReason, type PinnedKeys, readPinnedKeys, verifyResult } from './result-proof.js';

export const FREJA_PRODUCTION = 'https://services.prod.frejaeid.com';
export const FREJA_TEST = 'https://services.test.frejaeid.com';

export interface FrejaOptions extends PolledOrdersOptions {
  /** Default `FREJA_PRODUCTION`. */
  baseUrl?: string;
  /** The relying party's certificate and key: contents of the .p12 file. */
  p12: Uint8Array;
  passphrase: string;
  /** PEM: CA of Freja's servers. Default: the CAs of Node. */
  serverCa?: string;
  /** PEM: the certificates with which Freja signs results; more than one while they are exchanged. */
  jwsCertificates: string;
  /** Of one request, connecting included. Default 10,000. */
  timeoutMs?: number;
  /** Default `freja`. */
  id?: string;
  label?: Localized;
  /** Freja's test environment: anyone can be anybody. Default: whether `baseUrl` is `FREJA_TEST`. */
  isTest?: boolean;
}

const ASK_EVERY_MS = 3_000;
/** Freja's own limit is two minutes; this is for when it does not say so. */
const GIVE_UP_AFTER_MS = 130_000;
/** Freja's number for a reference that it does not know, or no longer. */
const NO_SUCH_ORDER = 1100;
/** Of an order that no app has taken. */
const STARTED = 'STARTED';

interface FrejaOrder {
  readonly authRef: string;
  word: string;
}

export class FrejaProvider implements EidProvider {
  readonly id: string;
  readonly label: Localized;
  readonly flow = 'app';
  readonly assurance: Assurance = 'substantial';
  readonly isTest: boolean;
  readonly #api: FrejaApi;
  readonly #pinned: PinnedKeys;
  readonly #options: FrejaOptions;
  readonly #now: () => number;
  readonly #rejectedProofs = new Map<FrejaProofReason, number>();
  readonly #orders: PolledOrders<FrejaOrder>;

  /** Throws a TypeError for a certificate that cannot be read. */
  constructor(options: FrejaOptions) {
    const baseUrl = options.baseUrl ?? FREJA_PRODUCTION;
    this.id = options.id ?? 'freja';
    this.label = options.label ?? { sv: 'Freja', en: 'Freja' };
    this.isTest = options.isTest ?? baseUrl === FREJA_TEST;
    this.#pinned = readPinnedKeys(options.jwsCertificates);
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#api = new FrejaApi({
      baseUrl,
      rpCertificate: readP12(options.p12, options.passphrase),
      serverCa: options.serverCa,
    });
    this.#orders = new PolledOrders(options, {
      provider: this.id,
      name: 'Freja',
      codeField: 'code',
      askEveryMs: ASK_EVERY_MS,
      giveUpAfterMs: GIVE_UP_AFTER_MS,
      unavailable: FREJA_TEXTS.unavailable,
      ask: (order) => this.#ask(order),
      show: pending,
      cancel: ({ authRef }) => this.#api.cancel(authRef, this.#timeoutMs),
      startFailure: () => FREJA_TEXTS.unavailable,
      mayPass: ({ httpStatus }) => httpStatus >= 500,
      isUnknownOrder: ({ code }) => code === NO_SUCH_ORDER,
    });
  }

  /** How many proofs did not hold, by reason. */
  get rejectedProofs(): ReadonlyMap<FrejaProofReason, number> {
    return this.#rejectedProofs;
  }

  start(request: EidStart): Promise<EidOrder> {
    return this.#orders.start(request, async () => {
      const authRef = await this.#api.initAuthentication(this.#timeoutMs);
      return { authRef, word: STARTED };
    });
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

  async #ask(order: FrejaOrder & OrderFrame): Promise<EidStatus | null> {
    const { status, details } = await this.#api.getOneResult(order.authRef, this.#timeoutMs);
    if (status === 'APPROVED') return this.#judge(order, details);
    if (isFailure(FREJA_TEXTS, status)) return failed(failureText(FREJA_TEXTS, status, order.sameDevice));
    order.word = status;
    return null;
  }

  async #judge(order: FrejaOrder & OrderFrame, details: string | null): Promise<EidStatus> {
    const now = this.#now();
    const { person, reason } = await verifyResult(details, { ...order, now, pinned: this.#pinned });
    if (person) {
      const { id: provider, assurance } = this;
      return { state: 'complete', identity: { provider, assurance, authenticatedAt: now, ...person } };
    }
    this.#rejectedProofs.set(reason, (this.#rejectedProofs.get(reason) ?? 0) + 1);
    this.#options.log?.warn({ provider: this.id, reason }, 'a Freja proof does not hold: nobody was let in');
    return failed(proofFailure(reason));
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? 10_000;
  }
}

function pending({ authRef, word, sameDevice, returnUrl }: FrejaOrder & OrderFrame): EidStatus {
  const message = pendingText(FREJA_TEXTS, word, sameDevice);
  if (word !== STARTED) return { state: 'pending', message };
  const link = `frejaeid://bindUserToTransaction?transactionReference=${encodeURIComponent(authRef)}`;
  if (!sameDevice) return { state: 'pending', message, qr: link };
  // The app sends the person on a phone back to where they came from.
  const mobile = `${link}&originAppScheme=${encodeURIComponent(returnUrl)}`;
  return { state: 'pending', message, launch: { desktop: link, mobile } };
}
