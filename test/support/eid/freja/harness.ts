/** The Freja provider against its simulator, for the conformance suite and the provider's own tests. */
import type { EidOrder, EidStart } from '#src/gateway/eid/eid-provider.js';
import { FrejaProvider, type FrejaOptions } from '#src/gateway/eid/freja/freja-provider.js';
import type { EidHarness, EidPerson } from '../../../gateway/eid/conformance.js';
import type { FrejaPhone } from './phone.js';
import { ANNA, BERTIL, FORGERIES, type Forgery, type FrejaPerson } from './results.js';
import { FrejaSimulator, type SimulatedFrejaOrder } from './simulator.js';

export const START: EidStart = {
  endUserIp: '192.0.2.17',
  userAgent: 'Mozilla/5.0 (test)',
  sameDevice: false,
  language: 'sv',
  returnUrl: 'https://meet.example/i/abc?a=1&b=2',
};

export interface FrejaHarness extends EidHarness {
  readonly provider: FrejaProvider;
  readonly simulator: FrejaSimulator;
  /** A phone that has the order. */
  scan(order: EidOrder): Promise<FrejaPhone>;
  orderOf(order: EidOrder): SimulatedFrejaOrder;
}

/** Notes which order of the service belongs to which of the provider's. */
class TrackedProvider extends FrejaProvider {
  readonly links = new Map<string, string>();

  override async start(request: EidStart): Promise<EidOrder> {
    const order = await super.start(request);
    const status = await this.status(order);
    if (status.state === 'pending') this.links.set(order.id, status.qr ?? status.launch?.mobile ?? '');
    return order;
  }
}

export async function makeFrejaHarness(options: Partial<FrejaOptions> = {}): Promise<FrejaHarness> {
  let clock = Date.UTC(2026, 5, 1, 12);
  let isSlow = false;
  const lines: string[] = [];
  const now = (): number => clock;
  const simulator = await FrejaSimulator.start({ now });
  const own: FrejaOptions = {
    baseUrl: simulator.url,
    p12: simulator.p12,
    passphrase: simulator.passphrase,
    serverCa: simulator.ca,
    jwsCertificates: simulator.jwsCertificates,
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
  const orderOf = (order: EidOrder): SimulatedFrejaOrder => {
    const reference = new URL(provider.links.get(order.id) ?? '').searchParams.get('transactionReference');
    const found = simulator.orderOf(reference);
    if (!found) throw new Error('no such order at the service');
    return found;
  };
  // What the phone is shown does not change: not asked again, since every question may be a request.
  const scan = (order: EidOrder): Promise<FrejaPhone> => {
    const phone = simulator.newPhone();
    phone.scan(provider.links.get(order.id) ?? '');
    return Promise.resolve(phone);
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
    decline: async (order) => (await scan(order)).cancel(),
    async ignore(order) {
      await scan(order);
      clock += 121_000;
    },
    forge: async (order, person, forgery) =>
      (await scan(order)).approve(fromPerson(person), forgery as Forgery),
    trouble(kind) {
      isSlow = kind === 'slow';
      simulator.trouble(kind);
    },
    requests: () => simulator.requests.length,
    wasCancelled: (order) => orderOf(order).status === 'RP_CANCELED',
    log: () => lines.join('\n'),
    async close() {
      await provider.close();
      await simulator.close();
    },
  };
}

function asPerson({ ssn, name, surname }: FrejaPerson): EidPerson {
  return { subjectType: 'personal-number-se', subject: ssn, name: `${name} ${surname}` };
}

function fromPerson({ subject }: EidPerson): FrejaPerson {
  return subject === ANNA.ssn ? ANNA : BERTIL;
}
