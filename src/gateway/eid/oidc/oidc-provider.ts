/** e-IDs by OpenID Connect: the browser goes to the provider and comes back with a code. Which ones there are: ready-made.ts. */
import { randomUUID } from 'node:crypto';
import {
  type Assurance,
  ASSURANCES,
  EidError,
  type EidAnswer,
  type EidOrder,
  type EidProvider,
  type EidStart,
  type EidStatus,
  type Localized,
  ORDER_LIFETIME_MS,
} from '../eid-provider.js';
import { makeEvidence } from '../evidence.js';
import { readClaims } from './claims.js';
import { failed, failureText, type Trouble, troubleOf, troubleOfClaims } from './failures.js';
import { type Expectation, OidcClient } from './oidc-client.js';
import type { OidcOptions } from './options.js';

interface OpenOrder {
  readonly startedAt: number;
  readonly redirectUrl: string;
  readonly expectation: Expectation;
  /** The one answer that an order takes is being looked at, or was. */
  isAnswered: boolean;
  /** Null while pending. */
  outcome: EidStatus | null;
}

const GO: Localized = {
  sv: 'Du skickas till e-legitimationens inloggning.',
  en: 'You are sent to the sign-in of the e-ID.',
};
const CHECKING: Localized = { sv: 'Kontrollerar identifieringen.', en: 'Checking the identification.' };
const GONE = failed('expired');

export class OidcProvider implements EidProvider {
  readonly id: string;
  readonly label: Localized;
  readonly flow = 'redirect';
  readonly assurance: Assurance;
  readonly isTest: boolean;
  readonly #options: OidcOptions;
  readonly #client: OidcClient;
  readonly #now: () => number;
  /** In the order of their start. */
  readonly #orders = new Map<string, OpenOrder>();
  #closed = false;

  /** Throws a TypeError for an issuer without TLS or a profile that accepts no `acr`. */
  constructor(options: OidcOptions) {
    const accepted = Object.values(options.assurances);
    const highest = ASSURANCES.findLast((assurance) => accepted.includes(assurance));
    if (!highest) throw new TypeError(`"assurances" of "${options.id}" must name at least one accepted acr`);
    this.id = options.id;
    this.label = options.label;
    this.assurance = highest;
    this.isTest = options.isTest ?? false;
    this.#options = options;
    this.#client = new OidcClient(options);
    this.#now = options.now ?? Date.now;
  }

  /** `returnUrl` is the redirect URI, as registered with the provider: without query and fragment. */
  async start({ returnUrl, language }: EidStart): Promise<EidOrder> {
    if (this.#closed) throw unavailable();
    if (/[?#]/.test(returnUrl)) throw new TypeError('a redirect URI has neither query nor fragment');
    this.#forgetOld();
    const { url, expectation } = await this.#client.begin(returnUrl, language).catch((error: unknown) => {
      const { reason } = troubleOf(error);
      this.#options.log?.warn({ provider: this.id, reason }, 'the OpenID provider cannot begin');
      throw unavailable(error);
    });
    if (this.#closed) throw unavailable();
    const order: EidOrder = { id: randomUUID(), provider: this.id, startedAt: this.#now() };
    const { startedAt } = order;
    this.#orders.set(order.id, {
      startedAt,
      redirectUrl: url,
      expectation,
      isAnswered: false,
      outcome: null,
    });
    return order;
  }

  status({ id }: EidOrder): Promise<EidStatus> {
    this.#forgetOld();
    const open = this.#orders.get(id);
    return Promise.resolve(open ? (open.outcome ?? pending(open)) : GONE);
  }

  /** An order takes one answer, right or wrong: nobody gets to try. */
  async answer({ id }: EidOrder, answer: EidAnswer): Promise<void> {
    this.#forgetOld();
    const open = this.#orders.get(id);
    if (!open || open.isAnswered || answer.kind !== 'callback') return;
    open.isAnswered = true;
    open.outcome = await this.#judge(open, answer.url);
  }

  cancel({ id }: EidOrder): Promise<void> {
    this.#orders.delete(id);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#orders.clear();
    this.#client.close();
    return Promise.resolve();
  }

  /** Never rejects. */
  async #judge(open: OpenOrder, url: string): Promise<EidStatus> {
    if (!URL.canParse(url)) return this.#refuse({ failure: 'proof-invalid', reason: 'not-a-url' });
    try {
      const { claims, evidence } = await this.#client.finish(new URL(url), open.expectation);
      const { person, reason } = readClaims(claims, this.#options);
      if (!person) return this.#refuse(troubleOfClaims(reason));
      return {
        state: 'complete',
        identity: {
          provider: this.id,
          authenticatedAt: this.#now(),
          ...person,
          ...makeEvidence(evidence),
        },
      };
    } catch (error) {
      return this.#refuse(troubleOf(error));
    }
  }

  #refuse({ failure, reason }: Trouble): EidStatus {
    if (failure !== 'cancelled-by-user') {
      const message = 'signing in by OpenID Connect failed: nobody was let in';
      this.#options.log?.warn({ provider: this.id, failure, reason }, message);
    }
    return failed(failure);
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [id, { startedAt }] of this.#orders) {
      if (now - startedAt < ORDER_LIFETIME_MS) return;
      this.#orders.delete(id);
    }
  }
}

function pending({ isAnswered, redirectUrl }: OpenOrder): EidStatus {
  if (isAnswered) return { state: 'pending', message: CHECKING };
  return { state: 'pending', message: GO, redirectUrl };
}

function unavailable(cause?: unknown): EidError {
  return new EidError('provider-unavailable', failureText('provider-unavailable'), { cause });
}
