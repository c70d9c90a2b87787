/** The BankID provider against its simulator, for the conformance suite and the provider's own tests. */
import { BankIdProvider, type BankIdOptions } from '#src/gateway/eid/bankid/bankid-provider.js';
import type { EidOrder, EidStart } from '#src/gateway/eid/eid-provider.js';
import type { EidHarness } from '../../../gateway/eid/conformance.js';
import { appHarness, found, START as ANY_START, Shown, Watched } from '../watched.js';
import { ANNA, type BankIdPerson, BERTIL } from './bankid-pki.js';
import { FORGERIES } from './forgeries.js';
import type { SimulatedOrder } from './orders.js';
import type { BankIdPhone } from './phone.js';
import { BankIdSimulator } from './simulator.js';

export const START: EidStart = { ...ANY_START, purpose: 'Möte med Demokommunen' };

export interface BankIdHarness extends EidHarness {
  readonly provider: BankIdProvider;
  readonly simulator: BankIdSimulator;
  /** A phone that has the order. */
  scan(order: EidOrder): Promise<BankIdPhone>;
  orderOf(order: EidOrder): SimulatedOrder;
}

export async function makeBankIdHarness(options: Partial<BankIdOptions> = {}): Promise<BankIdHarness> {
  const watched = new Watched(Date.UTC(2026, 5, 1, 12));
  const simulator = await BankIdSimulator.start({ now: watched.now });
  const own = {
    baseUrl: simulator.url,
    p12: simulator.p12,
    passphrase: simulator.passphrase,
    serverCa: simulator.ca,
    signatureRoots: simulator.signatureRoots,
  };
  const provider = new BankIdProvider(watched.options(own, options));
  const shown = new Shown(provider);
  const orderOf = (order: EidOrder): SimulatedOrder => {
    const text = shown.of(order);
    if (URL.canParse(text)) {
      return simulator.orders.byAutoStartToken(new URL(text).searchParams.get('autostarttoken'));
    }
    const token = text.split('.')[1];
    return found(simulator.orders.all.find(({ qrStartToken }) => qrStartToken === token));
  };
  const scan = async (order: EidOrder): Promise<BankIdPhone> => {
    const phone = simulator.newPhone();
    // The code is another each second.
    const status = await provider.status(order);
    if (status.state !== 'pending') throw new Error('nothing to scan');
    if (status.launch) phone.open(status.launch.mobile);
    else phone.scan(status.qr ?? '');
    return phone;
  };
  const harness = appHarness(
    {
      watched,
      provider,
      simulator,
      request: START,
      people: [ANNA, BERTIL],
      asPerson: ({ personalNumber, name }: BankIdPerson) => ({
        subjectType: 'personal-number-se',
        subject: personalNumber,
        name,
      }),
      forgeries: FORGERIES,
      lifetimeMs: 180_000,
      wasCancelled: (order) => orderOf(order).wasCancelled,
    },
    scan,
  );
  const returnUrlOf = (order: EidOrder): string | undefined => orderOf(order).request.returnUrl;
  return { ...harness, orderOf, returnUrlOf };
}
