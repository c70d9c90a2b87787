/** The Freja provider against its simulator, for the conformance suite and the provider's own tests. */
import type { EidOrder } from '#src/gateway/eid/eid-provider.js';
import { FrejaProvider, type FrejaOptions } from '#src/gateway/eid/freja/freja-provider.js';
import type { EidHarness } from '../../../gateway/eid/conformance.js';
import { appHarness, found, Shown, START, Watched } from '../watched.js';
import type { FrejaPhone } from './phone.js';
import { ANNA, BERTIL, FORGERIES, type FrejaPerson } from './results.js';
import { FrejaSimulator, type SimulatedFrejaOrder } from './simulator.js';

export { START } from '../watched.js';

export interface FrejaHarness extends EidHarness {
  readonly provider: FrejaProvider;
  readonly simulator: FrejaSimulator;
  /** A phone that has the order. */
  scan(order: EidOrder): Promise<FrejaPhone>;
  orderOf(order: EidOrder): SimulatedFrejaOrder;
}

export async function makeFrejaHarness(options: Partial<FrejaOptions> = {}): Promise<FrejaHarness> {
  const watched = new Watched(Date.UTC(2026, 5, 1, 12));
  const simulator = await FrejaSimulator.start({ now: watched.now });
  const own = {
    baseUrl: simulator.url,
    p12: simulator.p12,
    passphrase: simulator.passphrase,
    serverCa: simulator.ca,
    jwsCertificates: simulator.jwsCertificates,
  };
  const provider = new FrejaProvider(watched.options(own, options));
  const shown = new Shown(provider);
  const orderOf = (order: EidOrder): SimulatedFrejaOrder =>
    found(simulator.orderOf(new URL(shown.of(order)).searchParams.get('transactionReference')));
  // What the phone is shown does not change: not asked again, since every question may be a request.
  const scan = (order: EidOrder): Promise<FrejaPhone> => {
    const phone = simulator.newPhone();
    phone.scan(shown.of(order));
    return Promise.resolve(phone);
  };
  const harness = appHarness(
    {
      watched,
      provider,
      simulator,
      request: START,
      people: [ANNA, BERTIL],
      asPerson: ({ ssn, name, surname }: FrejaPerson) => ({
        subjectType: 'personal-number-se',
        subject: ssn,
        name: `${name} ${surname}`,
      }),
      forgeries: FORGERIES,
      lifetimeMs: 120_000,
      wasCancelled: (order) => orderOf(order).status === 'RP_CANCELED',
    },
    scan,
  );
  return { ...harness, orderOf };
}
