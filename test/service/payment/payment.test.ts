/** Payment before the waiting room: the sandbox provider over HTTP, and what the lobby asks. */
import { randomUUID } from 'node:crypto';
import t, { type Test } from 'tap';
import { Refusal } from '../../../examples/meeting/server/http/refusal.js';
import type { PaymentProvider } from '../../../examples/meeting/server/payment/payment-provider.js';
import { Payments } from '../../../examples/meeting/server/payment/payments.js';
import { SandboxProvider } from '../../../examples/meeting/server/payment/sandbox-provider.js';
import type { InvitationRecord, MeetingRecord } from '../../../examples/meeting/server/store/store.js';
import {
  anIdentity,
  aTown,
  START,
  startPortal,
  type Client,
  type Harness,
  type Town,
} from '../portal/portal-harness.js';
import { aBooking, aGuest } from '../portal/requests.js';

interface Sale {
  harness: Harness;
  town: Town;
  meeting: MeetingRecord;
  invitation: InvitationRecord;
  citizen: Client;
  path: string;
  /** The code with which the lobby refuses, or null. */
  refused: (payments?: Payments) => Promise<string | null>;
}

async function aSale(t: Test, payment: 'sandbox' | PaymentProvider = 'sandbox'): Promise<Sale> {
  const harness = await startPortal(t, { payment });
  const { store, signIn, signInAs, portal } = harness;
  const town = await aTown(store);
  const organiser = await signIn(town.organiser);
  const { body } = await organiser(
    'POST',
    '/api/portal/meetings',
    aBooking({
      roomId: town.room.id,
      meetingTypeId: town.type.id,
      payment: { amount: 200, currency: 'SEK' },
      invitees: [aGuest({ via: 'link' }), aGuest({ via: 'link', role: 'interpreter' })],
    }),
  );
  const meeting = await store.meetings.get(body.meetings[0].id);
  if (meeting === null) throw new Error('not booked');
  const invitations = await store.invitations.list([meeting.id]);
  const invitation = invitations.find(({ role }) => role === 'participant');
  if (invitation === undefined) throw new Error('not invited');
  const identity = anIdentity();
  await store.participants.insert({
    id: randomUUID(),
    meetingId: meeting.id,
    invitationId: invitation.id,
    organiserId: null,
    displayName: 'Kim',
    role: 'participant',
    state: 'identified',
    provider: 'test',
    assurance: 'high',
    subjectHash: identity.subjectHash,
    evidenceHash: null,
    evidence: null,
    sessionHash: null,
    verifiedAt: START,
    admittedAt: null,
    leftAt: null,
  });
  const refused = async (payments = portal.payments): Promise<string | null> => {
    try {
      await payments.requirePaid(meeting, invitation);
      return null;
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      throw error;
    }
  };
  const citizen = await signInAs(identity);
  return {
    harness,
    town,
    meeting,
    invitation,
    citizen,
    path: `/api/meetings/${meeting.id}/me/payment`,
    refused,
  };
}

t.test('not in without payment; in with it', async (t) => {
  const { harness, meeting, town, citizen, path, refused } = await aSale(t);
  const { anonymous, store } = harness;
  t.equal(await refused(), 'payment-required');
  t.strictSame((await citizen('GET', path)).body, { payment: { amount: 200, currency: 'SEK', paid: false } });
  const { body } = await citizen('POST', path);
  const page = new URL(body.redirectUrl).pathname;
  const shown = await anonymous('GET', page);
  t.match(shown.text, '200 SEK');
  t.match(shown.text, 'Demokommunen');
  t.notMatch(shown.text, /ärende/, 'what it is about is nobody’s business there');
  t.equal(await refused(), 'payment-required', 'to look is not to pay');
  const paid = await anonymous('GET', `${page}/approve`);
  t.equal(paid.status, 303);
  t.equal(paid.headers.get('location'), `${harness.base}/meeting/${meeting.id}`);
  t.equal(await refused(), null, 'asked when it matters, even before any notice');
  t.equal((await citizen('GET', path)).body.payment.paid, true);
  t.equal((await citizen('POST', path)).status, 409, 'nobody pays twice');
  const actions = await store.audit.list({ organisationId: town.organisation.id, meetingId: meeting.id });
  t.match(actions[actions.length - 1], { action: 'payment.received', details: { amount: 200 } });
});

t.test('who declines can try again', async (t) => {
  const { harness, meeting, invitation, citizen, path, refused } = await aSale(t);
  const { body } = await citizen('POST', path);
  await harness.anonymous('GET', `${new URL(body.redirectUrl).pathname}/decline`);
  t.equal(await refused(), 'payment-required');
  const [first] = await harness.store.payments.list({ meetingId: meeting.id, invitationId: invitation.id });
  t.equal(first.state, 'failed');
  const { body: second } = await citizen('POST', path);
  await harness.anonymous('GET', `${new URL(second.redirectUrl).pathname}/approve`);
  t.equal(await refused(), null);
});

t.test('only the one it is about pays, and only their own place', async (t) => {
  const { harness, meeting, path, invitation } = await aSale(t);
  const { payments } = harness.portal;
  const invitations = await harness.store.invitations.list([meeting.id]);
  const interpreter = invitations.find(({ role }) => role === 'interpreter');
  if (interpreter === undefined) throw new Error('not invited');
  await payments.requirePaid(meeting, interpreter);
  t.equal(await payments.view(meeting, interpreter), null);
  await payments.requirePaid(meeting, null);
  t.match(await payments.view(meeting, invitation), { paid: false });
  const stranger = await harness.signInAs(anIdentity());
  t.equal((await stranger('GET', path)).status, 404);
  t.equal((await stranger('POST', path)).status, 404);
  t.equal((await harness.anonymous('POST', path)).status, 401);
});

t.test('notices count only when the provider signed them', async (t) => {
  let now = START;
  const provider = new SandboxProvider(
    () => 'http://127.0.0.1:1',
    () => now,
  );
  const { harness, meeting, invitation, citizen, path } = await aSale(t, provider);
  await citizen('POST', path);
  const [payment] = await harness.store.payments.list({ meetingId: meeting.id, invitationId: invitation.id });
  const reference = payment.reference ?? '';
  provider.settle(reference, 'paid');
  const { body, signature } = provider.notice(reference);
  const post = (content: unknown, proof: string) =>
    harness.anonymous('POST', '/api/payments/sandbox/notice', content, { 'X-Sandbox-Signature': proof });
  t.equal((await post(body, 'f'.repeat(64))).status, 403);
  t.equal((await post({ ...body, reference: 'another' }, signature)).status, 403);
  t.equal((await post(null, signature)).status, 403);
  now += 10 * 60_000;
  t.equal((await post(body, signature)).status, 403, 'an old copy');
  t.equal((await harness.store.payments.get(payment.id))?.state, 'pending');
  now = START;
  t.equal((await post(body, signature)).status, 204);
  t.equal((await harness.store.payments.get(payment.id))?.state, 'paid');
  t.equal((await post(body, signature)).status, 204, 'told twice');
  t.equal((await harness.anonymous('POST', '/api/payments/other/notice', body)).status, 404);
});

t.test('a provider that is down takes nobody’s money and lets nobody in', async (t) => {
  const down: PaymentProvider = {
    id: 'down',
    create: () => Promise.reject(new Error('no answer')),
    status: () => Promise.reject(new Error('no answer')),
    verifyNotice: () => null,
  };
  const { citizen, path, refused } = await aSale(t, down);
  const { status, body } = await citizen('POST', path);
  t.strictSame([status, body.error.code], [503, 'unavailable']);
  t.match(body.error.message.sv, /Inget har betalats/);
  t.equal(await refused(), 'payment-required');
  for (let i = 0; i < 9; i++) await citizen('POST', path);
  t.equal((await citizen('POST', path)).status, 429, 'not for ever');
});

t.test('off by default: nothing is to be paid', async (t) => {
  const { meeting, invitation, harness } = await aSale(t);
  const off = new Payments(harness.context, null);
  t.equal(off.enabled, false);
  await off.requirePaid(meeting, invitation);
  t.equal(await off.view(meeting, invitation), null);
  const { portal } = await startPortal(t);
  t.equal(portal.payments.enabled, false);
  t.strictSame(
    portal.routes
      .filter(({ pattern }) => pattern.includes('pay'))
      .map(({ method, pattern }) => `${method} ${pattern}`),
    ['GET /api/meetings/:id/me/payment', 'POST /api/meetings/:id/me/payment'],
    'only what tells the page that there is nothing to pay, and nothing for providers',
  );
});
