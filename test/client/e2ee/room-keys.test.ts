import fc from 'fast-check';
import t from 'tap';
import { toBase64 } from '#src/client/e2ee/bytes.js';
import { Identity } from '#src/client/e2ee/key-exchange.js';
import { parseKeyMessage, writeKeyMessage } from '#src/client/e2ee/key-messages.js';
import { sealEpoch } from '#src/client/e2ee/epoch-message.js';
import { ACTIVATION_MS, GRACE_MS } from '#src/client/e2ee/epoch-book.js';
import { shortCode } from '#src/client/e2ee/short-code.js';
import { disagreement, type Page, RelayWorld, seededRandom } from './relay-world.js';

async function meeting(people: number, seed = 1): Promise<{ world: RelayWorld; pages: Page[] }> {
  const world = new RelayWorld(seededRandom(seed));
  const pages: Page[] = [];
  for (let n = 0; n < people; n++) {
    const page = await world.createPage();
    pages.push(page);
    world.join(page);
    await world.run(1_000);
  }
  await world.run(2_000);
  return { world, pages };
}

t.test('one, two and three people share a key; each newcomer brings another', async (t) => {
  const { world, pages } = await meeting(1);
  const first = pages[0].keys.sending!;
  t.ok(first, 'alone one has a key, too');
  for (const count of [2, 3]) {
    const before = pages[0].keys.sending!.keyId;
    const page = await world.createPage();
    pages.push(page);
    world.join(page);
    await world.run(2_000);
    t.equal(disagreement(world), '', `${count} people`);
    t.not(pages[0].keys.sending!.keyId, before);
    t.notOk(page.had.has(before), 'nothing of before can be read by who came later');
  }
  t.ok(pages[0].keys.epochs.length > 1, 'what is under way can still be read');
  await world.run(GRACE_MS);
  t.equal(pages[0].keys.epochs.length, 1);
  t.equal(pages[0].keys.next, Infinity, 'and then there is nothing to do');
  t.same(
    pages.map(({ keys }) => keys.refused),
    [0, 0, 0],
  );
});

t.test('a newcomer can read after a tenth of a second, and so little longer who left', async (t) => {
  const { world, pages } = await meeting(3);
  world.maxDelayMs = 10;
  const [anna, bo, gone] = pages;
  const newcomer = await world.createPage();
  world.join(newcomer);
  // Announced, hello, and the epoch on its way; then all have it.
  await world.run(3 * 10 + 30);
  t.ok(newcomer.keys.sending);
  await world.run(ACTIVATION_MS);
  t.equal(disagreement(world), '');
  await world.run(2_000);
  world.leave(gone);
  await world.run(2 * 10 + 30 + ACTIVATION_MS);
  t.equal(disagreement(world), '');
  t.notOk(gone.had.has(anna.keys.sending!.keyId));
  t.equal(anna.keys.sending!.keyId, bo.keys.sending!.keyId);
});

t.test('many who come one after the other share: two epochs in half a second and a little', async (t) => {
  const { world, pages } = await meeting(2);
  world.maxDelayMs = 5;
  const { number } = pages[0].keys.newest!;
  for (let n = 0; n < 10; n++) {
    world.join(await world.createPage());
    await world.run(60);
  }
  t.ok(pages[0].keys.newest!.number - number <= 3, `${pages[0].keys.newest!.number - number} epochs`);
  await world.run(1_000);
  t.equal(disagreement(world), '');
  t.ok(pages[0].keys.newest!.number - number <= 4);
});

t.test('who leaves has no part in the next key, whoever it is', async (t) => {
  for (const index of [0, 1, 2, 3]) {
    const { world, pages } = await meeting(4);
    const gone = pages[index];
    const before = gone.keys.sending!.keyId;
    world.leave(gone);
    await world.run(200 + ACTIVATION_MS + 100);
    t.equal(disagreement(world), '', 'the next in line takes over at once');
    const now = world.present[0].keys.sending!;
    t.not(now.keyId, before);
    t.notOk(gone.had.has(now.keyId));
    t.equal(now.makerId, world.present[0].peerId, 'the longest present makes it');
    t.same(world.log.filter(({ to }) => to === gone.peerId && world.now - 700 > 0).length > 0, true);
  }
});

t.test('a host hands out the keys, also one who came later', async (t) => {
  const { world } = await meeting(2);
  const host = await world.createPage(true);
  world.join(host);
  await world.run(2_000);
  t.equal(disagreement(world), '');
  const guest = await world.createPage();
  world.join(guest);
  await world.run(2_000);
  t.equal(guest.keys.sending!.makerId, host.peerId);
});

t.test('when the first in line is silent the next one takes its place', async (t) => {
  const { world, pages } = await meeting(3);
  pages[0].online = false;
  const newcomer = await world.createPage();
  world.join(newcomer);
  await world.run(4_000);
  t.equal(newcomer.keys.sending!.makerId, pages[1].peerId);
  world.resume(pages[0]);
  await world.run(4_000);
  t.equal(disagreement(world), '', 'who was away gets the key');
});

t.test('somebody without encryption holds nobody up', async (t) => {
  const world = new RelayWorld(seededRandom(7));
  const [old, anna, bo] = await Promise.all([world.createPage(true), world.createPage(), world.createPage()]);
  world.tamper = (message) => (message.from === old.peerId ? [] : [message]);
  world.join(old);
  world.join(anna);
  world.join(bo);
  await world.run(5_000);
  t.equal(anna.keys.sending!.keyId, bo.keys.sending!.keyId);
  t.same(anna.keys.silent, [old.peerId]);
  t.same(anna.keys.sending!.members.map(({ peerId }) => peerId).sort(), [anna.peerId, bo.peerId].sort());
});

t.test('the room is one again after anything: loss, reordering, rejoins, dropped sockets', async () => {
  const step = fc.oneof(
    fc.constant({ type: 'join' as const }),
    fc.record({ type: fc.constantFrom('leave', 'rejoin', 'drop', 'resume', 'missing'), who: fc.nat(9) }),
    fc.record({ type: fc.constant('loss' as const), loss: fc.constantFrom(0, 0.2, 0.6) }),
    fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(10, 100, 600, 3_000) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.nat(2 ** 31),
      fc.array(step, { minLength: 3, maxLength: 14 }),
      async (seed, steps) => {
        const world = new RelayWorld(seededRandom(seed));
        world.maxDelayMs = 250;
        world.ordered = seed % 3 === 0;
        world.join(await world.createPage(seed % 2 === 0));
        world.join(await world.createPage());
        const gone: Page[] = [];
        for (const action of steps) {
          const { present } = world;
          const page = 'who' in action ? present[action.who % present.length] : undefined;
          if (action.type === 'join' && present.length < 6) world.join(await world.createPage());
          else if (action.type === 'wait') await world.run((action as { ms: number }).ms);
          else if (action.type === 'loss') world.loss = (action as { loss: number }).loss;
          else if (action.type === 'leave' && present.length > 1) {
            gone.push(page!);
            world.leave(page!);
          } else if (action.type === 'rejoin') world.join(page!);
          else if (action.type === 'drop') page!.online = false;
          else if (action.type === 'resume') world.resume(page!);
          else if (action.type === 'missing') page!.keys.missing(world.now);
        }
        world.loss = 0;
        for (const page of world.present) if (!page.online) world.resume(page);
        // What nobody heard of is noticed when nothing can be read.
        for (let n = 0; n < 30 && disagreement(world) !== ''; n++) {
          await world.run(1_000);
          const keyIds = new Set(world.present.map(({ keys }) => keys.sending?.keyId));
          if (keyIds.size > 1) for (const { keys } of world.present) keys.missing(world.now);
        }
        if (disagreement(world) !== '') throw new Error(disagreement(world));
        for (const page of gone) {
          const { keyId } = world.present[0].keys.sending!;
          if (page.had.has(keyId)) throw new Error(`${page.peerId} has the key`);
        }
        for (const page of world.present) if (page.conflicts.length > 0) throw new Error('a conflict');
      },
    ),
    { numRuns: 40, endOnFailure: true },
  );
});

t.test(
  'a server that replays, reflects and changes messages gets no key accepted that nobody here made',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2 ** 31), async (seed) => {
        const random = seededRandom(seed);
        const world = new RelayWorld(random);
        const pages: Page[] = [];
        const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
        world.tamper = (message) => {
          const out = random() < 0.8 ? [message] : [];
          for (let n = 0; n < 3 && world.log.length > 0; n++) {
            const other = pick(world.log);
            const present = world.present.map(({ peerId }) => peerId);
            const forged = { from: pick(present), to: pick(present), payload: other.payload };
            if (random() < 0.5) forged.payload = change(forged.payload, random);
            // Announcements are not what this is about: those change the code.
            if (parseKeyMessage(forged.payload)?.type === 'epoch') out.push(forged);
          }
          return out;
        };
        for (let n = 0; n < 4; n++) {
          const page = await world.createPage();
          pages.push(page);
          world.join(page);
          await world.run(1_500);
        }
        world.leave(pages[1]);
        await world.run(2_500);
        world.join(pages[2]);
        await world.run(2_500);
        world.tamper = undefined;
        for (let n = 0; n < 20 && disagreement(world) !== ''; n++) {
          await world.run(1_000);
          for (const { keys } of world.present) keys.missing(world.now);
        }
        if (disagreement(world) !== '') throw new Error(disagreement(world));
        const made = new Map(
          pages
            .flatMap((page) => [...page.had.values()].filter((epoch) => page.had.get(epoch.keyId) === epoch))
            .filter((epoch) =>
              pages.some((page) => page.had.get(epoch.keyId) === epoch && isMaker(page, epoch)),
            )
            .map((epoch) => [epoch.keyId, epoch] as const),
        );
        for (const page of pages) {
          for (const epoch of page.had.values()) {
            const original = made.get(epoch.keyId);
            if (!original) throw new Error('a key that nobody made');
            if (names(original) !== names(epoch) || original.number !== epoch.number)
              throw new Error('a changed epoch');
          }
        }
        if (pages[1].had.has(world.present[0].keys.sending!.keyId)) throw new Error('who left has the key');
      }),
      { numRuns: 12, endOnFailure: true },
    );
  },
);

t.test(
  'a substituted key gives another code on each side, and one announced twice is a conflict',
  async (t) => {
    const world = new RelayWorld(seededRandom(3));
    const [anna, bo] = await Promise.all([world.createPage(), world.createPage()]);
    const evil = await Identity.create();
    world.tamper = (message) => {
      const parsed = parseKeyMessage(message.payload);
      if (!parsed || parsed.type === 'epoch') return [message];
      return [{ ...message, payload: writeKeyMessage({ ...parsed, publicKey: evil.publicKey }) }];
    };
    world.join(anna);
    world.join(bo);
    await world.run(8_000);
    const codes = await Promise.all(
      [anna, bo].map(({ keys }) =>
        shortCode(
          'room',
          keys.newest!.members.map(({ publicKey }) => publicKey),
          10,
        ),
      ),
    );
    t.notSame(codes[0], codes[1]);
    t.notOk(anna.keys.sending && bo.had.has(anna.keys.sending.keyId), 'and the server must play both sides');

    const { world: other, pages } = await meeting(2);
    const hello = writeKeyMessage({ type: 'hello', publicKey: evil.publicKey, reply: false, number: 0 });
    other.deliver({ from: pages[1].peerId, to: pages[0].peerId, payload: hello });
    await other.run(1_000);
    t.same(pages[0].conflicts, [pages[1].peerId]);
    t.equal(disagreement(other), '', 'the first one stays');
  },
);

t.test('nobody is in an epoch whom the server has not shown', async (t) => {
  const { world, pages } = await meeting(2);
  const [anna, bo] = pages;
  // The server shows a ghost to Anna alone, who hands out the keys.
  const ghost = await Identity.create();
  anna.keys.peerJoined(world.now, { peerId: 'ghost', host: false });
  const hello = writeKeyMessage({ type: 'hello', publicKey: ghost.publicKey, reply: false, number: 0 });
  await anna.keys.settled();
  anna.keys.receive(world.now, 'ghost', hello);
  await world.run(1_500);
  t.ok(anna.keys.newest!.members.some(({ peerId }) => peerId === 'ghost'));
  t.notOk(bo.keys.epochs.some(({ members }) => members.some(({ peerId }) => peerId === 'ghost')));
  t.ok(bo.keys.refused > 0);
});

t.test('a host who leaves is followed by another host, however short a time that one was here', async (t) => {
  const world = new RelayWorld(seededRandom(11));
  const [first, guest, second] = [
    await world.createPage(true),
    await world.createPage(),
    await world.createPage(true),
  ];
  for (const page of [first, guest, second]) {
    world.join(page);
    await world.run(2_000);
  }
  t.equal(guest.keys.sending!.makerId, first.peerId);
  world.leave(first);
  await world.run(2_000);
  t.equal(disagreement(world), '');
  t.equal(guest.keys.sending!.makerId, second.peerId);
  t.notOk(first.had.has(guest.keys.sending!.keyId));
});

t.test('a key message that the relay loses is asked for and sent again', async (t) => {
  const { world, pages } = await meeting(2);
  const [anna, bo] = pages;
  let lost = 0;
  world.tamper = (message) => {
    const isKey = parseKeyMessage(message.payload)?.type === 'epoch';
    return isKey && message.to === bo.peerId && lost++ === 0 ? [] : [message];
  };
  const cleo = await world.createPage();
  world.join(cleo);
  await world.run(700);
  t.equal(lost, 1);
  t.not(bo.keys.newest!.keyId, anna.keys.newest!.keyId, 'Bo has missed it');
  await world.run(3_000);
  t.equal(disagreement(world), '');
  t.equal(lost, 2);
  const asked = world.log.filter(({ from, payload }) => {
    return from === bo.peerId && parseKeyMessage(payload)?.type === 'ask';
  });
  t.ok(asked.length > 0, 'after asking');
});

t.test(
  'a key of before, of a stranger, or in the name of another is refused, and nothing changes',
  async (t) => {
    const { world, pages } = await meeting(2);
    const [anna, bo] = pages;
    const epochs = world.log.filter(({ payload }) => parseKeyMessage(payload)?.type === 'epoch');
    const cleo = await world.createPage();
    world.join(cleo);
    await world.run(2_000);
    const [{ keyId }, refused] = [bo.keys.sending!, bo.keys.refused];
    const evil = await Identity.create();
    const forged = async (
      maker: string,
      others: { peerId: string; publicKey: Uint8Array<ArrayBuffer> }[],
    ) => {
      const number = bo.keys.sending!.number + 1;
      return (await sealEpoch(evil, { room: 'room', number, selfId: maker, others })).message!;
    };
    const members = [bo, cleo].map(({ peerId, identity }) => ({ peerId, publicKey: identity.publicKey }));
    const old = { ...epochs.find(({ to }) => to === bo.peerId)! };
    const bad = [
      { ...old, from: anna.peerId },
      // Somebody whom the server never showed, as maker and as member.
      { from: 'stranger', to: bo.peerId, payload: await forged('stranger', members) },
      {
        ...{ from: anna.peerId, to: bo.peerId },
        payload: await forged(anna.peerId, [...members, { peerId: 'stranger', publicKey: evil.publicKey }]),
      },
      // In Anna's name, whose key is another.
      { from: anna.peerId, to: bo.peerId, payload: await forged(anna.peerId, members) },
      // For Cleo alone.
      { from: anna.peerId, to: bo.peerId, payload: await forged(anna.peerId, members.slice(1)) },
    ];
    for (const message of bad) world.deliver(message);
    await world.run(2_000);
    t.equal(bo.keys.refused, refused + bad.length);
    t.equal(bo.keys.sending!.keyId, keyId);
    t.equal(disagreement(world), '');
  },
);

t.test('malformed messages are counted and change nothing', async (t) => {
  const { world, pages } = await meeting(2);
  const [anna, bo] = pages;
  const { keyId } = anna.keys.sending!;
  const point = toBase64(new Uint8Array(65).fill(4));
  const payloads = [
    ...[
      '',
      'null',
      '[]',
      '7',
      '{',
      '{"v":1}',
      '{"v":2,"type":"hello"}',
      '{"v":1,"type":"hello","publicKey":"AA=="}',
    ],
    JSON.stringify({ v: 1, type: 'hello', publicKey: point }),
    JSON.stringify({ v: 1, type: 'hello', publicKey: point, number: 0 }),
    writeKeyMessage({ type: 'ask', publicKey: bo.identity.publicKey, number: 2 ** 30, keyId: 0 }),
    JSON.stringify({ v: 1, type: 'ask', publicKey: point, number: -1, keyId: 0 }),
    JSON.stringify({ v: 1, type: 'epoch', number: 0, salt: '', members: [], wrapped: [] }),
    JSON.stringify({
      v: 1,
      type: 'epoch',
      number: 9,
      salt: toBase64(new Uint8Array(32)),
      members: [
        ['a', point],
        ['a', point],
      ],
      wrapped: [],
    }),
    JSON.stringify({
      v: 1,
      type: 'epoch',
      number: 9,
      salt: toBase64(new Uint8Array(32)),
      members: [],
      wrapped: [],
    }),
  ];
  for (const payload of payloads) world.deliver({ from: bo.peerId, to: anna.peerId, payload });
  await world.run(2_000);
  t.equal(anna.keys.refused, payloads.length);
  t.equal(anna.keys.sending!.keyId, keyId);
  fc.assert(
    fc.property(fc.json(), (json) => {
      parseKeyMessage(json);
      return true;
    }),
  );
});

t.test('the code', async (t) => {
  const [a, b, c] = [1, 2, 3].map((fill) => new Uint8Array(65).fill(fill));
  const code = await shortCode('room', [a, b], 10);
  t.match(code.join(' '), /^(\d{5} ){5}\d{5}$/);
  t.same(await shortCode('room', [b, a, a], 10), code, 'in any order');
  t.notSame(await shortCode('room', [a, c], 10), code);
  t.notSame(await shortCode('room', [a, b, c], 10), code);
  t.notSame(await shortCode('other', [a, b], 10), code);
  t.notSame(await shortCode('room', [a, b], 11), code);
  const startedAt = performance.now();
  await shortCode('room', [a, b]);
  t.comment(`${(performance.now() - startedAt).toFixed(0)} ms`);
});

function isMaker(
  page: Page,
  { makerId, members }: { makerId: string; members: { peerId: string; publicKey: Uint8Array }[] },
): boolean {
  const maker = members.find(({ peerId }) => peerId === makerId);
  return maker !== undefined && Buffer.compare(maker.publicKey, page.identity.publicKey) === 0;
}

function names({
  makerId,
  members,
}: {
  makerId: string;
  members: { peerId: string; publicKey: Uint8Array }[];
}): string {
  return `${makerId}: ${members
    .map(({ peerId, publicKey }) => `${peerId} ${publicKey.join()}`)
    .sort()
    .join()}`;
}

/** One character somewhere. */
function change(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  const letters = 'ABCabc0123456789"[]{},';
  return text.slice(0, at) + letters[Math.floor(random() * letters.length)] + text.slice(at + 1);
}
