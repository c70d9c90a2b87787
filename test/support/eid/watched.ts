/** What the harnesses of all providers share: a clock to turn, requests that are short only while nothing comes, and the log. */
import type { EidLog, EidOrder, EidProvider, EidStart } from '#src/gateway/eid/eid-provider.js';
import type { EidHarness, EidPerson, ServiceTrouble } from '../../gateway/eid/conformance.js';

export const START: EidStart = {
  endUserIp: '192.0.2.17',
  userAgent: 'Mozilla/5.0 (test)',
  sameDevice: false,
  language: 'sv',
  returnUrl: 'https://meet.example/i/abc?a=1&b=2',
};

/** Options of every provider, as a harness sets them. */
export interface WatchedOptions {
  readonly now: () => number;
  readonly timeoutMs: number;
  readonly patienceMs: number;
  readonly log: EidLog;
}

export class Watched {
  #clock: number;
  #isSlow = false;
  readonly #lines: string[] = [];

  /** Milliseconds since 1970. */
  constructor(startAt: number) {
    this.#clock = startAt;
  }

  readonly now = (): number => this.#clock;
  readonly advance = (ms: number): void => void (this.#clock += ms);
  readonly log = (): string => this.#lines.join('\n');

  /** Short only where nothing else comes: a busy machine may take its time for an answer. */
  options<Own extends object>(own: Own, given: object): Own & WatchedOptions {
    const isSlow = (): boolean => this.#isSlow;
    const shared: WatchedOptions = {
      now: this.now,
      get timeoutMs() {
        return isSlow() ? 100 : 30_000;
      },
      get patienceMs() {
        return isSlow() ? 200 : 30_000;
      },
      log: { warn: (fields, message) => this.#lines.push(JSON.stringify(fields) + message) },
    };
    // Getters stay getters.
    for (const part of [own, given]) {
      Object.defineProperties(shared, Object.getOwnPropertyDescriptors(part));
    }
    return shared as Own & WatchedOptions;
  }

  /** Of the simulator, and how long the provider waits for it. */
  troubler(simulator: { trouble(kind: ServiceTrouble): void }): (kind: ServiceTrouble) => void {
    return (kind) => {
      this.#isSlow = kind === 'slow';
      simulator.trouble(kind);
    };
  }
}

/** What the page of each order showed first: the app is opened by it, and the service's order found. */
export class Shown {
  readonly #texts = new Map<string, string>();

  constructor(provider: EidProvider) {
    const start = provider.start.bind(provider);
    provider.start = async (request) => {
      const order = await start(request);
      const status = await provider.status(order);
      if (status.state === 'pending') {
        this.#texts.set(order.id, status.qr ?? status.launch?.mobile ?? '');
      }
      return order;
    };
  }

  of({ id }: EidOrder): string {
    return this.#texts.get(id) ?? '';
  }
}

/** The service's order; throws when there is none. */
export function found<Order>(order: Order | null | undefined): Order {
  if (!order) throw new Error('no such order at the service');
  return order;
}

export interface EidPhone<Person> {
  approve(person: Person, forgery?: never): unknown;
  decline(): unknown;
}

export interface AppParts<Provider extends EidProvider, Simulator, Person> {
  readonly watched: Watched;
  readonly provider: Provider;
  readonly simulator: Simulator;
  readonly request: EidStart;
  /** Two of them, and what the conformance suite sees of each. */
  readonly people: readonly [Person, Person];
  readonly asPerson: (person: Person) => EidPerson;
  readonly forgeries: readonly string[];
  /** Of the service: it gives an order up that nobody approves. */
  readonly lifetimeMs: number;
  readonly wasCancelled: (order: EidOrder) => boolean;
}

/** The harness of a provider whose people have an app. `scan`: a phone that has the order. */
export function appHarness<
  Provider extends EidProvider,
  Simulator extends {
    readonly requests: readonly unknown[];
    trouble(kind: ServiceTrouble): void;
    close(): Promise<void>;
  },
  Person,
  Phone extends EidPhone<Person>,
>(
  parts: AppParts<Provider, Simulator, Person>,
  scan: (order: EidOrder) => Promise<Phone>,
): EidHarness & {
  readonly provider: Provider;
  readonly simulator: Simulator;
  scan(order: EidOrder): Promise<Phone>;
} {
  const { watched, provider, simulator, request, people, asPerson, forgeries, lifetimeMs, wasCancelled } =
    parts;
  const fromPerson = ({ subject }: EidPerson): Person =>
    people.find((person) => asPerson(person).subject === subject)!;
  return {
    provider,
    simulator,
    request,
    people: [asPerson(people[0]), asPerson(people[1])],
    minimumAssurance: 'substantial',
    forgeries,
    now: watched.now,
    advance: watched.advance,
    scan,
    approve: async (order, person) => void (await (await scan(order)).approve(fromPerson(person))),
    decline: async (order) => void (await (await scan(order)).decline()),
    async ignore(order) {
      await scan(order);
      watched.advance(lifetimeMs + 1_000);
    },
    forge: async (order, person, forgery) =>
      void (await (await scan(order)).approve(fromPerson(person), forgery as never)),
    trouble: watched.troubler(simulator),
    requests: () => simulator.requests.length,
    wasCancelled,
    log: watched.log,
    async close() {
      await provider.close();
      await simulator.close();
    },
  };
}
