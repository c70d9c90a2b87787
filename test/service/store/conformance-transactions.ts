/** All or nothing, one after the other, and clear words for those who use them wrongly. */
import fc from 'fast-check';
import { openStore } from '../../../examples/meeting/server/store/store.js';
import { codeOf, type WithStore } from './conformance.js';
import { aMeeting, anOrganisation, aSession, NOW, prepareGround } from './fixtures.js';

export function transactionConformance(withStore: WithStore): void {
  withStore('a transaction that rejects leaves nothing, and passes its error on', async (t, store) => {
    const [kept, dropped] = [anOrganisation(), anOrganisation()];
    const trouble = new Error('changed my mind');
    const work = store.transaction(async (tx) => {
      await tx.organisations.insert(dropped);
      await tx.audit.append({
        organisationId: null,
        at: NOW,
        action: 'organisation.registered',
        actor: 'system',
      });
      t.ok(await tx.organisations.get(dropped.id), 'it sees its own writes');
      throw trouble;
    });
    await t.rejects(work, trouble);
    t.equal(await store.organisations.get(dropped.id), null);
    t.same(await store.audit.list({ organisationId: null }), []);
    const answer = await store.transaction(async (tx) => {
      await tx.organisations.insert(kept);
      return 42;
    });
    t.equal(answer, 42);
    t.same(await store.organisations.get(kept.id), kept);
  });

  withStore('transactions run one after the other: what they read stays true', async (t, store) => {
    await store.settings.set('count', 0);
    const add = () =>
      store.transaction(async (tx) => {
        const count = (await tx.settings.get<number>('count')) ?? 0;
        await new Promise((resolve) => setImmediate(resolve));
        await tx.settings.set('count', count + 1);
      });
    await Promise.all(Array.from({ length: 20 }, add));
    t.equal(await store.settings.get('count'), 20);
  });

  withStore(
    'a failed statement spoils its transaction, even when the error is swallowed',
    async (t, store) => {
      const organisation = anOrganisation();
      await store.organisations.insert(organisation);
      let after = '';
      const work = store.transaction(async (tx) => {
        await tx.settings.set('a', 1);
        await codeOf(tx.organisations.insert(organisation));
        after = await codeOf(tx.settings.set('b', 1));
      });
      t.equal(await codeOf(work), 'duplicate');
      t.equal(after, 'misuse');
      t.equal(await store.settings.get('a'), null);
      await store.transaction(async (tx) => {
        t.equal(await codeOf(tx.organisations.update('nobody', { name: '' })), 'not-found');
        await tx.settings.set('c', 1);
      });
      t.equal(await store.settings.get('c'), 1, 'an answer such as not-found spoils nothing');
    },
  );

  withStore('the store itself is refused inside a transaction, and tx after it', async (t, store) => {
    let escaped: Promise<unknown> = Promise.resolve();
    const first = signal();
    await store.transaction(async (tx) => {
      t.equal(await codeOf(store.settings.get('a')), 'misuse');
      t.equal(await codeOf(store.transaction(async () => undefined)), 'misuse');
      escaped = first.given.then(() => tx.settings.set('late', 1));
    });
    first.give();
    t.equal(await codeOf(escaped), 'misuse');
    t.equal(await store.settings.get('late'), null);

    let later: Promise<unknown> = Promise.resolve();
    const second = signal();
    await store.transaction(async () => {
      later = second.given.then(() => store.settings.set('later', 1));
    });
    second.give();
    await later;
    t.equal(
      await store.settings.get('later'),
      1,
      'what a transaction started may use the store once it has ended',
    );
  });

  withStore('a closed store refuses, after it has ended what was under way', async (t, store, place) => {
    const sessions = Array.from({ length: 20 }, () => aSession());
    const writes = sessions.map((session) => store.sessions.insert(session));
    const closing = store.close();
    await Promise.all(writes);
    await closing;
    t.equal(await codeOf(store.settings.get('a')), 'misuse');
    const again = await openStore(place);
    try {
      for (const session of sessions) t.same(await again.sessions.get(session.idHash), session);
    } finally {
      await again.close();
    }
  });

  withStore('any text comes back as it was', async (t, store) => {
    const ground = await prepareGround(store);
    const meeting = await store.meetings.insert(aMeeting(ground));
    let { version } = meeting;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 60 }), async (text) => {
        const clean = text.replaceAll('\0', '');
        const assessment = { ...meeting.assessment, justification: text };
        const saved = await store.meetings.update(meeting.id, version, { title: clean, assessment });
        version = saved.version;
        return saved.title === clean && saved.assessment.justification === text;
      }),
      { numRuns: 40 },
    );
    await t.rejects(store.settings.set('nul\0', 1), 'a NUL is refused, not cut');
    t.equal(await store.settings.get('nul'), null);
  });
}

/** What waits for it goes on where it began to wait: inside of a transaction that may have ended meanwhile. */
function signal(): { given: Promise<void>; give: () => void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give: () => give() };
}
