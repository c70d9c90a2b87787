/**
 * What every e-ID provider does, whoever its service is. A provider's own test gives a harness: the provider against its
 * simulator, with an injected clock; and calls `conformsToEidProvider`.
 */
import { createHash } from 'node:crypto';
import type { Test } from 'tap';
import {
  type Assurance,
  EidError,
  type EidOrder,
  type EidProvider,
  type EidStart,
  type EidStatus,
  ORDER_LIFETIME_MS,
  reaches,
  type SubjectType,
} from '#src/gateway/eid/eid-provider.js';
import { until } from '../../support/until.js';

/** What is wrong with the service; `ok` mends it. `slow`: later than the provider's timeout (make that short meanwhile). */
export type ServiceTrouble = 'ok' | 'down' | 'slow' | 'nonsense' | 'huge';

export interface EidPerson {
  readonly subjectType: SubjectType;
  /** In its normal form. */
  readonly subject: string;
  readonly name: string;
  /** Other numbers that must not be seen in texts. */
  readonly secrets?: readonly string[];
}

export interface EidHarness {
  readonly provider: EidProvider;
  /** What it is started with. */
  readonly request: EidStart;
  /** Two of them, not alike. */
  readonly people: readonly [EidPerson, EidPerson];
  /** What a completed identity must reach. */
  readonly minimumAssurance: Assurance;
  /** Names for `forge`: each another way to deceive. */
  readonly forgeries: readonly string[];

  /** Of the injected clock, that provider and simulator share. */
  now(): number;
  advance(ms: number): void;
  /** The person finds the order by what a page would show (`qr`, `launch`, `redirectUrl`), and proves who they are. */
  approve(order: EidOrder, person: EidPerson): Promise<void>;
  /** The person says no. */
  decline(order: EidOrder): Promise<void>;
  /** The person begins and does nothing more; the clock goes on until the service has given up. */
  ignore(order: EidOrder): Promise<void>;
  /** Someone approves in `person`'s name with a proof that does not hold. */
  forge(order: EidOrder, person: EidPerson, forgery: string): Promise<void>;
  trouble(kind: ServiceTrouble): void;
  /** Requests about orders that reached the service until now. */
  requests(): number;
  /** Whether the service was told that the order is off; null where there is nothing to tell. */
  wasCancelled(order: EidOrder): boolean | null;
  /** Of providers that bind the return: what the service was told to open at the end. */
  returnUrlOf?(order: EidOrder): string | undefined;
  /** All that the provider logged until now. */
  log(): string;
  /** The provider, the simulator and everything else. */
  close(): Promise<void>;
}

export type MakeEidHarness = () => Promise<EidHarness>;

/** Between questions to a status; longer than the pace of any service. */
const STEP_MS = 3_000;
const HANDLES = new Set(['TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'GetAddrInfoReqWrap', 'Timeout']);

export function conformsToEidProvider(t: Test, makeHarness: MakeEidHarness): void {
  t.test('conformance: an identity, whole and well-formed', (t) => anIdentity(t, makeHarness));
  t.test('conformance: declined, ignored, cancelled, unknown, forgotten', (t) => otherEnds(t, makeHarness));
  t.test('conformance: a service in trouble at the start', (t) => troubleAtStart(t, makeHarness));
  t.test('conformance: a service in trouble during an order', (t) => troubleDuringOrder(t, makeHarness));
  t.test('conformance: what is forged lets nobody in', (t) => forged(t, makeHarness));
  t.test('conformance: the way back is told to the app alone', (t) => theWayBack(t, makeHarness));
  t.test('conformance: many questions are few requests', (t) => manyQuestions(t, makeHarness));
  t.test('conformance: orders side by side do not mix', (t) => sideBySide(t, makeHarness));
  t.test('conformance: closing leaves nothing behind', (t) => closing(t, makeHarness));
}

async function anIdentity(t: Test, makeHarness: MakeEidHarness): Promise<void> {
  const harness = await open(t, makeHarness);
  const { provider, people } = harness;
  t.match(provider, { id: /^[a-z][a-z\d-]*$/, label: { sv: /\S/, en: /\S/ } });
  const order = await provider.start(harness.request);
  t.match(order, { id: /^.{16,}$/, provider: provider.id, startedAt: harness.now() });

  const first = await provider.status(order);
  t.equal(first.state, 'pending');
  if (first.state === 'pending') {
    t.match(first.message, { sv: /\S/, en: /\S/ });
    if (provider.flow === 'redirect') t.ok(URL.canParse(first.redirectUrl ?? ''));
    if (provider.flow === 'app') t.ok(first.qr ?? first.launch, 'something that opens the app');
  }

  await harness.approve(order, people[0]);
  const status = await settle(harness, order);
  t.equal(status.state, 'complete');
  if (status.state !== 'complete') return;
  const { identity } = status;
  t.match(identity, {
    provider: provider.id,
    subjectType: people[0].subjectType,
    subject: people[0].subject,
  });
  t.equal(identity.name, people[0].name);
  t.ok(reaches(identity.assurance, harness.minimumAssurance));
  t.ok(reaches(provider.assurance, identity.assurance), 'not more than the provider claims');
  t.match(identity.subject, NORMAL_FORMS[identity.subjectType]);
  for (const other of identity.alsoKnownAs ?? []) t.match(other.subject, NORMAL_FORMS[other.type]);
  t.ok(identity.authenticatedAt >= order.startedAt && identity.authenticatedAt <= harness.now());
  t.not(identity.evidence, '');
  t.equal(identity.evidenceHash, createHash('sha256').update(identity.evidence).digest('hex'));
  t.strictSame(await provider.status(order), status, 'asked again, the same');
  sayNoNumbers(t, harness, []);
}

async function otherEnds(t: Test, makeHarness: MakeEidHarness): Promise<void> {
  const harness = await open(t, makeHarness);
  const { provider, request } = harness;

  const declined = await provider.start(request);
  await harness.decline(declined);
  const said = await settle(harness, declined);
  t.match(said, { state: 'failed', failure: 'cancelled-by-user', message: { sv: /\S/, en: /\S/ } });
  t.strictSame(await provider.status(declined), said, 'what failed stays failed');

  const ignored = await provider.start(request);
  await harness.ignore(ignored);
  t.match(await settle(harness, ignored), { state: 'failed', failure: 'expired' });

  const left = await provider.start(request);
  await provider.cancel(left);
  t.match(await provider.status(left), { state: 'failed', failure: 'expired' });
  t.not(harness.wasCancelled(left), false, 'the service knows');
  await provider.cancel(left);

  const unknown: EidOrder = {
    id: 'nobody-knows-this-order',
    provider: provider.id,
    startedAt: harness.now(),
  };
  const before = harness.requests();
  t.match(await provider.status(unknown), {
    state: 'failed',
    failure: 'expired',
    message: { sv: /\S/, en: /\S/ },
  });
  await provider.answer(unknown, { kind: 'callback', url: 'https://meet.example/?code=1&state=2' });
  await provider.cancel(unknown);
  t.equal(harness.requests(), before, 'unknown orders ask the service nothing');

  const old = await provider.start(request);
  harness.advance(ORDER_LIFETIME_MS);
  t.match(await provider.status(old), { state: 'failed', failure: 'expired' });
}

async function troubleAtStart(t: Test, makeHarness: MakeEidHarness): Promise<void> {
  const harness = await open(t, makeHarness);
  for (const kind of ['down', 'slow', 'nonsense', 'huge'] as const) {
    harness.trouble(kind);
    const outcome = await harness.provider.start(harness.request).then(
      (order) => order,
      (error: unknown) => error,
    );
    if (outcome instanceof Error) {
      t.ok(outcome instanceof EidError, `${kind}: a known error`);
      t.match(outcome, { failure: 'provider-unavailable', localized: { sv: /\S/, en: /\S/ } }, kind);
      t.notMatch(JSON.stringify((outcome as EidError).localized), /at .*\.[jt]s/, 'no stack for people');
    } else {
      // Flow `redirect`: the service is not asked before the browser goes there.
      t.equal(harness.provider.flow, 'redirect', `${kind}: started without the service`);
    }
  }
  harness.trouble('ok');
  const order = await harness.provider.start(harness.request);
  await harness.approve(order, harness.people[0]);
  t.match(await settle(harness, order), { state: 'complete' }, 'mended');
}

async function troubleDuringOrder(t: Test, makeHarness: MakeEidHarness): Promise<void> {
  const harness = await open(t, makeHarness);
  const { provider, people, request } = harness;
  const failures: EidStatus[] = [];
  for (const kind of ['down', 'slow', 'nonsense', 'huge'] as const) {
    const passing = await provider.start(request);
    t.match(await provider.status(passing), { state: 'pending' });
    harness.trouble(kind);
    harness.advance(STEP_MS);
    t.match(await provider.status(passing), { state: 'pending' }, `${kind}, once: passing`);
    harness.trouble('ok');
    await harness.approve(passing, people[1]);
    t.match(await settle(harness, passing), { state: 'complete' }, `${kind}, mended`);

    const lasting = await provider.start(request);
    harness.trouble(kind);
    await harness.approve(lasting, people[0]);
    let status = await provider.status(lasting);
    for (let waited = 0; status.state === 'pending' && waited < ORDER_LIFETIME_MS; waited += 30_000) {
      harness.advance(30_000);
      status = await provider.status(lasting);
    }
    t.equal(status.state, 'failed', `${kind}, for good`);
    if (status.state === 'failed') t.match(status.failure, /^(provider-unavailable|expired)$/);
    failures.push(status);
    harness.trouble('ok');
  }
  sayNoNumbers(t, harness, failures);
}

async function forged(t: Test, makeHarness: MakeEidHarness): Promise<void> {
  const harness = await open(t, makeHarness);
  t.ok(harness.forgeries.length > 0, 'there are ways to deceive');
  const failures: EidStatus[] = [];
  for (const forgery of harness.forgeries) {
    const order = await harness.provider.start(harness.request);
    await harness.forge(order, harness.people[0], forgery);
    const status = await settle(harness, order);
    t.match(status, { state: 'failed', failure: 'proof-invalid', message: { sv: /\S/, en: /\S/ } }, forgery);
    harness.advance(STEP_MS);
    t.match(
      await harness.provider.status(order),
      { state: 'failed', failure: 'proof-invalid' },
      `${forgery}, for good`,
    );
    failures.push(status);
  }
  sayNoNumbers(t, harness, failures);
}

async function theWayBack(t: Test, makeHarness: MakeEidHarness): Promise<void> {
  const harness = await open(t, makeHarness);
  const { provider } = harness;
  t.equal(provider.bindsReturn === true, harness.returnUrlOf !== undefined);
  if (!harness.returnUrlOf) return;
  t.equal(provider.flow, 'app');
  const returnUrl = `${harness.request.returnUrl}#only-the-app-knows`;
  const order = await provider.start({ ...harness.request, sameDevice: true, returnUrl });
  t.equal(harness.returnUrlOf(order), returnUrl, 'the service knows all of it');
  const shown: EidStatus[] = [await provider.status(order)];
  await harness.approve(order, harness.people[0]);
  shown.push(await settle(harness, order));
  t.equal(shown[1].state, 'complete');
  t.notMatch(JSON.stringify([order, shown]) + harness.log(), 'only-the-app-knows');

  const far = await provider.start({ ...harness.request, sameDevice: false, returnUrl });
  t.equal(harness.returnUrlOf(far), undefined, 'nothing opens on another device');
}

async function manyQuestions(t: Test, makeHarness: MakeEidHarness): Promise<void> {
  const harness = await open(t, makeHarness);
  const order = await harness.provider.start(harness.request);
  const before = harness.requests();
  const statuses = await Promise.all(Array.from({ length: 50 }, () => harness.provider.status(order)));
  t.ok(
    statuses.every(({ state }) => state === 'pending'),
    'all are answered',
  );
  for (let asked = 0; asked < 50; asked++) await harness.provider.status(order);
  t.ok(harness.requests() - before <= 1, `${harness.requests() - before} requests for 100 questions`);
}

async function sideBySide(t: Test, makeHarness: MakeEidHarness): Promise<void> {
  const harness = await open(t, makeHarness);
  const { people, provider, request } = harness;
  const orders = await Promise.all([
    provider.start(request),
    provider.start(request),
    provider.start(request),
  ]);
  t.equal(new Set(orders.map(({ id }) => id)).size, 3);
  await Promise.all([harness.approve(orders[1], people[1]), harness.approve(orders[0], people[0])]);
  const statuses = await Promise.all([settle(harness, orders[0]), settle(harness, orders[1])]);
  t.match(statuses[0], { state: 'complete', identity: { subject: people[0].subject, name: people[0].name } });
  t.match(statuses[1], { state: 'complete', identity: { subject: people[1].subject, name: people[1].name } });
  t.match(await provider.status(orders[2]), { state: 'pending' });
}

async function closing(t: Test, makeHarness: MakeEidHarness): Promise<void> {
  const before = handles();
  const harness = await makeHarness();
  const { provider, request } = harness;
  const order = await provider.start(request);
  await provider.status(order);
  const hanging = await provider.start(request);
  harness.trouble('slow');
  harness.advance(STEP_MS);
  const asked = provider.status(hanging);
  harness.trouble('ok');
  await provider.close();
  t.not((await asked).state, 'complete');
  t.match(await provider.status(order), { state: 'failed' });
  t.not(harness.wasCancelled(order), false, 'the service knows');
  const refused: unknown = await provider.start(request).catch((error: unknown) => error);
  t.match(refused, { name: 'EidError', failure: 'provider-unavailable' });
  await provider.close();
  await harness.close();
  await until(() => handles() <= before);
  t.pass('no socket or timer is left');
}

async function open(t: Test, makeHarness: MakeEidHarness): Promise<EidHarness> {
  const harness = await makeHarness();
  t.teardown(() => harness.close());
  return harness;
}

/** Asks, as a page does, until the order is over; a minute of the injected clock at the most. */
export async function settle(
  harness: Pick<EidHarness, 'provider' | 'advance'>,
  order: EidOrder,
): Promise<EidStatus> {
  let status = await harness.provider.status(order);
  for (let asked = 0; status.state === 'pending' && asked < 20; asked++) {
    harness.advance(STEP_MS);
    status = await harness.provider.status(order);
  }
  return status;
}

/** Neither in the log nor in what people read. */
function sayNoNumbers(t: Test, harness: EidHarness, statuses: readonly EidStatus[]): void {
  const texts = harness.log() + JSON.stringify(statuses);
  for (const { subject, secrets = [] } of harness.people) {
    for (const secret of [subject, ...secrets]) {
      // With a century and without, with a hyphen and without.
      const digits = secret.replaceAll('-', '');
      const short = digits.slice(-10);
      const forms = [secret, digits, short, `${short.slice(0, 6)}-${short.slice(6)}`];
      t.notOk(
        forms.some((form) => texts.includes(form)),
        'no personal number in texts',
      );
    }
  }
}

function handles(): number {
  return process.getActiveResourcesInfo().filter((kind) => HANDLES.has(kind)).length;
}

const NORMAL_FORMS: Record<SubjectType, RegExp> = {
  'personal-number-se': /^(19|20)\d{10}$/,
  'personal-number-no': /^\d{11}$/,
  'personal-number-fi': /^\d{6}[-+A-FU-Y]\d{3}[\dA-Y]$/,
  'hsa-id': /^SE\d{10}-[A-Z\d]+$/,
  prid: /^[A-Z]{2}:\S+$/,
  email: /^[^\sA-Z]+@[^\sA-Z]+$/,
  other: /^\S.*$/,
};
