/** What an empty database begins with: in development a whole organisation, in production one operator. */
import { randomUUID } from 'node:crypto';
import { ConfigError } from '../config-error.js';
import type { ServiceFile } from '../config-file.js';
import type { Identities } from '../identities.js';
import type { MeetingTypeRecord, OrganisationRecord, Store } from '../store/store.js';
import { newOrganiser } from './members.js';
import { FIRST_RETENTION } from './operation.js';

export interface FirstStartOptions {
  store: Store;
  identities: Identities;
  now: number;
  production: boolean;
  /** Ids of the e-ID providers that the service has. */
  providers: readonly string[];
  /** Who runs the service: see `firstOperator`. */
  operator: FirstOperator | null;
  /** One-time codes can be sent. */
  canSendMail: boolean;
}

export type FirstOperator = NonNullable<ServiceFile['operator']>;

/** The operator of CONFIG_FILE, or whoever reads the mail of SETUP_OPERATOR_EMAIL. Null: neither is set. */
export function firstOperator(file: ServiceFile, env: NodeJS.ProcessEnv): FirstOperator | null {
  const email = env.SETUP_OPERATOR_EMAIL?.trim().toLowerCase() ?? '';
  if (file.operator !== null || email === '') return file.operator;
  if (!/^[^\s@<>(),;:"[\]\\]{1,64}@[^\s@<>]+\.[^\s@.<>]+$/.test(email)) {
    throw new ConfigError('SETUP_OPERATOR_EMAIL must be an e-mail address, such as name@example.org');
  }
  return { name: email.slice(0, email.indexOf('@')), email, personalNumber: null, hsaId: null };
}

/** The person that the test e-ID offers first. The number is one of those that the tax agency keeps for tests. */
export const DEMO_PERSON = { name: 'Anna Andersson', personalNumber: '198001012387' } as const;

/** Does nothing when somebody can log in already. Throws a `ConfigError` when nobody would be able to. */
export async function prepareFirstStart(
  options: FirstStartOptions,
): Promise<'ready' | 'seeded' | 'operator'> {
  const { store, production, operator } = options;
  if (!(await store.organisers.isEmpty())) return 'ready';
  if (!production) {
    await seedDemo(options);
    return 'seeded';
  }
  if (operator === null) {
    throw new ConfigError(
      'SETUP_OPERATOR_EMAIL is missing: the database is empty, so nobody can log in. Set it to the address of whoever ' +
        'runs the service (or "operator" in CONFIG_FILE); they log in and register the first organisation',
    );
  }
  if (!options.canSendMail && operator.personalNumber === null && operator.hsaId === null) {
    throw new ConfigError('SMTP_URL is missing: the first operator could not be sent a one-time code');
  }
  await addFirstOperator(options, operator);
  return 'operator';
}

async function addFirstOperator(options: FirstStartOptions, first: FirstOperator): Promise<void> {
  const { store, identities, now } = options;
  const operator = newOrganiser(identities, null, { ...first, roles: ['operator'] }, now);
  await store.transaction(async (tx) => {
    // Another server may have been quicker.
    if (!(await tx.organisers.isEmpty())) return;
    await tx.organisers.insert(operator);
    await tx.audit.append({
      organisationId: null,
      at: now,
      action: 'operator.added',
      actor: 'system',
      details: { operator: operator.id },
    });
  });
}

async function seedDemo({ store, identities, now, providers }: FirstStartOptions): Promise<void> {
  const organisation: OrganisationRecord = {
    id: randomUUID(),
    name: 'Demokommunen',
    support: {
      name: 'Demokommunens kontaktcenter',
      phone: '011-15 00 00',
      email: 'support@demokommunen.example',
      hours: 'vardagar 8–16',
    },
    providers: [...providers],
    retention: FIRST_RETENTION,
    keepEvidence: false,
    roomPackage: { 5: 6, 25: 2, 50: 0, 100: 0 },
    active: true,
    createdAt: now,
  };
  const person = newOrganiser(
    identities,
    organisation.id,
    {
      ...DEMO_PERSON,
      email: 'anna.andersson@demokommunen.example',
      hsaId: null,
      roles: ['organiser', 'administrator', 'operator'],
    },
    now,
  );
  const type = (
    name: string,
    settings: Pick<MeetingTypeRecord, 'approvedClass' | 'minimumAssurance' | 'endToEndEncryption'>,
  ): MeetingTypeRecord => ({
    id: randomUUID(),
    organisationId: organisation.id,
    name,
    ...settings,
    active: true,
    createdAt: now,
  });
  const types = [
    type('Rådgivning', {
      approvedClass: { confidentiality: 2, integrity: 2, availability: 2 },
      minimumAssurance: 'low',
      endToEndEncryption: 'required',
    }),
    type('Utredningssamtal och SIP', {
      approvedClass: { confidentiality: 3, integrity: 3, availability: 2 },
      minimumAssurance: 'substantial',
      endToEndEncryption: 'required',
    }),
  ];
  await store.transaction(async (tx) => {
    if (!(await tx.organisers.isEmpty())) return;
    await tx.organisations.insert(organisation);
    await tx.organisers.insert(person);
    for (const [name, capacity] of [
      ['Samtalsrummet', 5],
      ['Stora rummet', 25],
    ] as const) {
      await tx.rooms.insert({
        id: randomUUID(),
        organisationId: organisation.id,
        organiserId: person.id,
        name,
        capacity,
        active: true,
        createdAt: now,
      });
    }
    for (const record of types) await tx.meetingTypes.insert(record);
    await tx.audit.append({
      organisationId: organisation.id,
      at: now,
      action: 'organisation.seeded',
      actor: 'system',
      details: { organisation: organisation.id },
    });
  });
}
