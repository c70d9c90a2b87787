/**
 * A municipality's service as it is in production: TLS, mail by SMTP, BankID, Freja and SITHS (all simulated), real media; the
 * one thing added is that what the server forwards can be looked at.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import type { Test } from 'tap';
import { readConfig } from '../../../examples/meeting/server/config.js';
import { newOrganiser } from '../../../examples/meeting/server/portal/members.js';
import { FIRST_RETENTION } from '../../../examples/meeting/server/portal/operation.js';
import { type Service, startService } from '../../../examples/meeting/server/service.js';
import type { AuditRecord } from '../../../examples/meeting/server/store/records.js';
import type { PortalRole } from '../../../examples/meeting/shared/api.js';
import { MailServer, type ReceivedMail } from '../../service/notify/mail-server.js';
import { until } from '../browser/until.js';
import { issueCertificate } from '../eid/pki.js';
import { PATIENCE } from './attendee.js';
import { type EIds, startEIds, writeConfigFile } from './e-ids.js';
import { Forwarded } from './forwarded.js';
import { HOST } from './people.js';

export interface Municipality extends EIds {
  service: Service;
  /** Without a slash at the end. */
  url: string;
  organisationId: string;
  mail: MailServer;
  forwarded: Forwarded;
  /** Everything that the service wrote to its log, at the level debug. */
  log: string[];
  dataDir: string;
  /** The newest mail to this address that `accept` takes; waits for it. */
  mailTo: (address: string, accept?: (mail: ReceivedMail) => boolean) => Promise<ReceivedMail>;
  /** The code in the newest mail with one; each is given out once. */
  codeFor(address: string): Promise<string>;
  audit(meetingId?: string): Promise<AuditRecord[]>;
}

const PAGE = fileURLToPath(new URL('../../../examples/meeting/dist/web', import.meta.url));

/** The organisation has one organiser, who administers it, too, and logs in with codes; and one waiting room. */
export async function startMunicipality(t: Test): Promise<Municipality> {
  if (!existsSync(join(PAGE, 'index.html'))) throw new Error(`${PAGE} is empty: run "npm run build" first`);
  const folder = mkdtempSync(join(tmpdir(), 'acceptance-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const url = `https://127.0.0.1:${await freePort()}`;
  const [mail, eids] = await Promise.all([MailServer.start(t), startEIds(t, url)]);
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
  const forwarded = await Forwarded.start(logger);
  const config = readConfig({
    NODE_ENV: 'production',
    PORT: new URL(url).port,
    PUBLIC_URL: url,
    DATA_DIR: dataDir,
    SECRET: randomBytes(32).toString('base64'),
    SMTP_URL: mail.url,
    MAIL_FROM: 'mote@demokommunen.example',
    CONFIG_FILE: writeConfigFile(folder, eids),
    ...tlsFiles(folder),
  });
  const service = await startService({
    config,
    webFolder: PAGE,
    env: { SETUP_OPERATOR_EMAIL: 'drift@demokommunen.example' },
    log: logger,
    mediaBackend: forwarded.backend,
  });
  t.teardown(() => service.close());
  const organisationId = await addOrganisation(service);
  const { audit } = service.context.store;
  const codes = new Set<string>();
  const mailTo: Municipality['mailTo'] = async (address, accept = () => true) => {
    const find = (): ReceivedMail | undefined =>
      mail.mails.findLast((one) => one.to.includes(address) && accept(one));
    await until(`mail to ${address}`, () => Promise.resolve(find() !== undefined), PATIENCE);
    return find()!;
  };
  return {
    ...{ service, url, organisationId, mail, forwarded, log, dataDir, ...eids },
    mailTo,
    async codeFor(address) {
      const { mail } = await mailTo(address, (one) => codeIn(one) !== undefined && !codes.has(codeIn(one)!));
      const code = codeIn({ mail })!;
      codes.add(code);
      return code;
    },
    audit: (meetingId) => audit.list({ organisationId, ...(meetingId === undefined ? {} : { meetingId }) }),
  };
}

function codeIn({ mail }: Pick<ReceivedMail, 'mail'>): string | undefined {
  return /^Your code is (\d+)$/m.exec(mail.text ?? '')?.[1];
}

/** The first one is what a booking begins with. */
const MEETING_TYPES = [
  {
    name: 'Utredningssamtal',
    approvedClass: { confidentiality: 3, integrity: 3, availability: 2 },
    minimumAssurance: 'substantial',
    endToEndEncryption: 'required',
  },
  {
    name: 'Öppet hus',
    approvedClass: { confidentiality: 2, integrity: 2, availability: 2 },
    minimumAssurance: 'low',
    endToEndEncryption: 'off',
  },
] as const;

async function addOrganisation({ context }: Service): Promise<string> {
  const { store, identities, eid } = context;
  const organisationId = randomUUID();
  const createdAt = context.now();
  await store.organisations.insert({
    id: organisationId,
    name: 'Demokommunen',
    support: {
      name: 'Kontaktcenter',
      phone: '011-15 00 00',
      email: 'hjalp@demokommunen.example',
      hours: '8-16',
    },
    providers: eid.providers.map(({ id }) => id),
    retention: FIRST_RETENTION,
    keepEvidence: false,
    roomPackage: { 5: 1, 25: 0, 50: 0, 100: 0 },
    active: true,
    createdAt,
  });
  const { name, email } = HOST;
  const roles: PortalRole[] = ['organiser', 'administrator'];
  const written = { name, email, personalNumber: null, hsaId: null, roles };
  const organiser = newOrganiser(identities, organisationId, written, createdAt);
  await store.organisers.insert(organiser);
  await store.rooms.insert({
    id: randomUUID(),
    organisationId,
    organiserId: organiser.id,
    name: 'Samtalsrummet',
    capacity: 5,
    active: true,
    createdAt,
  });
  for (const type of MEETING_TYPES) {
    await store.meetingTypes.insert({ id: randomUUID(), organisationId, ...type, active: true, createdAt });
  }
  return organisationId;
}

function tlsFiles(folder: string): { TLS_KEY_FILE: string; TLS_CERT_FILE: string } {
  const { pem, key } = issueCertificate({
    subject: { CN: 'meet.demokommunen.example' },
    key: 'service',
    usage: ['digitalSignature', 'keyEncipherment'],
    extendedUsage: ['serverAuth'],
    hosts: ['127.0.0.1'],
  });
  const files = { TLS_KEY_FILE: join(folder, 'key.pem'), TLS_CERT_FILE: join(folder, 'cert.pem') };
  writeFileSync(files.TLS_KEY_FILE, key.pem, { mode: 0o600 });
  writeFileSync(files.TLS_CERT_FILE, pem);
  return files;
}

/** The service must know its own address before it listens. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
