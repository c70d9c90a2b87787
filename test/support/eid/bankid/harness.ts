/** The BankID provider against its simulator, for the conformance suite and the provider's own tests. */
import { BankIdProvider, type BankIdOptions } from '#src/gateway/eid/bankid/bankid-provider.js';
import type { EidOrder, EidStart } from '#src/gateway/eid/eid-provider.js';
import type { EidHarness, EidPerson } from '../../../gateway/eid/conformance.js';
import { ANNA, type BankIdPerson, BERTIL } from './bankid-pki.js';
import { FORGERIES, type Forgery } from './forgeries.js';
import type { SimulatedOrder } from './orders.js';
import type { BankIdPhone } from './phone.js';
import { BankIdSimulator } from './simulator.js';

export const START: EidStart = {
  endUserIp: '192.0.2.17',
  userAgent: 'Mozilla/5.0 (test)',
  sameDevice: false,
  language: 'sv',
  returnUrl: 'https://meet.example/i/abc?a=1&b=2',
  purpose: 'Möte med Demokommunen',
};

export interface BankIdHarness extends EidHarness {
  readonly provider: BankIdProvider;
  readonly simulator: BankIdSimulator;
  /** A phone that has the order. */
  scan(order: EidOrder): Promise<BankIdPhone>;
  orderOf(order: EidOrder): SimulatedOrder;
}

/** Notes which order of the service belongs to which of the provider's. */
class TrackedProvider extends BankIdProvider {
  readonly tokens = new Map<string, string>();

  override async start(request: EidStart): Promise<EidOrder> {
    const order = await super.start(request);
    const status = await this.status(order);
    if (status.state === 'pending') this.tokens.set(order.id, status.qr?.split('.')[1] ?? '');
    return order;
  }
}

export async function makeBankIdHarness(options: Partial<BankIdOptions> = {}): Promise<BankIdHarness> {
  let clock = Date.UTC(2026, 5, 1, 12);
  let isSlow = false;
  const lines: string[] = [];
  const now = (): number => clock;
  const simulator = await BankIdSimulator.start({ now });
  const own: BankIdOptions = {
    baseUrl: simulator.url,
    p12: simulator.p12,
    passphrase: simulator.passphrase,
    serverCa: simulator.ca,
    signatureRoots: simulator.signatureRoots,
    now,
    // Short only where nothing else comes: a busy machine may take its time for an answer.
    get timeoutMs() {
      return isSlow ? 100 : 30_000;
    },
    get patienceMs() {
      return isSlow ? 200 : 30_000;
    },
    log: { warn: (fields, message) => lines.push(JSON.stringify(fields) + message) },
  };
  const provider = new TrackedProvider(
    Object.defineProperties(own, Object.getOwnPropertyDescriptors(options)),
  );
  const orderOf = (order: EidOrder): SimulatedOrder => {
    const found = simulator.orders.all.find(
      ({ qrStartToken }) => qrStartToken === provider.tokens.get(order.id),
    );
    if (!found) throw new Error('no such order at the service');
    return found;
  };
  const scan = async (order: EidOrder): Promise<BankIdPhone> => {
    const phone = simulator.newPhone();
    const status = await provider.status(order);
    phone.scan(status.state === 'pending' ? (status.qr ?? '') : '');
    return phone;
  };
  return {
    provider,
    simulator,
    request: START,
    people: [asPerson(ANNA), asPerson(BERTIL)],
    minimumAssurance: 'substantial',
    forgeries: FORGERIES,
    now,
    advance: (ms) => (clock += ms),
    scan,
    orderOf,
    approve: async (order, person) => (await scan(order)).approve(fromPerson(person)),
    decline: async (order) => (await scan(order)).decline(),
    async ignore(order) {
      await scan(order);
      clock += 181_000;
    },
    forge: async (order, person, forgery) =>
      (await scan(order)).approve(fromPerson(person), forgery as Forgery),
    trouble(kind) {
      isSlow = kind === 'slow';
      simulator.trouble(kind);
    },
    requests: () => simulator.requests.length,
    wasCancelled: (order) => orderOf(order).wasCancelled,
    log: () => lines.join('\n'),
    async close() {
      await provider.close();
      await simulator.close();
    },
  };
}

function asPerson({ personalNumber, name }: BankIdPerson): EidPerson {
  return { subjectType: 'personal-number-se', subject: personalNumber, name };
}

function fromPerson({ subject }: EidPerson): BankIdPerson {
  return subject === ANNA.personalNumber ? ANNA : BERTIL;
}
