/**
 * The API of booking systems: an organisation's key may do for each of its organisers what they may do themselves. No cookie
 * is looked at, so no page can misuse somebody's login here.
 */
import type { Booking } from './parse-booking.js';
import { limitKey } from '../http/client-address.js';
import { refusal } from '../http/refusal.js';
import { json, type Call, type Route } from '../http/route.js';
import { email, type Parser } from '../http/shape.js';
import type { ApiKeyRecord, OrganisationRecord, OrganiserRecord } from '../store/store.js';
import { apiKeyHash } from './administration.js';
import type { MeetingDesk } from './meeting-desk.js';
import { meetingViews } from './meeting-views.js';
import { booking, meetingChange } from './parse-booking.js';
import { wholeSeries } from './portal-routes.js';
import type { Agent, PortalParts } from './portal-parts.js';
import { periodOf } from './query.js';
import { badField } from './refusals.js';

/** `lastUsedAt` is written no more often than this. */
const TOUCH_MS = 60_000;

interface KeyHolder {
  key: ApiKeyRecord;
  organisation: OrganisationRecord;
}

const bookingForOrganiser: Parser<{ booking: Booking; organiserEmail: string }> = (value, field) => ({
  booking: booking(value, field),
  organiserEmail: email((value as Record<string, unknown>).organiserEmail, 'organiserEmail'),
});

export function bookingApiRoutes(parts: PortalParts, desk: MeetingDesk): Route[] {
  const { context } = parts;
  const holder = (call: Call): Promise<KeyHolder> => requireKey(parts, call);
  const route = (method: Route['method'], pattern: string, handler: Route['handler']): Route => ({
    method,
    pattern,
    handler,
    withoutCookies: true,
  });
  return [
    route('GET', '/api/v1/meetings', async (call) => {
      const { organisation } = await holder(call);
      const filter = { organisationId: organisation.id, ...periodOf(call.query) };
      const meetings = await context.store.meetings.list(filter);
      return json({ meetings: await meetingViews(context, context.store, meetings) });
    }),
    route('POST', '/api/v1/meetings', async (call) => {
      const by = await holder(call);
      const written = await call.json(bookingForOrganiser);
      const agent = agentFor(by, await organiserByEmail(parts, by, written.organiserEmail));
      return json({ meetings: await desk.book(agent, written.booking) }, { status: 201 });
    }),
    route('GET', '/api/v1/meetings/:id', async (call) => {
      const agent = await agentOfMeeting(parts, await holder(call), call.params.id);
      return json(await desk.get(agent, call.params.id));
    }),
    route('PATCH', '/api/v1/meetings/:id', async (call) => {
      const agent = await agentOfMeeting(parts, await holder(call), call.params.id);
      return json(await desk.change(agent, call.params.id, await call.json(meetingChange)));
    }),
    route('DELETE', '/api/v1/meetings/:id', async (call) => {
      const agent = await agentOfMeeting(parts, await holder(call), call.params.id);
      return json({ meetings: await desk.cancel(agent, call.params.id, await wholeSeries(call)) });
    }),
    route('DELETE', '/api/v1/meetings/:id/invitations/:invitation', async (call) => {
      const { id, invitation } = call.params;
      const agent = await agentOfMeeting(parts, await holder(call), id);
      return json(await desk.revoke(agent, id, invitation, await wholeSeries(call)));
    }),
  ];
}

async function requireKey({ context }: PortalParts, call: Call): Promise<KeyHolder> {
  const { limits, store } = context;
  const [, token] = /^Bearer (sluss_[\w-]{43})$/.exec(call.header('authorization')) ?? [];
  const key = token === undefined ? null : await store.apiKeys.findByHash(apiKeyHash(token));
  if (key === null) {
    // Wrong keys are counted for each address; right ones have a pace of their own, whoever else sits behind it.
    limits.take('api-key', limitKey(call.ip));
    throw refusal('not-signed-in', {
      localized: {
        sv: 'API-nyckeln saknas eller gäller inte. Skicka den som "Authorization: Bearer <nyckel>".',
        en: 'The API key is missing or not valid. Send it as "Authorization: Bearer <key>".',
      },
    });
  }
  limits.take('api-key-use', key.id);
  const organisation = await store.organisations.get(key.organisationId);
  if (organisation?.active !== true) throw refusal('forbidden');
  const now = context.now();
  if (key.lastUsedAt === null || now - key.lastUsedAt >= TOUCH_MS) await store.apiKeys.touch(key.id, now);
  return { key, organisation };
}

async function organiserByEmail(
  { context }: PortalParts,
  { organisation }: KeyHolder,
  address: string,
): Promise<OrganiserRecord> {
  const organiser = await context.store.organisers.findByEmail(address);
  const own = organiser !== null && organiser.active && organiser.organisationId === organisation.id;
  if (own && organiser.roles.includes('organiser')) return organiser;
  throw badField(
    'organiserEmail',
    'Organisationen har ingen mötesarrangör med den e-postadressen. Administratören kan lägga till en.',
    'The organisation has no organiser with that e-mail address. Its administrator can add one.',
  );
}

async function agentOfMeeting(
  { context }: PortalParts,
  holder: KeyHolder,
  meetingId: string,
): Promise<Agent> {
  const meeting = await context.store.meetings.get(meetingId);
  if (meeting === null || meeting.organisationId !== holder.organisation.id) throw refusal('not-found');
  const organiser = await context.store.organisers.get(meeting.organiserId);
  if (organiser === null) throw new Error(`the organiser of meeting ${meetingId} is missing`);
  return agentFor(holder, organiser);
}

function agentFor({ key, organisation }: KeyHolder, organiser: OrganiserRecord): Agent {
  return { organisation, organiser, actor: `api-key:${key.id}` };
}
