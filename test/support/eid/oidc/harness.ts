/** The OpenID Connect provider, as SITHS, against a real OpenID provider. */
import type { EidOrder, EidStart } from '#src/gateway/eid/eid-provider.js';
import { OidcProvider } from '#src/gateway/eid/oidc/oidc-provider.js';
import type { OidcOptions } from '#src/gateway/eid/oidc/options.js';
import { SITHS } from '#src/gateway/eid/oidc/ready-made.js';
import type { EidHarness, EidPerson } from '../../../gateway/eid/conformance.js';
import { START as ANY_START, Watched } from '../watched.js';
import { browse } from './browse.js';
import { TOKEN_FORGERIES, type TokenForgery } from './id-token.js';
import { ANNA, BERTIL, type OidcPerson } from './people.js';
import { OidcSimulator, type OidcSimulatorOptions, REDIRECT_URI } from './simulator.js';

export const START: EidStart = { ...ANY_START, sameDevice: true, returnUrl: REDIRECT_URI };

/** What somebody can do to the address at which the browser comes back. */
const CALLBACK_FORGERIES: Readonly<Record<string, (callback: URL) => void>> = {
  'callback-other-state': ({ searchParams }) => searchParams.set('state', 'of-another-order'),
  'callback-without-state': ({ searchParams }) => searchParams.delete('state'),
  'callback-two-states': ({ searchParams }) => searchParams.append('state', 'another'),
  'callback-other-issuer': ({ searchParams }) => searchParams.set('iss', 'https://evil.example'),
  'callback-without-issuer': ({ searchParams }) => searchParams.delete('iss'),
  'callback-other-code': ({ searchParams }) => searchParams.set('code', 'A'.repeat(43)),
  'callback-without-code': ({ searchParams }) => searchParams.delete('code'),
  'callback-empty': (callback) => (callback.search = ''),
  'callback-error-of-another-order': (callback) => (callback.search = 'error=access_denied&state=x'),
};

export interface OidcHarness extends EidHarness {
  readonly provider: OidcProvider;
  readonly simulator: OidcSimulator;
  /** The person signs in; the address at which the browser comes back. */
  visit(order: EidOrder, sub?: string | null): Promise<URL>;
}

export async function makeOidcHarness(
  options: Partial<OidcOptions> = {},
  simulated: OidcSimulatorOptions = {},
): Promise<OidcHarness> {
  const watched = new Watched(Date.now());
  const simulator = await OidcSimulator.start({ now: watched.now, ...simulated });
  const own = {
    ...SITHS,
    id: 'siths',
    issuer: simulator.issuer,
    clientId: simulator.clientId,
    clientAuthentication: { method: 'private_key_jwt', key: simulator.clientKey },
  } as const;
  const provider = new OidcProvider(watched.options(own, options));
  const visit = async (order: EidOrder, sub: string | null = ANNA.sub): Promise<URL> => {
    const status = await provider.status(order);
    const start = status.state === 'pending' ? (status.redirectUrl ?? '') : '';
    return new URL(await browse(start, { person: sub }));
  };
  const comeBack = (order: EidOrder, url: URL): Promise<void> =>
    provider.answer(order, { kind: 'callback', url: url.href });
  return {
    provider,
    simulator,
    request: START,
    people: [asPerson(ANNA), asPerson(BERTIL)],
    minimumAssurance: 'substantial',
    forgeries: [...TOKEN_FORGERIES, ...Object.keys(CALLBACK_FORGERIES)],
    now: watched.now,
    advance: watched.advance,
    visit,
    approve: async (order, person) => comeBack(order, await visit(order, fromPerson(person).sub)),
    decline: async (order) => comeBack(order, await visit(order, null)),
    ignore() {
      watched.advance(10 * 60_000);
      return Promise.resolve();
    },
    async forge(order, person, forgery) {
      const callback = await visit(order, fromPerson(person).sub);
      if (forgery in CALLBACK_FORGERIES) CALLBACK_FORGERIES[forgery](callback);
      else simulator.forgery = forgery as TokenForgery;
      await comeBack(order, callback);
      simulator.forgery = null;
    },
    trouble: watched.troubler(simulator),
    requests: () => simulator.requests.length,
    wasCancelled: () => null,
    log: watched.log,
    async close() {
      await provider.close();
      await simulator.close();
    },
  };
}

function asPerson({ hsaId, name, personalNumber }: OidcPerson): EidPerson {
  return { subjectType: 'hsa-id', subject: hsaId, name, secrets: [personalNumber] };
}

function fromPerson({ subject }: EidPerson): OidcPerson {
  return subject === ANNA.hsaId ? ANNA : BERTIL;
}
