/** The tables of the first version. Text, whole numbers and nothing else: what both databases keep alike. */
import { sql, type CreateTableBuilder, type Kysely } from 'kysely';
import type { Migration } from './migrate.js';

export const first: Migration = { version: 1, name: 'first', up };

async function up(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  await organisationTables(db);
  await meetingTables(db);
  await serviceTables(db);
  await auditTables(db);
  await (kind === 'sqlite' ? sqliteAuditTriggers(db) : postgresAuditTriggers(db));
}

async function organisationTables(db: Kysely<unknown>): Promise<void> {
  await columns(db, 'organisations', {
    text: ['name', 'support', 'providers', 'retention', 'roomPackage'],
    whole: ['keepEvidence', 'active', 'createdAt'],
  }).execute();
  await columns(db, 'organisers', {
    text: ['name', 'email', 'roles'],
    textOrNull: ['personalNumberHash', 'hsaIdHash'],
    whole: ['active', 'createdAt'],
  })
    .addColumn('organisationId', 'text', (column) => column.references('organisations.id'))
    .execute();
  for (const column of ['email', 'personalNumberHash', 'hsaIdHash']) {
    await db.schema
      .createIndex(`organisers_${column}_unique`)
      .on('organisers')
      .column(column)
      .unique()
      .where(sql.ref('active'), '=', sql.lit(1))
      .execute();
  }
  await columns(db, 'rooms', { text: ['name'], whole: ['capacity', 'active', 'createdAt'] })
    .addColumn('organisationId', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('organiserId', 'text', (column) => column.notNull().references('organisers.id'))
    .execute();
  await columns(db, 'meetingTypes', {
    text: ['name', 'approvedClass', 'minimumAssurance', 'endToEndEncryption'],
    whole: ['active', 'createdAt'],
  })
    .addColumn('organisationId', 'text', (column) => column.notNull().references('organisations.id'))
    .execute();
  await columns(db, 'apiKeys', {
    text: ['name', 'keyHash'],
    whole: ['createdAt'],
    wholeOrNull: ['lastUsedAt'],
  })
    .addColumn('organisationId', 'text', (column) => column.notNull().references('organisations.id'))
    .execute();
  await index(db, 'rooms', 'organisationId');
  await index(db, 'meetingTypes', 'organisationId');
  await index(db, 'organisers', 'organisationId');
  await unique(db, 'apiKeys', 'keyHash');
}

async function meetingTables(db: Kysely<unknown>): Promise<void> {
  await columns(db, 'meetings', {
    text: [
      ...['title', 'kind', 'status', 'message', 'minimumAssurance', 'endToEndEncryption'],
      ...['informationClass', 'assessment'],
    ],
    textOrNull: ['seriesId', 'payment'],
    whole: ['startsAt', 'durationMinutes', 'createdAt', 'version'],
    wholeOrNull: ['endedAt'],
  })
    .addColumn('organisationId', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('organiserId', 'text', (column) => column.notNull().references('organisers.id'))
    .addColumn('roomId', 'text', (column) => column.notNull().references('rooms.id'))
    .addColumn('meetingTypeId', 'text', (column) => column.notNull().references('meetingTypes.id'))
    .execute();
  await index(db, 'meetings', 'organisationId', 'startsAt');
  await index(db, 'meetings', 'organiserId', 'startsAt');
  await index(db, 'meetings', 'roomId', 'startsAt');
  await index(db, 'meetings', 'seriesId');

  await ofMeeting(
    columns(db, 'invitations', {
      text: ['name', 'role', 'via', 'language', 'tokenHash', 'delivery'],
      textOrNull: ['email', 'phone', 'subjectHash'],
      whole: ['createdAt'],
      wholeOrNull: ['deliveredAt', 'revokedAt'],
    }),
  ).execute();
  await index(db, 'invitations', 'meetingId');
  await index(db, 'invitations', 'subjectHash');
  await unique(db, 'invitations', 'tokenHash');

  await ofMeeting(
    columns(db, 'participants', {
      text: ['displayName', 'role', 'state', 'provider', 'assurance'],
      textOrNull: ['subjectHash', 'evidenceHash', 'evidence', 'sessionHash'],
      whole: ['verifiedAt'],
      wholeOrNull: ['admittedAt', 'leftAt'],
    }),
  )
    .addColumn('invitationId', 'text', (column) => column.references('invitations.id').onDelete('cascade'))
    .addColumn('organiserId', 'text', (column) => column.references('organisers.id'))
    .execute();
  await unique(db, 'participants', 'invitationId');
  await unique(db, 'participants', 'meetingId', 'subjectHash');
  await index(db, 'participants', 'subjectHash');
  await index(db, 'participants', 'sessionHash');

  await db.schema
    .createTable('lobbies')
    .addColumn('meetingId', 'text', (column) =>
      column.primaryKey().references('meetings.id').onDelete('cascade'),
    )
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('updatedAt', 'bigint', (column) => column.notNull())
    .execute();

  await ofMeeting(
    columns(db, 'payments', {
      text: ['provider', 'currency', 'state'],
      textOrNull: ['reference'],
      whole: ['amount', 'createdAt', 'updatedAt'],
    }),
  )
    .addColumn('invitationId', 'text', (column) =>
      column.notNull().references('invitations.id').onDelete('cascade'),
    )
    .execute();
  await index(db, 'payments', 'meetingId');
  await unique(db, 'payments', 'provider', 'reference');
}

async function serviceTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('idHash', 'text', (column) => column.primaryKey())
    .addColumn('identity', 'text')
    .addColumn('organiserId', 'text', (column) => column.references('organisers.id'))
    .addColumn('language', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('lastSeenAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .execute();
  await index(db, 'sessions', 'expiresAt');
  await db.schema
    .createTable('settings')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  await columns(db, 'outbox', {
    text: ['channel', 'recipient', 'state'],
    textOrNull: ['content', 'lastError'],
    whole: ['attempts', 'nextAttemptAt', 'createdAt'],
    wholeOrNull: ['doneAt'],
  })
    .addColumn('meetingId', 'text', (column) => column.references('meetings.id').onDelete('cascade'))
    .addColumn('invitationId', 'text', (column) => column.references('invitations.id').onDelete('cascade'))
    .execute();
  await index(db, 'outbox', 'state', 'nextAttemptAt');
  await index(db, 'outbox', 'meetingId');
}

async function auditTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('meetingId', 'text')
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('previousHash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_key', ['chain', 'sequence'])
    .execute();
  await index(db, 'audit', 'chain', 'at');
  await index(db, 'audit', 'meetingId');
  await db.schema
    .createTable('auditHeads')
    .addColumn('chain', 'text', (column) => column.primaryKey())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('prunedSequence', 'bigint', (column) => column.notNull())
    .addColumn('prunedHash', 'text', (column) => column.notNull())
    .execute();
}

/** Entries do not change, and only what retention has declared removed may go: a slip in code or by hand is refused. */
async function sqliteAuditTriggers(db: Kysely<unknown>): Promise<void> {
  await sql`create trigger audit_no_update before update on audit
    begin select raise(abort, 'the audit log is append-only'); end`.execute(db);
  await sql`create trigger audit_no_delete before delete on audit
    when old.sequence > coalesce((select pruned_sequence from audit_heads where chain = old.chain), 0)
    begin select raise(abort, 'the audit log is append-only'); end`.execute(db);
}

async function postgresAuditTriggers(db: Kysely<unknown>): Promise<void> {
  await sql`create function audit_refuse() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and old.sequence <= coalesce(
        (select pruned_sequence from audit_heads where chain = old.chain), 0) then return old; end if;
      raise exception 'the audit log is append-only';
    end $$`.execute(db);
  await sql`create trigger audit_no_change before update or delete on audit
    for each row execute function audit_refuse()`.execute(db);
  await sql`create trigger audit_no_truncate before truncate on audit
    for each statement execute function audit_refuse()`.execute(db);
}

interface Columns {
  text?: readonly string[];
  textOrNull?: readonly string[];
  whole?: readonly string[];
  wholeOrNull?: readonly string[];
}

function columns(db: Kysely<unknown>, table: string, of: Columns): CreateTableBuilder<string, string> {
  let builder: CreateTableBuilder<string, string> = db.schema
    .createTable(table)
    .addColumn('id', 'text', (column) => column.primaryKey());
  for (const name of of.text ?? []) builder = builder.addColumn(name, 'text', (column) => column.notNull());
  for (const name of of.textOrNull ?? []) builder = builder.addColumn(name, 'text');
  for (const name of of.whole ?? [])
    builder = builder.addColumn(name, 'bigint', (column) => column.notNull());
  for (const name of of.wholeOrNull ?? []) builder = builder.addColumn(name, 'bigint');
  return builder;
}

function ofMeeting(builder: CreateTableBuilder<string, string>): CreateTableBuilder<string, string> {
  return builder.addColumn('meetingId', 'text', (column) =>
    column.notNull().references('meetings.id').onDelete('cascade'),
  );
}

async function index(db: Kysely<unknown>, table: string, ...names: string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${names.join('_')}`)
    .on(table)
    .columns(names)
    .execute();
}

async function unique(db: Kysely<unknown>, table: string, ...names: string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${names.join('_')}_unique`)
    .on(table)
    .columns(names)
    .unique()
    .execute();
}
