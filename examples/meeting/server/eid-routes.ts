/** How somebody proves who they are: orders of the session with the e-ID providers, and the login when one is done. */
import { EidError, type EidProvider, reaches } from 'sluss/gateway';
import type { Assurance, Language } from '../shared/api.js';
import { limitKey } from './http/client-address.js';
import { Refusal, refusal } from './http/refusal.js';
import { type Call, json, redirect, type Reply, type Route } from './http/route.js';
import { boolean, email, id, line, matching, object, oneOf, optional, text } from './http/shape.js';
import type { CodeMail } from './eid-codes.js';
import { orderView, providerView } from './eid-views.js';
import { type FoundInvitation, findInvitation } from './invitations.js';
import type { ServiceContext } from './service-context.js';
import type { NewSession } from './sessions.js';
import type { OrganiserRecord, SessionIdentity, SessionRecord } from './store/records.js';

const ASSURANCES: readonly Assurance[] = ['low', 'substantial', 'high'];

/** On this service, and nothing that a browser takes for another host. */
const returnPath = matching(/^\/(?![/\\])[\w\-./?=&%~]{0,300}$/, {
  sv: 'en sökväg på tjänsten',
  en: 'a path on this service',
});

const startRequest = object({
  provider: id,
  purpose: oneOf(['portal', 'meeting']),
  invitation: optional(id),
  sameDevice: boolean,
  returnPath,
  email: optional(email),
  claim: optional(object({ name: line(100), personalNumber: text(10, 20), assurance: oneOf(ASSURANCES) })),
});

const codeRequest = object({ code: text(1, 32) });

const returnedRequest = object({
  nonce: matching(/^[\w-]{22}$/, {
    sv: 'det som appen gav webbläsaren',
    en: 'what the app gave the browser',
  }),
});

const CHECKING = { state: 'pending', message: { sv: 'Kontrollerar.', en: 'Checking.' } } as const;

/** What is to happen when an order is done. */
interface Intent {
  purpose: 'portal' | 'meeting';
  /** Whose audit log it goes to; null: the organiser's, when it is one. */
  organisationId: string | null;
  meetingId: string | null;
  keepEvidence: boolean;
  returnPath: string;
  provider: string;
}

const MAX_INTENTS = 10_000;

export function eidRoutes(context: ServiceContext, codes: CodeMail): Route[] {
  const desk = new EidDesk(context, codes);
  return [
    {
      method: 'GET',
      pattern: '/api/eid/providers',
      limits: ['invitation'],
      handler: (call) => desk.providers(call),
    },
    {
      method: 'POST',
      pattern: '/api/eid/orders',
      limits: ['eid-start'],
      handler: (call) => desk.start(call),
    },
    {
      method: 'GET',
      pattern: '/api/eid/orders/:id',
      byItself: true,
      handler: (call) => desk.status(call),
    },
    {
      method: 'POST',
      pattern: '/api/eid/orders/:id/code',
      limits: ['otp-answer'],
      handler: (call) => desk.code(call),
    },
    {
      method: 'POST',
      pattern: '/api/eid/returned',
      limits: ['otp-answer'],
      handler: (call) => desk.returned(call),
    },
    { method: 'POST', pattern: '/api/eid/orders/:id/cancel', handler: (call) => desk.cancel(call) },
    {
      method: 'GET',
      pattern: '/eid/callback',
      limits: ['eid-start'],
      handler: (call) => desk.callback(call),
    },
  ];
}

class EidDesk {
  /** By session and order, so that nobody touches another's; those of orders that nobody finished go when there are too many. */
  readonly #intents = new Map<string, Intent>();

  constructor(
    private readonly context: ServiceContext,
    private readonly codes: CodeMail,
  ) {}

  async providers(call: Call): Promise<Reply> {
    const token = call.query.get('invitation');
    const found = token === null ? null : await findInvitation(this.context, token);
    return json({ providers: this.#approved(found).map(providerView) });
  }

  async start(call: Call): Promise<Reply> {
    const { context } = this;
    const request = await call.json(startRequest);
    const found = request.purpose === 'meeting' ? await this.#invitation(request.invitation) : null;
    const provider = this.#approved(found).find(({ id }) => id === request.provider);
    if (!provider) throw refusal('forbidden', { field: 'provider', localized: NOT_APPROVED });
    if (provider.flow === 'code') this.#allowCode(call, request.email, found);
    const { record: session, cookie } = await context.sessions.findOrBegin(call);
    context.limits.take('eid-start-session', session.idHash);
    const language = session.language;
    const base = context.publicUrl();
    let orderId: string;
    try {
      ({ orderId } = await context.eid.start(session.idHash, provider.id, {
        endUserIp: call.ip,
        userAgent: call.header('user-agent').slice(0, 500),
        sameDevice: request.sameDevice,
        language,
        returnUrl: base + (provider.flow === 'redirect' ? '/eid/callback' : request.returnPath),
        purpose: purposeText(context, found, language),
        email: request.email,
        claim: request.claim,
      }));
    } catch (error) {
      throw startRefusal(context, error);
    }
    this.#remember(keyOf(session, orderId), {
      purpose: request.purpose,
      organisationId: found?.organisation.id ?? null,
      meetingId: found?.meeting.id ?? null,
      keepEvidence: found?.organisation.keepEvidence ?? false,
      returnPath: request.returnPath,
      provider: provider.id,
    });
    const headers = cookie ? [cookie] : [];
    // A form is complete at once; the page asks for the status all the same, so that there is one way to log in.
    const status = provider.flow === 'form' ? null : await context.eid.status(session.idHash, orderId);
    if (status === null || status.state === 'complete') {
      return json(orderView(orderId, provider.id, CHECKING), { status: 201, headers });
    }
    return json(orderView(orderId, provider.id, status), { status: 201, headers });
  }

  async status(call: Call): Promise<Reply> {
    const session = await this.#session(call);
    const orderId = call.params.id;
    const provider = this.context.eid.providerOf(session.idHash, orderId)?.id ?? '';
    const { view, cookie } = await this.#settle(session, orderId, provider);
    return json(view, { headers: cookie ? [cookie] : [] });
  }

  async code(call: Call): Promise<Reply> {
    const session = await this.#session(call);
    this.context.limits.take('otp-answer', session.idHash);
    const { code } = await call.json(codeRequest);
    const orderId = call.params.id;
    const provider = this.context.eid.providerOf(session.idHash, orderId);
    if (provider?.flow !== 'code') throw refusal('not-found');
    await this.context.eid.answer(session.idHash, orderId, { kind: 'code', code });
    const { view, cookie } = await this.#settle(session, orderId, provider.id);
    return json(view, { headers: cookie ? [cookie] : [] });
  }

  /**
   * An app has opened this browser. That may not have a session: then the order began in another one, and must end. The page
   * asks for the status all the same, so that there is one way to log in.
   */
  async returned(call: Call): Promise<Reply> {
    const session = await this.context.sessions.find(call);
    const { nonce } = await call.json(returnedRequest);
    const answer = this.context.eid.answerReturn(session?.idHash ?? null, nonce);
    if ('orderId' in answer) {
      const { orderId } = answer;
      const provider = session && this.context.eid.providerOf(session.idHash, orderId);
      return json(orderView(orderId, provider?.id ?? '', CHECKING));
    }
    if (answer.failure === 'returned-elsewhere') {
      this.context.log.warn('an e-ID order came back to another browser than it began in: nobody was let in');
    }
    return json(orderView('', '', answer));
  }

  async cancel(call: Call): Promise<Reply> {
    const session = await this.#session(call);
    await this.context.eid.cancel(session.idHash, call.params.id);
    this.#intents.delete(keyOf(session, call.params.id));
    return json({});
  }

  /** The browser comes back from a redirect provider. A page of another site led here, so this only ever finishes an order. */
  async callback(call: Call): Promise<Reply> {
    const session = await this.context.sessions.find(call);
    const url = `${this.context.publicUrl()}/eid/callback?${call.query.toString()}`;
    const orderId = session ? await this.context.eid.answerCallback(session.idHash, url) : null;
    if (!session || orderId === null) return redirect(`/?eid=failed&reason=expired`);
    const intent = this.#intents.get(keyOf(session, orderId));
    const back = intent?.returnPath ?? '/';
    const { view, cookie } = await this.#settle(session, orderId, intent?.provider ?? '');
    if (view.state === 'complete') return redirect(back, cookie ? [cookie] : []);
    const reason = view.state === 'failed' ? (view.failure ?? 'rejected') : 'proof-invalid';
    return redirect(`${back}${back.includes('?') ? '&' : '?'}eid=failed&reason=${reason}`);
  }

  /** Looks how the order stands; a proven identity becomes a new session. */
  async #settle(
    session: SessionRecord,
    orderId: string,
    provider: string,
  ): Promise<{ view: ReturnType<typeof orderView>; cookie: NewSession['cookie'] | null }> {
    const { context } = this;
    const key = keyOf(session, orderId);
    const intent = this.#intents.get(key);
    const status = await context.eid.status(session.idHash, orderId);
    const view = orderView(orderId, provider, status);
    if (status.state === 'failed') this.#intents.delete(key);
    if (status.state !== 'complete' || !intent) return { view, cookie: null };
    this.#intents.delete(key);
    const proven = context.identities.forSession(status.identity, intent.keepEvidence);
    const found = await this.#organiserFor(proven, status.identity.subject);
    const steppedUp =
      found === null && intent.purpose === 'portal' ? await this.#stepUp(session, proven) : null;
    const organiser = found ?? steppedUp?.organiser ?? null;
    const identity = steppedUp?.identity ?? proven;
    const signedIn = await context.sessions.signIn(session, identity, organiser?.id ?? null);
    await this.#writeDown(intent, identity, organiser);
    return { view, cookie: signedIn.cookie };
  }

  /** Who the identity is in the portal, when their organisation trusts the provider. */
  async #organiserFor(identity: SessionIdentity, subject: string): Promise<OrganiserRecord | null> {
    const { organisers, organisations } = this.context.store;
    const found =
      identity.subjectType === 'email'
        ? await organiserByEmail(this.context, subject)
        : await firstOf([identity.subjectHash, ...identity.otherHashes], (hash) =>
            organisers.findBySubject(hash),
          );
    if (!found || found.organisationId === null || identity.subjectType === 'email') return found;
    const organisation = await organisations.get(found.organisationId);
    return organisation?.providers.includes(identity.provider) === true ? found : null;
  }

  /**
   * An organiser who logged in with a code proves more in the same browser, as for a meeting that demands it: they stay who
   * they are, now under the proven name.
   */
  async #stepUp(
    session: SessionRecord,
    proven: SessionIdentity,
  ): Promise<{ organiser: OrganiserRecord; identity: SessionIdentity } | null> {
    if (session.identity?.subjectType !== 'email' || proven.subjectType === 'email') return null;
    const organiser = await this.context.sessions.organiserOf(session);
    const organisationId = organiser?.organisationId ?? null;
    if (!organiser || organisationId === null) return null;
    const organisation = await this.context.store.organisations.get(organisationId);
    if (organisation?.providers.includes(proven.provider) !== true) return null;
    const otherHashes = [...proven.otherHashes, session.identity.subjectHash];
    return { organiser, identity: { ...proven, otherHashes } };
  }

  async #writeDown(
    intent: Intent,
    identity: SessionIdentity,
    organiser: OrganiserRecord | null,
  ): Promise<void> {
    const { context } = this;
    const actor = context.identities.pseudonym(identity.subjectHash);
    await context.store.audit.append({
      organisationId: intent.organisationId ?? organiser?.organisationId ?? null,
      at: context.now(),
      action: 'person.identified',
      actor,
      meetingId: intent.meetingId,
      details: {
        purpose: intent.purpose,
        provider: identity.provider,
        assurance: identity.assurance,
        evidenceHash: identity.evidenceHash,
        organiser: organiser?.id ?? null,
      },
    });
    context.log.info({ actor, provider: identity.provider, purpose: intent.purpose }, 'identified');
  }

  /** Without an invitation everything is offered: whose organisation trusts what shows when they are known. */
  #approved(found: FoundInvitation | null): EidProvider[] {
    return this.context.eid.providers.filter((provider) => {
      if (!found) return true;
      if (!found.organisation.providers.includes(provider.id)) return false;
      if (provider.flow === 'code' && found.invitation.email === null) return false;
      return reaches(provider.assurance, found.meeting.minimumAssurance);
    });
  }

  /** A code goes to those who may log in with it, and to the address that was invited. */
  #allowCode(call: Call, address: string | undefined, found: FoundInvitation | null): void {
    this.context.limits.take('otp', limitKey(call.ip));
    if (!found || address === undefined) return;
    if (address !== found.invitation.email) {
      throw refusal('bad-request', { field: 'email', localized: OTHER_ADDRESS });
    }
    this.codes.allow(address);
  }

  async #invitation(token: string | undefined): Promise<FoundInvitation> {
    if (token === undefined) throw refusal('bad-request', { field: 'invitation' });
    return findInvitation(this.context, token);
  }

  async #session(call: Call): Promise<SessionRecord> {
    const session = await this.context.sessions.find(call);
    if (!session) throw refusal('not-found');
    return session;
  }

  #remember(key: string, intent: Intent): void {
    this.#intents.set(key, intent);
    if (this.#intents.size <= MAX_INTENTS) return;
    for (const oldest of this.#intents.keys()) {
      this.#intents.delete(oldest);
      break;
    }
  }
}

/** Who logs in with a code: an active organiser without a number, else the stronger proof would be worth nothing. */
export async function organiserByEmail(
  { store }: Pick<ServiceContext, 'store'>,
  address: string,
): Promise<OrganiserRecord | null> {
  const organiser = await store.organisers.findByEmail(address);
  if (!organiser) return null;
  return organiser.personalNumberHash === null && organiser.hsaIdHash === null ? organiser : null;
}

function keyOf({ idHash }: SessionRecord, orderId: string): string {
  return `${idHash} ${orderId}`;
}

async function firstOf<T>(items: readonly T[], find: (item: T) => Promise<OrganiserRecord | null>) {
  for (const item of items) {
    const found = await find(item);
    if (found) return found;
  }
  return null;
}

function purposeText(context: ServiceContext, found: FoundInvitation | null, language: Language): string {
  const where = found?.organisation.name ?? context.config.file.serviceName;
  if (language === 'sv') return found ? `Videomöte med ${where}` : `Logga in i ${where}`;
  return found ? `Video meeting with ${where}` : `Log in to ${where}`;
}

function isEidError(error: unknown): error is EidError {
  return error instanceof EidError || (error instanceof Error && error.name === 'EidError');
}

function startRefusal(context: ServiceContext, error: unknown): unknown {
  // By name: a provider may bring a copy of the class of its own.
  if (!isEidError(error)) return error;
  context.log.warn({ failure: error.failure }, 'an e-ID order could not begin');
  const status = error.failure === 'provider-unavailable' ? 503 : error.failure === 'rejected' ? 429 : 400;
  return new Refusal(status, error.failure, error.localized);
}

const NOT_APPROVED = {
  sv: 'Den e-legitimationen går inte att använda här. Välj en av dem som visas.',
  en: 'That e-ID cannot be used here. Choose one of those that are shown.',
};
const OTHER_ADDRESS = {
  sv: 'Använd den e-postadress som inbjudan kom till.',
  en: 'Use the e-mail address to which the invitation came.',
};
