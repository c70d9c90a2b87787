/** The audit log: in one transaction with what it tells of, free of personal data, and not to be altered unseen. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { auditHash } from '../../../examples/meeting/server/store/audit-chain.js';
import {
  openStore,
  type AuditRecord,
  type AuditVerdict,
  type OpenStoreOptions,
  type Store,
} from '../../../examples/meeting/server/store/store.js';
import { codeOf, type WithStore } from './conformance.js';
import { anOrganisation, NOW } from './fixtures.js';
import { dropAuditTriggers, rawSql } from './raw-sql.js';

const ENTRIES = 12;

export function auditConformance(withStore: WithStore): void {
  withStore('audit: one chain for each organisation, read by time, meeting and page', async (t, store) => {
    const [one, two] = [randomUUID(), randomUUID()];
    const meetingId = randomUUID();
    for (let n = 0; n < 5; n++) {
      for (const organisationId of [one, two, null]) {
        await store.audit.append({
          organisationId,
          at: NOW + n,
          action: 'participant.admitted',
          actor: `organiser:${one}`,
          meetingId: n % 2 === 0 ? meetingId : null,
          details: { provider: 'bankid', assurance: 'substantial', place: n, first: n === 0, by: null },
        });
      }
    }
    const entries = await store.audit.list({ organisationId: one });
    t.same(sequences(entries), [1, 2, 3, 4, 5]);
    t.equal(entries[0].previousHash, '0'.repeat(64));
    for (const [index, { hash, ...entry }] of entries.entries()) {
      t.equal(hash, auditHash(entry));
      if (index > 0) t.equal(entry.previousHash, entries[index - 1].hash);
    }
    t.same(entries[0].details, {
      provider: 'bankid',
      assurance: 'substantial',
      place: 0,
      first: true,
      by: null,
    });
    t.same(sequences(await store.audit.list({ organisationId: null, meetingId })), [1, 3, 5]);
    t.same(sequences(await store.audit.list({ organisationId: one, from: NOW + 1, to: NOW + 3 })), [2, 3]);
    t.same(sequences(await store.audit.list({ organisationId: one, afterSequence: 2, limit: 2 })), [3, 4]);
    const lines: unknown[] = [];
    for await (const line of store.audit.export({ organisationId: two })) lines.push(JSON.parse(line));
    t.same(lines, await store.audit.list({ organisationId: two }));
    t.same(await store.audit.verify(), { intact: true, entries: 15, problem: null });
    t.same(await store.audit.verify(null), { intact: true, entries: 5, problem: null });
    t.same(await store.audit.verify(randomUUID()), { intact: true, entries: 0, problem: null });
  });

  withStore(
    'audit: many at once keep one order, and an export of many pages has each once',
    async (t, store) => {
      await store.transaction(async (tx) => {
        for (let n = 0; n < 1050; n++) await tx.audit.append(entryNumber(n));
      });
      await Promise.all(Array.from({ length: 20 }, (_, n) => store.audit.append(entryNumber(n))));
      const lines: AuditRecord[] = [];
      for await (const line of store.audit.export({ organisationId: null }))
        lines.push(JSON.parse(line) as AuditRecord);
      t.same(
        sequences(lines),
        Array.from({ length: 1070 }, (_, n) => n + 1),
      );
      const [verdict] = await Promise.all([store.audit.verify(), store.audit.append(entryNumber(0))]);
      t.equal(verdict.intact, true, 'also while it grows');
    },
  );

  withStore('audit: the newest, and page by page backwards', async (t, store) => {
    for (let n = 1; n <= 7; n++) await store.audit.append(entryNumber(n));
    const newest = await store.audit.list({ organisationId: null, beforeSequence: Infinity, limit: 3 });
    t.same(sequences(newest), [5, 6, 7]);
    const page = await store.audit.list({ organisationId: null, beforeSequence: 5, limit: 3 });
    t.same(sequences(page), [2, 3, 4]);
    t.same(sequences(await store.audit.list({ organisationId: null, beforeSequence: 2, limit: 3 })), [1]);
  });

  withStore('audit: only what is new is reckoned from where it was good', async (t, store, place) => {
    await fill(store);
    const { last, ...first } = await store.audit.verifySince(null, null);
    t.same(first, { intact: true, entries: ENTRIES, problem: null });
    t.equal(last.sequence, ENTRIES);
    t.match(await store.audit.verifySince(null, last), { intact: true, entries: 0, last });
    await store.audit.append(entryNumber(99));
    const next = await store.audit.verifySince(null, last);
    t.match(next, { intact: true, entries: 1, last: { sequence: ENTRIES + 1 } });
    t.match(
      await store.audit.verifySince(null, { ...last, hash: 'f'.repeat(64) }),
      { intact: false, problem: { sequence: ENTRIES } },
      'a log written anew does not hold the hash that was kept',
    );
    await store.close();
    await rawSql(
      place,
      ...dropAuditTriggers(place),
      `update audit set actor = 'x' where sequence = ${ENTRIES + 1}`,
    );
    const again = await openStore(place);
    try {
      t.match(await again.audit.verifySince(null, last), {
        intact: false,
        problem: { sequence: ENTRIES + 1 },
      });
    } finally {
      await again.close();
    }
  });

  withStore('audit: nothing that tells who a person is gets in', async (t, store) => {
    const refused = async (details: Record<string, string | number>) =>
      codeOf(store.audit.append({ ...entryNumber(1), details }));
    for (const number of ['198001012389', '8001012389', '19800101-2389', '800101+2389', 'pnr:198001012389']) {
      t.equal(await refused({ subject: number }), 'personal-data', number);
    }
    t.equal(await refused({ subject: 198001012389 }), 'personal-data');
    t.equal(await refused({ subject: 8001012389 }), 'personal-data');
    t.equal(await refused({ who: 'anna@example.org' }), 'personal-data');
    t.equal(await refused({ who: 'Anna Andersson' }), 'personal-data');
    const actor = '198001012389';
    t.equal(await codeOf(store.audit.append({ ...entryNumber(1), actor })), 'personal-data');
    t.equal(await codeOf(store.audit.append({ ...entryNumber(1), meetingId: actor })), 'personal-data');
    const action = 'Admitted 800101-2389';
    t.equal(await codeOf(store.audit.append({ ...entryNumber(1), action })), 'misuse');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 999999 }),
        fc.integer({ min: 0, max: 9999 }),
        async (day, last) => {
          const number = `${String(day).padStart(6, '0')}${String(last).padStart(4, '0')}`;
          const errors = await Promise.all(
            ['', '19', 'x-'].map((prefix) => refused({ ref: prefix + number })),
          );
          return errors.every((code) => code === 'personal-data');
        },
      ),
      { numRuns: 30 },
    );
    t.same(await store.audit.list({ organisationId: null }), [], 'none of it was kept');
    const details = {
      at: NOW,
      id: '12345678-1234-4234-8234-123456789012',
      hash: '1'.repeat(64),
      bytes: 26_214_400,
    };
    await store.audit.append({ ...entryNumber(1), details });
    t.same((await store.audit.list({ organisationId: null }))[0].details, details);
  });

  withStore('audit: the database itself refuses to change entries', async (t, store, place) => {
    await fill(store);
    await store.close();
    for (const statement of [
      `update audit set actor = 'system' where sequence = 3`,
      'delete from audit where sequence = 3',
      'delete from audit',
    ]) {
      await t.rejects(rawSql(place, statement), /append-only/);
    }
    t.equal((await verdictOf(place)).intact, true);
  });

  const tamperings: [name: string, statements: string[], sequence: number][] = [
    ['an edited entry', [`update audit set actor = 'organiser:else' where sequence = 5`], 5],
    ['edited details', [`update audit set details = '{"n":99}' where sequence = 5`], 5],
    ['details that are no JSON', [`update audit set details = '{' where sequence = 5`], 5],
    ['an edited time', [`update audit set at = at + 1 where sequence = 1`], 1],
    ['a removed entry', ['delete from audit where sequence = 5'], 5],
    ['the first removed', ['delete from audit where sequence = 1'], 1],
    ['the last removed', [`delete from audit where sequence = ${ENTRIES}`], ENTRIES],
    ['all removed', ['delete from audit'], 1],
    ['the head removed', ['delete from audit_heads'], 1],
    [
      'two swapped',
      [
        'update audit set sequence = -1 where sequence = 5',
        'update audit set sequence = 5 where sequence = 6',
        'update audit set sequence = 6 where sequence = -1',
      ],
      5,
    ],
    [
      'one put in after the last',
      [
        `insert into audit select chain, ${ENTRIES + 1}, at, action, actor, meeting_id, details, hash, hash
         from audit where sequence = ${ENTRIES}`,
      ],
      ENTRIES + 1,
    ],
    [
      'one put in before the first',
      [
        `insert into audit select chain, 0, at, action, actor, meeting_id, details, hash, hash
         from audit where sequence = 1`,
      ],
      0,
    ],
  ];
  for (const [name, statements, sequence] of tamperings) {
    withStore(`audit: ${name} shows`, async (t, store, place) => {
      await fill(store);
      await store.close();
      await rawSql(place, ...dropAuditTriggers(place), ...statements);
      t.match(await verdictOf(place), { intact: false, problem: { organisationId: null, sequence } });
    });
  }

  withStore('audit: an entry and the change that it tells of are one', async (t, store) => {
    const organisation = anOrganisation();
    const work = store.transaction(async (tx) => {
      await tx.organisations.insert(organisation);
      await tx.audit.append({ ...entryNumber(1), details: { name: '198001012389' } });
    });
    t.equal(await codeOf(work), 'personal-data');
    t.equal(await store.organisations.get(organisation.id), null);
  });
}

function entryNumber(n: number) {
  return { organisationId: null, at: NOW + n, action: 'meeting.booked', actor: 'system', details: { n } };
}

async function fill(store: Store): Promise<void> {
  for (let n = 1; n <= ENTRIES; n++) await store.audit.append(entryNumber(n));
}

async function verdictOf(place: OpenStoreOptions): Promise<AuditVerdict> {
  const store = await openStore(place);
  try {
    return await store.audit.verify();
  } finally {
    await store.close();
  }
}

function sequences(entries: readonly { sequence: number }[]): number[] {
  return entries.map(({ sequence }) => sequence);
}
