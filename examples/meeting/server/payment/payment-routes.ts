import { empty, json, type Call, type Route } from '../http/route.js';
import { refusal } from '../http/refusal.js';
import type { ServiceContext } from '../service-context.js';
import type { InvitationRecord, MeetingRecord } from '../store/store.js';
import type { Payments } from './payments.js';

/** Enough for what any provider tells. */
const MAX_NOTICE_BYTES = 16 * 1024;

/**
 * GET /api/meetings/<id>/me/payment -> { payment: { amount, currency, paid } | null }, null: nothing to pay; POST -> { redirectUrl }: where to pay.
 * POST /api/payments/<provider>/notice: for the provider.
 */
export function paymentRoutes(
  context: Pick<ServiceContext, 'store' | 'sessions'>,
  payments: Payments,
): Route[] {
  return [
    {
      method: 'GET',
      pattern: '/api/meetings/:id/me/payment',
      limits: ['lobby'],
      byItself: true,
      handler: async (call) => {
        const { meeting, invitation } = await placeOf(context, call);
        // Hosts have nothing to pay.
        if (invitation === null) return json({ payment: null });
        await payments.refresh(meeting, invitation);
        return json({ payment: await payments.view(meeting, invitation) });
      },
    },
    {
      method: 'POST',
      pattern: '/api/meetings/:id/me/payment',
      limits: ['notice'],
      handler: async (call) => {
        const { meeting, invitation } = await placeOf(context, call);
        if (invitation === null) throw refusal('conflict');
        return json(await payments.begin(meeting, invitation));
      },
    },
    ...(payments.enabled ? [noticeRoute(payments)] : []),
  ];
}

/** For the provider. */
function noticeRoute(payments: Payments): Route {
  return {
    method: 'POST',
    pattern: '/api/payments/:provider/notice',
    limits: ['notice'],
    withoutCookies: true,
    handler: async (call) => {
      const body = await call.json((value) => value, MAX_NOTICE_BYTES);
      await payments.notice(call.params.provider, { header: (name) => call.header(name), body });
      return empty();
    },
  };
}

/** The place that the signed-in person has claimed in the meeting; without an invitation its organiser's. */
async function placeOf(
  { store, sessions }: Pick<ServiceContext, 'store' | 'sessions'>,
  call: Call,
): Promise<{ meeting: MeetingRecord; invitation: InvitationRecord | null }> {
  const { identity, organiserId } = await sessions.require(call);
  const meeting = await store.meetings.get(call.params.id);
  if (meeting === null) throw refusal('not-found');
  for (const subjectHash of [identity.subjectHash, ...identity.otherHashes]) {
    const participant = await store.participants.findBySubject(meeting.id, subjectHash);
    const invitationId = participant?.invitationId ?? null;
    const invitation = invitationId === null ? null : await store.invitations.get(invitationId);
    if (invitation !== null) return { meeting, invitation };
  }
  if (organiserId === meeting.organiserId) return { meeting, invitation: null };
  throw refusal('not-found');
}
