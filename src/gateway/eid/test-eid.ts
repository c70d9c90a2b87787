/**
 * The e-ID of development: people are whoever they say they are. It proves nothing, says so by `isTest`, and refuses to exist
 * in production.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  EidError,
  type EidOrder,
  type EidProvider,
  type EidStart,
  type EidStatus,
  ORDER_LIFETIME_MS,
} from './eid-provider.js';

export interface TestEidOptions {
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Without it the constructor throws when `NODE_ENV` is `production`. */
  allowInProduction?: boolean;
}

const LIFETIME_OVER: EidStatus = {
  state: 'failed',
  failure: 'expired',
  message: {
    sv: 'Identifieringen finns inte längre. Börja om.',
    en: 'The identification is gone. Start again.',
  },
};

export class TestEid implements EidProvider {
  readonly id = 'test';
  readonly label = { sv: 'Test-legitimation (bara för test)', en: 'Test e-ID (for testing only)' };
  readonly flow = 'form';
  readonly assurance = 'high';
  readonly isTest = true;
  readonly #now: () => number;
  readonly #orders = new Map<string, { startedAt: number; status: EidStatus }>();

  constructor(options: TestEidOptions = {}) {
    if (process.env.NODE_ENV === 'production' && options.allowInProduction !== true) {
      throw new Error('the test e-ID proves nothing and must not be on in production (NODE_ENV=production)');
    }
    this.#now = options.now ?? Date.now;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- rejects instead of throwing
  async start({ claim }: EidStart): Promise<EidOrder> {
    const name = claim?.name.trim() ?? '';
    const digits = claim?.personalNumber.replace('-', '') ?? '';
    if (!claim || name === '' || name.length > 100 || !/^\d{12}$/.test(digits)) {
      throw new EidError('start-failed', {
        sv: 'Skriv ett namn och ett påhittat personnummer med 12 siffror.',
        en: 'Type a name and an invented personal number of 12 digits.',
      });
    }
    const startedAt = this.#now();
    this.#forgetExpired();
    const evidence = JSON.stringify({ claimed: { name, personalNumber: digits }, at: startedAt });
    const order = { id: randomUUID(), provider: this.id, startedAt };
    this.#orders.set(order.id, {
      startedAt,
      status: {
        state: 'complete',
        identity: {
          provider: this.id,
          subjectType: 'personal-number-se',
          subject: digits,
          name,
          assurance: claim.assurance,
          authenticatedAt: startedAt,
          evidence,
          evidenceHash: createHash('sha256').update(evidence).digest('hex'),
        },
      },
    });
    return order;
  }

  status({ id }: EidOrder): Promise<EidStatus> {
    this.#forgetExpired();
    return Promise.resolve(this.#orders.get(id)?.status ?? LIFETIME_OVER);
  }

  /** The form was all of it. */
  answer(): Promise<void> {
    return Promise.resolve();
  }

  cancel({ id }: EidOrder): Promise<void> {
    this.#orders.delete(id);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#orders.clear();
    return Promise.resolve();
  }

  #forgetExpired(): void {
    const now = this.#now();
    for (const [id, { startedAt }] of this.#orders) {
      if (now - startedAt < ORDER_LIFETIME_MS) return;
      this.#orders.delete(id);
    }
  }
}
