/**
 * The meeting service, put together: store, e-ID, sessions, lobbies, portal, messages, and the gateway with the page on it.
 *
 *   const service = await startService({ config: readConfig(process.env), webFolder });
 *   await service.drain();   // or close()
 */
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { networkInterfaces } from 'node:os';
import { type Logger, pino } from 'pino';
import {
  createGateway,
  EidBroker,
  type EidProvider,
  type Gateway,
  type MediaBackend,
  OneTimeCode,
  TestEid,
} from 'sluss/gateway';
import { planAddresses } from './addresses.js';
import { Backups, backupSettings } from './backups.js';
import { type Config, isUnspecified } from './config.js';
import { CodeMail } from './eid-codes.js';
import { configuredProviders } from './eid-providers.js';
import { eidRoutes, organiserByEmail } from './eid-routes.js';
import { TrustedProxies } from './http/client-address.js';
import { HttpServer } from './http/http-server.js';
import { RateLimits } from './http/rate-limits.js';
import type { Reply } from './http/route.js';
import { PAGE_HEADERS } from './http/security-headers.js';
import { Identities } from './identities.js';
import { MeetingHall } from './meetings/live-meetings.js';
import { meetingRoutes } from './meetings/meeting-routes.js';
import { codeSender, createWays, type Ways } from './notify/ways.js';
import type { PaymentProvider } from './payment/payment-provider.js';
import { firstOperator, prepareFirstStart } from './portal/first-start.js';
import { createPortal, type Portal } from './portal/portal.js';
import { loadSecret } from './secret.js';
import type { ServiceContext } from './service-context.js';
import { sessionRoutes } from './session-routes.js';
import { Sessions } from './sessions.js';
import { StaticFiles } from './static-files.js';
import { openStore, type Store } from './store/store.js';

export interface ServiceOptions {
  config: Config;
  /** The built page. */
  webFolder: string;
  /** For SETUP_OPERATOR_EMAIL and BACKUP_DIR. Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Default: to standard error, at the level of the configuration. */
  log?: Logger;
  /** Instead of media workers. */
  mediaBackend?: MediaBackend;
  /** Besides those of the configuration. */
  providers?: readonly EidProvider[];
  payment?: PaymentProvider;
}

export interface Service {
  /** Where people reach it: `http://127.0.0.1:4443`. */
  readonly url: string;
  readonly port: number;
  readonly context: ServiceContext;
  readonly gateway: Gateway;
  /** Media goes here. */
  readonly announced: string;
  /** What will not work, for whoever starts it. */
  readonly warnings: readonly string[];
  /** Once a minute by itself; for tests with a clock of their own. */
  tick(): Promise<void>;
  /** Of the database (SQLite), now; answers the file. See backups.ts. */
  backup(): Promise<string>;
  /** Nobody new gets in; resolves when the last meeting has ended or the time for it is over. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

const HOUSEKEEPING_INTERVAL_MS = 60 * 60_000;

/** The addresses at which the page is served; everything else is a file or does not exist. */
export const PAGE = {
  index: '/index.html',
  matches: (path: string): boolean =>
    /^\/($|i\/|meeting\/|portal(\/|$)|admin(\/|$)|operator(\/|$)|test$|accessibility$|support$)/.test(path),
};

/** Rejects with a `ConfigError`, a `StoreError`, or the gateway's error. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const closers: (() => Promise<void> | void)[] = [];
  try {
    return await compose(options, closers);
  } catch (error) {
    for (const close of closers.reverse()) await close();
    throw error;
  }
}

async function compose(options: ServiceOptions, closers: (() => Promise<void> | void)[]): Promise<Service> {
  const { config } = options;
  const now = options.now ?? Date.now;
  const log = options.log ?? pino({ name: 'meeting', level: config.logLevel }, pino.destination(2));
  const env = options.env ?? process.env;
  const backupsAsked = backupSettings(env, config);
  const files = new StaticFiles(options.webFolder, PAGE, PAGE_HEADERS);
  const secret = loadSecret(config);
  const store = await openStore({ databaseUrl: config.databaseUrl, dataDir: config.dataDir });
  closers.push(() => store.close());
  const ways = createWays({ ...config, serviceName: config.file.serviceName, log });
  const codes = codeMail(store, ways, config, now, log);
  const eid = new EidBroker({ providers: eidProviders(options, codes, ways, now, log), now });
  closers.push(() => eid.close());

  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const hasHttps = config.tls !== undefined || config.publicUrl?.startsWith('https:') === true;
  const { announced, warnings } = planAddresses(
    config.rtcHost,
    config.announcedAddress,
    interfaces,
    hasHttps,
  );
  let port = config.port;
  const identities = new Identities(secret);
  const base: Omit<ServiceContext, 'meetings'> = {
    config,
    store,
    log,
    identities,
    secret,
    sessions: new Sessions(store, now),
    limits: new RateLimits(() => performance.now()),
    eid,
    now,
    publicUrl: () => config.publicUrl ?? ownAddress(config, announced, port),
  };
  base.sessions.onEnded((idHash) => eid.forgetOwner(idHash));
  const hall = new MeetingHall(base, join(config.dataDir, 'documents'));
  const context: ServiceContext = { ...base, meetings: hall };
  const portal = createPortal(context, ways, { payment: options.payment ?? config.payment });
  const tests = eid.providers.filter(({ isTest }) => isTest).map(({ id }) => id);
  if (config.production && tests.length > 0) {
    warnings.push(
      `this is a test: the e-IDs ${tests.join(', ')} prove nothing (ALLOW_TEST_EID), and every page says so`,
    );
  }
  await prepareFirstStart({
    store,
    identities,
    now: now(),
    production: config.production,
    providers: eid.providers.map(({ id }) => id),
    operator: firstOperator(config.file, env),
    canSendMail: ways.mailer !== null,
  });

  const http = new HttpServer({
    routes: [
      ...sessionRoutes(context),
      ...eidRoutes(context, codes),
      ...meetingRoutes(base, hall, portal.payments),
      ...portal.routes,
    ],
    page: (path, acceptEncoding, ifNoneMatch) => page(files, path, acceptEncoding, ifNoneMatch),
    ownOrigin: config.publicUrl ?? null,
    tls: config.tls !== undefined,
    proxies: new TrustedProxies(config.trustedProxies),
    limits: base.limits,
    log,
  });
  const gateway = await startGateway(options, hall, http, announced, log);
  closers.push(() => gateway.close());
  port = gateway.port;
  await hall.start(gateway.rooms);
  portal.start();
  const backups = new Backups(store, backupsAsked, now, log);
  backups.start();
  const housekeeping = setInterval(() => void keepHouse(store, portal, now, log), HOUSEKEEPING_INTERVAL_MS);
  housekeeping.unref();

  let closing: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (closing ??= stopAll({ housekeeping, backups, http, gateway, hall, portal, eid, store }));
  return {
    url: context.publicUrl(),
    port,
    context,
    gateway,
    announced,
    warnings,
    tick: () => hall.tick(),
    backup: () => backups.make(),
    drain: async () => {
      await gateway.drain();
      await stop();
    },
    close: stop,
  };
}

function startGateway(
  { config, mediaBackend }: ServiceOptions,
  hall: MeetingHall,
  http: HttpServer,
  announced: string,
  log: Logger,
): Promise<Gateway> {
  const { host, port, rtcHost, rtcPort, workers } = config;
  return createGateway({
    listen: { ip: host, port },
    ...(mediaBackend
      ? { mediaBackend }
      : {
          rtc: {
            workers,
            listenInfos: [{ protocol: 'udp', ip: rtcHost, announcedAddress: announced, port: rtcPort }],
          },
        }),
    ...(config.tls ? { tls: config.tls } : {}),
    ...(config.publicUrl === undefined ? {} : { allowedOrigins: [config.publicUrl] }),
    ...(config.metricsToken === undefined ? {} : { metricsToken: config.metricsToken }),
    ...hall.hooks,
    configureHttp: (app) => http.attach(app),
    logger: log,
  });
}

/** In this order: nobody is answered by what is not there any more, and what they did is written down. */
async function stopAll(parts: {
  housekeeping: NodeJS.Timeout;
  backups: Backups;
  http: HttpServer;
  gateway: Gateway;
  hall: MeetingHall;
  portal: Portal;
  eid: EidBroker;
  store: Store;
}): Promise<void> {
  clearInterval(parts.housekeeping);
  parts.http.close();
  await parts.gateway.close();
  await parts.hall.stop();
  await parts.portal.stop();
  await parts.eid.close();
  await parts.backups.stop();
  await parts.store.close();
}

function eidProviders(
  options: ServiceOptions,
  codes: CodeMail,
  ways: Ways,
  now: () => number,
  log: Logger,
): EidProvider[] {
  const { config } = options;
  return [
    ...configuredProviders(config.file, now, log),
    ...(options.providers ?? []),
    ...(ways.mailer === null ? [] : [new OneTimeCode({ send: codes.send, now })]),
    ...(config.testEid ? [new TestEid({ now })] : []),
  ];
}

function codeMail(store: Store, ways: Ways, config: Config, now: () => number, log: Logger): CodeMail {
  const { mailer } = ways;
  return new CodeMail({
    send: mailer ? codeSender(mailer, config.file.serviceName) : () => Promise.resolve(),
    isOrganiser: async (email) => (await organiserByEmail({ store }, email)) !== null,
    now,
    log,
  });
}

function page(files: StaticFiles, path: string, acceptEncoding: string, ifNoneMatch: string): Reply {
  const { status, headers, body } = files.respond(path, acceptEncoding, ifNoneMatch);
  return { kind: 'static', status: Number.parseInt(status), headers, body };
}

function ownAddress({ host, tls }: Config, announced: string, port: number): string {
  const shown = isUnspecified(host) ? announced : host;
  return `${tls ? 'https' : 'http'}://${isIPv6(shown) ? `[${shown}]` : shown}:${port}`;
}

/** Removes what has been kept long enough, and looks once a day whether the audit logs are whole. */
async function keepHouse(store: Store, portal: Portal, now: () => number, log: Logger): Promise<void> {
  try {
    log.info(await store.purge(now()), 'old data removed');
    await portal.audit.verifyDue();
  } catch (error) {
    log.error({ err: error }, 'old data could not be removed, or audit logs not be checked');
  }
}
