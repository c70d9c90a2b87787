import type { PortalOverview } from '../../shared/api.js';
import { json, type Call, type Route } from '../http/route.js';
import type { MeetingDesk } from './meeting-desk.js';
import { meetingTypeView, meetingViews, providerViews, roomView } from './meeting-views.js';
import { booking, cancellation, meetingChange } from './parse-booking.js';
import { requireMember } from './portal-access.js';
import type { Agent, PortalParts } from './portal-parts.js';
import { periodOf } from './query.js';

const HOUR_MS = 60 * 60_000;
/** Shown on the first page. */
const UPCOMING = 50;

/** What an organiser does with their own meetings. */
export function portalRoutes(parts: PortalParts, desk: MeetingDesk): Route[] {
  const organiser = (call: Call): Promise<Agent> => requireMember(parts.context, call, 'organiser');
  return [
    {
      method: 'GET',
      pattern: '/api/portal/overview',
      handler: async (call) => json(await overview(parts, await organiser(call))),
    },
    {
      method: 'GET',
      pattern: '/api/portal/meetings',
      handler: async (call) => {
        const agent = await organiser(call);
        return json({ meetings: await desk.list(agent, periodOf(call.query)) });
      },
    },
    {
      method: 'POST',
      pattern: '/api/portal/meetings',
      handler: async (call) => {
        const agent = await organiser(call);
        return json({ meetings: await desk.book(agent, await call.json(booking)) }, { status: 201 });
      },
    },
    {
      method: 'GET',
      pattern: '/api/portal/meetings/:id',
      handler: async (call) => json(await desk.get(await organiser(call), call.params.id)),
    },
    {
      method: 'PATCH',
      pattern: '/api/portal/meetings/:id',
      handler: async (call) => {
        const agent = await organiser(call);
        return json(await desk.change(agent, call.params.id, await call.json(meetingChange)));
      },
    },
    {
      method: 'DELETE',
      pattern: '/api/portal/meetings/:id',
      handler: async (call) => {
        const agent = await organiser(call);
        return json({ meetings: await desk.cancel(agent, call.params.id, await wholeSeries(call)) });
      },
    },
    {
      method: 'POST',
      pattern: '/api/portal/meetings/:id/invitations/:invitation/resend',
      handler: async (call) => {
        const agent = await organiser(call);
        return json(await desk.resend(agent, call.params.id, call.params.invitation));
      },
    },
    {
      method: 'DELETE',
      pattern: '/api/portal/meetings/:id/invitations/:invitation',
      handler: async (call) => {
        const agent = await organiser(call);
        const { id, invitation } = call.params;
        return json(await desk.revoke(agent, id, invitation, await wholeSeries(call)));
      },
    },
  ];
}

/** A DELETE may come without a body: this meeting only. */
export async function wholeSeries(call: Call): Promise<boolean> {
  if (call.header('content-type') === '') return false;
  return (await call.json(cancellation)).wholeSeries ?? false;
}

async function overview(parts: PortalParts, { organisation, organiser }: Agent): Promise<PortalOverview> {
  const { context, channels, paymentEnabled } = parts;
  const { store } = context;
  const mine = { organisationId: organisation.id, organiserId: organiser.id };
  const upcoming = await store.meetings.list({
    ...mine,
    // One that runs late is still to be found.
    from: context.now() - 12 * HOUR_MS,
    status: ['planned', 'open'],
    limit: UPCOMING,
  });
  return {
    rooms: (await store.rooms.list(mine)).map(roomView),
    meetingTypes: (await store.meetingTypes.list(organisation.id)).map(meetingTypeView),
    providers: providerViews(context, organisation),
    upcoming: await meetingViews(context, store, upcoming),
    paymentEnabled,
    smsEnabled: channels.sms,
    emailEnabled: channels.email,
  };
}
