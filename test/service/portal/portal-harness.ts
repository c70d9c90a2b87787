/** The portal as it is run: over the real HTTP kit, with the store on SQLite. Only the clock is ours. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { Test } from 'tap';
import uWS from 'uWebSockets.js';
import { TestEid } from '#src/gateway/eid/test-eid.js';
import { TrustedProxies } from '../../../examples/meeting/server/http/client-address.js';
import { HttpServer } from '../../../examples/meeting/server/http/http-server.js';
import { LIMITS, RateLimits, type LimitName } from '../../../examples/meeting/server/http/rate-limits.js';
import { Identities } from '../../../examples/meeting/server/identities.js';
import type {
  ApiError,
  ApiKeyView,
  AuditEntryView,
  MeetingTypeView,
  MeetingView,
  OrganisationEntry,
  OrganiserView,
  RoomPackage,
  RoomView,
} from '../../../examples/meeting/shared/api.js';
import { createWays, type Ways } from '../../../examples/meeting/server/notify/ways.js';
import {
  createPortal,
  type Portal,
  type PortalOptions,
} from '../../../examples/meeting/server/portal/portal.js';
import type { ServiceContext } from '../../../examples/meeting/server/service-context.js';
import { Sessions } from '../../../examples/meeting/server/sessions.js';
import {
  openStore,
  type MeetingTypeRecord,
  type OrganisationRecord,
  type OrganiserRecord,
  type RoomRecord,
  type SessionIdentity,
  type Store,
} from '../../../examples/meeting/server/store/store.js';
import { anOrganisation, anOrganiser, aSession } from '../store/fixtures.js';
import { temporaryFolder } from '../store/temporary-folder.js';

/** Monday, 1 March 2027, 09:00 in Sweden. */
export const START = Date.parse('2027-03-01T08:00:00Z');
export const SECRET = Buffer.alloc(32, 7);

/** Everything that tests look at in answers; each has some of it. */
export interface Body {
  error: ApiError['error'];
  id: string;
  name: string;
  title: string;
  startsAt: string;
  durationMinutes: number;
  key: string;
  erased: number;
  redirectUrl: string;
  roomPackage: RoomPackage;
  payment: { amount: number; currency: string; paid: boolean };
  meetings: MeetingView[];
  rooms: RoomView[];
  organisers: OrganiserView[];
  organisations: OrganisationEntry[];
  meetingTypes: MeetingTypeView[];
  keys: ApiKeyView[];
  entries: AuditEntryView[];
  intact: boolean;
}

export interface Answer {
  status: number;
  body: Body;
  headers: Headers;
  text: string;
}

export type Client = (method: string, path: string, body?: unknown, headers?: HeadersInit) => Promise<Answer>;

export interface Harness {
  clock: { now: number };
  context: ServiceContext;
  store: Store;
  portal: Portal;
  ways: Ways;
  base: string;
  log: string[];
  /** Meetings that those inside were told about. */
  changed: string[];
  anonymous: Client;
  signIn: (organiser: OrganiserRecord) => Promise<Client>;
  signInAs: (identity: SessionIdentity) => Promise<Client>;
}

export interface HarnessOptions extends PortalOptions {
  smtp?: { url: string; from: string };
  sms?: { url: string; token: string; from: string };
  production?: boolean;
  /** Without limits, for tests that ask for more than any person would. */
  unlimited?: boolean;
}

export async function startPortal(t: Test, options: HarnessOptions = {}): Promise<Harness> {
  const clock = { now: START };
  const now = (): number => clock.now;
  const store = await openStore({ dataDir: temporaryFolder(t) });
  const log: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => log.push(line) });
  const none = { burst: 1e6, perMinute: 1e6 };
  const unlimited = Object.fromEntries(Object.keys(LIMITS).map((name) => [name, none])) as Record<
    LimitName,
    typeof none
  >;
  const limits = new RateLimits(now, options.unlimited === true ? unlimited : LIMITS);
  const sessions = new Sessions(store, now);
  const changed: string[] = [];
  let base = '';
  const context = {
    store,
    log: logger,
    identities: new Identities(SECRET),
    secret: SECRET,
    sessions,
    limits,
    eid: { providers: [new TestEid()] },
    meetings: {
      changed: (meetingId: string) => {
        changed.push(meetingId);
        return Promise.resolve();
      },
      sessionsEnded: () => Promise.resolve(),
    },
    now,
    publicUrl: () => base,
  } as unknown as ServiceContext;
  const ways = createWays({
    smtp: options.smtp,
    sms: options.sms,
    serviceName: 'Säkra möten',
    production: options.production ?? false,
    log: logger,
  });
  const portal = createPortal(context, ways, options);
  const server = new HttpServer({
    routes: portal.routes,
    page: () => ({ kind: 'static', status: 404, headers: [], body: null }),
    ownOrigin: null,
    tls: false,
    proxies: new TrustedProxies([]),
    limits,
    log: logger,
  });
  const app = uWS.App();
  server.attach(app);
  await new Promise<void>((resolve) => {
    app.listen('127.0.0.1', 0, (socket) => {
      base = `http://127.0.0.1:${uWS.us_socket_local_port(socket)}`;
      t.teardown(async () => {
        await portal.stop();
        server.close();
        uWS.us_listen_socket_close(socket);
        await store.close();
      });
      resolve();
    });
  });
  portal.start();

  const client = (cookie: string | null): Client => {
    return async (method, path, body, headers) => {
      const response = await fetch(`${base}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          Origin: base,
          ...(cookie === null ? {} : { Cookie: cookie }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type') === 'application/json';
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson ? JSON.parse(text) : null) as Body,
      };
    };
  };
  const signInWith = async (identity: SessionIdentity, organiserId: string | null): Promise<Client> => {
    const old = aSession({ createdAt: clock.now, lastSeenAt: clock.now, expiresAt: clock.now + 3_600_000 });
    await store.sessions.insert(old);
    const { cookie } = await sessions.signIn(old, identity, organiserId);
    return client(cookie[1].split(';')[0]);
  };
  return {
    clock,
    context,
    store,
    portal,
    ways,
    base,
    log,
    changed,
    anonymous: client(null),
    signIn: (organiser) => signInWith(anIdentity(), organiser.id),
    signInAs: (identity) => signInWith(identity, null),
  };
}

export function anIdentity(change: Partial<SessionIdentity> = {}): SessionIdentity {
  return {
    name: 'Anna Andersson',
    provider: 'test',
    assurance: 'high',
    subjectType: 'personal-number-se',
    subjectHash: randomUUID(),
    otherHashes: [],
    authenticatedAt: START,
    evidenceHash: 'e'.repeat(64),
    evidence: null,
    ...change,
  };
}

/** An organisation with its people, one room each, and a meeting type. */
export interface Town {
  organisation: OrganisationRecord;
  organiser: OrganiserRecord;
  colleague: OrganiserRecord;
  administrator: OrganiserRecord;
  room: RoomRecord;
  colleaguesRoom: RoomRecord;
  type: MeetingTypeRecord;
}

export async function aTown(store: Store, change: Partial<OrganisationRecord> = {}): Promise<Town> {
  const organisation = anOrganisation({
    providers: ['test'],
    roomPackage: { 5: 3, 25: 0, 50: 0, 100: 0 },
    ...change,
  });
  await store.organisations.insert(organisation);
  const people = [
    anOrganiser(organisation.id, { name: 'Anna Åkesson' }),
    anOrganiser(organisation.id, { name: 'Bo Berg' }),
    anOrganiser(organisation.id, { name: 'Cilla Ceder', roles: ['administrator'] }),
  ];
  for (const person of people) await store.organisers.insert(person);
  const [organiser, colleague, administrator] = people;
  const aRoom = (organiserId: string): RoomRecord => ({
    id: randomUUID(),
    organisationId: organisation.id,
    organiserId,
    name: 'Samtalsrummet',
    capacity: 5,
    active: true,
    createdAt: START,
  });
  const room = aRoom(organiser.id);
  const colleaguesRoom = aRoom(colleague.id);
  await store.rooms.insert(room);
  await store.rooms.insert(colleaguesRoom);
  const type: MeetingTypeRecord = {
    id: randomUUID(),
    organisationId: organisation.id,
    name: 'Utredningssamtal',
    approvedClass: { confidentiality: 3, integrity: 3, availability: 2 },
    minimumAssurance: 'substantial',
    endToEndEncryption: 'required',
    active: true,
    createdAt: START,
  };
  await store.meetingTypes.insert(type);
  return { organisation, organiser, colleague, administrator, room, colleaguesRoom, type };
}
