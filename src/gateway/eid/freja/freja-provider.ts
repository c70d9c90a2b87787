/**
 * Freja by its REST API: the person scans a QR code or opens the app on the same device; nobody types a number. Nobody is let
 * in by the service's word: see result-proof.ts.
 */
import { randomUUID } from 'node:crypto';
import { atMost } from '../at-most.js';
import { readP12 } from '../bankid/rp-certificate.js';
import {
  type Assurance,
  EidError,
  type EidOrder,
  type EidProvider,
  type EidStart,
  type EidStatus,
  type Localized,
  ORDER_LIFETIME_MS,
} from '../eid-provider.js';
import { FrejaApi, FrejaError, type FrejaResult } from './freja-api.js';
import {
  EXPIRED,
  failed,
  type FailureText,
  pendingMessage,
  proofFailure,
  statusFailure,
  UNAVAILABLE,
} from './messages.js';
import { type FrejaProofReason, type PinnedKeys, readPinnedKeys, verifyResult } from './result-proof.js';

export const FREJA_PRODUCTION = 'https://services.prod.frejaeid.com';
export const FREJA_TEST = 'https://services.test.frejaeid.com';

export interface FrejaOptions {
  /** Default `FREJA_PRODUCTION`. */
  baseUrl?: string;
  /** The relying party's certificate and key: contents of the .p12 file. */
  p12: Uint8Array;
  passphrase: string;
  /** PEM: CA of Freja's servers. Default: the CAs of Node. */
  serverCa?: string;
  /** PEM: the certificates with which Freja signs results; more than one while they are exchanged. */
  jwsCertificates: string;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Of one request, connecting included. Default 10,000. */
  timeoutMs?: number;
  /** How long `status` waits for a slow service before it answers with what it knew. Default 1,000. */
  patienceMs?: number;
  log?: { warn(fields: Record<string, unknown>, message: string): void };
  /** Default `freja`. */
  id?: string;
  label?: Localized;
  /** Freja's test environment: anyone can be anybody. Default: whether `baseUrl` is `FREJA_TEST`. */
  isTest?: boolean;
}

interface OpenOrder {
  readonly authRef: string;
  readonly startedAt: number;
  readonly sameDevice: boolean;
  readonly returnUrl: string;
  isDelivered: boolean;
  nextQuestionAt: number;
  /** When Freja last made sense. */
  answeredAt: number;
  isTroubled: boolean;
  asking: Promise<void> | null;
  /** Null while pending. */
  outcome: EidStatus | null;
}

const ASK_EVERY_MS = 3_000;
/** Freja's own limit is two minutes; this is for when it does not say so. */
const GIVE_UP_AFTER_MS = 130_000;
/** Of silence or nonsense, before the order is given up. */
const OUTAGE_MS = 60_000;
/** Freja's number for a reference that it does not know, or no longer. */
const NO_SUCH_ORDER = 1100;

const GONE = failed(EXPIRED);

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
  /** In the order of their start. */
  readonly #orders = new Map<string, OpenOrder>();
  #closed = false;

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
      ...readP12(options.p12, options.passphrase),
      ca: options.serverCa,
    });
  }

  /** How many proofs did not hold, by reason. */
  get rejectedProofs(): ReadonlyMap<FrejaProofReason, number> {
    return this.#rejectedProofs;
  }

  async start({ sameDevice, returnUrl }: EidStart): Promise<EidOrder> {
    this.#forgetOld();
    const authRef = await this.#begin();
    if (this.#closed) throw unavailable();
    const startedAt = this.#now();
    const order: EidOrder = { id: randomUUID(), provider: this.id, startedAt };
    this.#orders.set(order.id, {
      authRef,
      startedAt,
      sameDevice,
      returnUrl,
      isDelivered: false,
      nextQuestionAt: startedAt + ASK_EVERY_MS,
      answeredAt: startedAt,
      isTroubled: false,
      asking: null,
      outcome: null,
    });
    return order;
  }

  async status({ id }: EidOrder): Promise<EidStatus> {
    this.#forgetOld();
    const open = this.#orders.get(id);
    if (!open) return GONE;
    if (!open.outcome && !open.asking && this.#now() >= open.nextQuestionAt) {
      open.nextQuestionAt = this.#now() + ASK_EVERY_MS;
      open.asking = this.#ask(open).finally(() => (open.asking = null));
    }
    if (open.asking) await atMost(open.asking, this.#options.patienceMs ?? 1_000);
    if (!this.#orders.has(id)) return GONE;
    return open.outcome ?? pending(open);
  }

  /** The app was all of it. */
  answer(): Promise<void> {
    return Promise.resolve();
  }

  async cancel({ id }: EidOrder): Promise<void> {
    const open = this.#orders.get(id);
    this.#orders.delete(id);
    if (open && !open.outcome) await this.#tellCancelled(open);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const unfinished = [...this.#orders.values()].filter(({ outcome }) => !outcome);
    this.#orders.clear();
    const told = Promise.all(unfinished.map((open) => this.#tellCancelled(open)));
    await atMost(told, this.#options.patienceMs ?? 1_000);
    this.#api.close();
  }

  async #begin(): Promise<string> {
    if (this.#closed) throw unavailable();
    try {
      return await this.#api.initAuthentication(this.#timeoutMs);
    } catch (cause) {
      this.#options.log?.warn({ provider: this.id, ...words(cause) }, 'Freja cannot begin an order');
      throw unavailable(cause);
    }
  }

  /** Never rejects. */
  async #ask(open: OpenOrder): Promise<void> {
    let result: FrejaResult;
    try {
      result = await this.#api.getOneResult(open.authRef, this.#timeoutMs);
    } catch (error) {
      this.#onTrouble(open, error);
      return;
    }
    open.answeredAt = this.#now();
    open.isTroubled = false;
    const failure = statusFailure(result.status);
    if (failure) open.outcome = failed(failure);
    else if (result.status === 'APPROVED') open.outcome = await this.#judge(open, result.details);
    // Statuses that are not known are those of an order under way.
    else if (this.#now() - open.startedAt >= GIVE_UP_AFTER_MS) this.#giveUp(open, EXPIRED);
    else open.isDelivered = result.status !== 'STARTED';
  }

  async #judge(open: OpenOrder, details: string | null): Promise<EidStatus> {
    const now = this.#now();
    const { person, reason } = await verifyResult(details, { ...open, now, pinned: this.#pinned });
    if (person) {
      const { id: provider, assurance } = this;
      return { state: 'complete', identity: { provider, assurance, authenticatedAt: now, ...person } };
    }
    this.#rejectedProofs.set(reason, (this.#rejectedProofs.get(reason) ?? 0) + 1);
    this.#options.log?.warn({ provider: this.id, reason }, 'a Freja proof does not hold: nobody was let in');
    return failed(proofFailure(reason));
  }

  /** What may pass is waited out; a refusal ends the order. */
  #onTrouble(open: OpenOrder, error: unknown): void {
    const trouble = words(error);
    if (open.outcome || trouble.kind === 'closed') return;
    if (!open.isTroubled) {
      this.#options.log?.warn({ provider: this.id, ...trouble }, 'Freja does not tell of an order');
    }
    open.isTroubled = true;
    const mayPass = trouble.kind !== 'refused' || trouble.httpStatus >= 500;
    if (mayPass && this.#now() - open.answeredAt < OUTAGE_MS) return;
    this.#giveUp(open, trouble.code === NO_SUCH_ORDER ? EXPIRED : UNAVAILABLE);
  }

  #giveUp(open: OpenOrder, why: FailureText): void {
    open.outcome = failed(why);
    void this.#tellCancelled(open);
  }

  /** Never rejects: Freja ends the order itself if it does not hear this. */
  async #tellCancelled({ authRef }: OpenOrder): Promise<void> {
    await this.#api.cancel(authRef, this.#timeoutMs).catch(() => undefined);
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? 10_000;
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [id, open] of this.#orders) {
      if (now - open.startedAt < ORDER_LIFETIME_MS) return;
      this.#orders.delete(id);
      if (!open.outcome) void this.#tellCancelled(open);
    }
  }
}

function pending({ authRef, isDelivered, sameDevice, returnUrl }: OpenOrder): EidStatus {
  const message = pendingMessage(isDelivered, sameDevice);
  if (isDelivered) return { state: 'pending', message };
  const link = `frejaeid://bindUserToTransaction?transactionReference=${encodeURIComponent(authRef)}`;
  if (!sameDevice) return { state: 'pending', message, qr: link };
  // The app sends the person on a phone back to where they came from.
  const mobile = `${link}&originAppScheme=${encodeURIComponent(returnUrl)}`;
  return { state: 'pending', message, launch: { desktop: link, mobile } };
}

function unavailable(cause?: unknown): EidError {
  return new EidError(UNAVAILABLE.failure, UNAVAILABLE.message, { cause });
}

function words(error: unknown): Pick<FrejaError, 'kind' | 'httpStatus' | 'code'> {
  const { kind, httpStatus, code } = error instanceof FrejaError ? error : new FrejaError('nonsense');
  return { kind, httpStatus, code };
}
