import type { SessionView, VerifiedPerson } from '../shared/api.js';
import { type Call, json, type Route } from './http/route.js';
import { object, oneOf } from './http/shape.js';
import type { ServiceContext } from './service-context.js';
import { IDLE_TIMEOUT_MS } from './sessions.js';
import type { SessionIdentity, SessionRecord } from './store/records.js';

const languageRequest = object({ language: oneOf(['sv', 'en']) });

export function sessionRoutes(context: ServiceContext): Route[] {
  const { sessions } = context;
  return [
    {
      method: 'GET',
      pattern: '/api/session',
      byItself: true,
      handler: async (call) => json(await sessionView(context, call, await sessions.find(call))),
    },
    {
      method: 'POST',
      pattern: '/api/session/stay',
      handler: async (call) => json(await sessionView(context, call, await sessions.find(call))),
    },
    {
      method: 'POST',
      pattern: '/api/session/end',
      handler: async (call) => {
        const cookie = await sessions.end(call);
        return json(await sessionView(context, call, null), { headers: [cookie] });
      },
    },
    {
      method: 'POST',
      pattern: '/api/session/language',
      handler: async (call) => {
        const { language } = await call.json(languageRequest);
        const session = await sessions.find(call);
        // Without a session the page's choice comes with each request. One that begins here would take the place of the one
        // that a login begins at the same moment, and with it the order.
        if (!session) return json({ ...(await sessionView(context, call, null)), language });
        return json(await sessionView(context, call, await sessions.setLanguage(session, language)));
      },
    },
  ];
}

async function sessionView(
  context: ServiceContext,
  call: Call,
  session: SessionRecord | null,
): Promise<SessionView> {
  const { store, config, eid } = context;
  const organiser = session ? await context.sessions.organiserOf(session) : null;
  const organisationId = organiser?.organisationId ?? null;
  const organisation = organisationId === null ? null : await store.organisations.get(organisationId);
  const person = session?.identity ? verifiedPerson(context, session.identity) : null;
  return {
    // A code proves an address, not a name: the organisation's own word for them says more.
    person: person && { ...person, name: organiser?.name ?? person.name },
    roles: organiser?.roles ?? [],
    organisation: organisation && { id: organisation.id, name: organisation.name },
    support: organisation?.support ?? config.file.support,
    language: session?.language ?? call.language,
    serviceName: config.file.serviceName,
    isTestService: eid.providers.some(({ isTest }) => isTest),
    idleTimeoutMinutes: IDLE_TIMEOUT_MS / 60_000,
    ...(session?.identity
      ? { idleSecondsLeft: Math.max(0, Math.floor(context.sessions.timeLeft(session) / 1_000)) }
      : {}),
  };
}

/** What may be shown of a proof, to the person and to the hosts of their meeting. */
export function verifiedPerson(
  { eid }: Pick<ServiceContext, 'eid'>,
  { name, provider, assurance }: Pick<SessionIdentity, 'name' | 'provider' | 'assurance'>,
): VerifiedPerson {
  const label = eid.provider(provider)?.label ?? { sv: provider, en: provider };
  return { name, provider, providerLabel: label, assurance };
}
