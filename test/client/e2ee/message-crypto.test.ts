import t from 'tap';
import {
  createDocumentKey,
  openDocument,
  PIECE_LENGTH,
  sealDocument,
  sealedLength,
} from '#src/client/e2ee/document-crypto.js';
import { MAX_TEXT_BYTES, MessageCrypto } from '#src/client/e2ee/message-crypto.js';
import { createRoomKey, keyIdOf } from '#src/client/e2ee/room-secret.js';

const members = ['anna', 'bo'].map((peerId, index) => ({
  peerId,
  publicKey: new Uint8Array(65).fill(index),
}));

async function newEpoch() {
  const { key } = await createRoomKey();
  return { keyId: await keyIdOf(key), roomKey: key, members };
}

t.test('messages arrive once, in order, unchanged, from whom they say', async (t) => {
  const epoch = await newEpoch();
  const [anna, bo] = [new MessageCrypto('room'), new MessageCrypto('room')];
  const first = await anna.seal(epoch, 'anna', 'chat', 'Hej ❤');
  const second = await anna.seal(epoch, 'anna', 'chat', 'två');
  t.same(await bo.open([epoch], 'anna', 'chat', first.payload), { text: 'Hej ❤', id: first.id });
  t.same(await bo.open([epoch], 'anna', 'chat', first.payload), { refused: 'replayed' });
  t.match(await bo.open([epoch], 'anna', 'chat', second.payload), { text: 'två' });
  const third = await anna.seal(epoch, 'anna', 'chat', 'three');
  const fourth = await anna.seal(epoch, 'anna', 'chat', 'four');
  t.same(await bo.open([epoch], 'bo', 'chat', third.payload), { refused: 'forged' }, 'of another sender');
  t.same(await bo.open([epoch], 'anna', 'document', third.payload), { refused: 'forged' }, 'of another kind');
  t.same(await new MessageCrypto('other').open([epoch], 'anna', 'chat', third.payload), {
    refused: 'forged',
  });
  t.same(await bo.open([epoch], 'cleo', 'chat', third.payload), { refused: 'stranger' });
  t.same(await bo.open([], 'anna', 'chat', third.payload), { unknownKey: epoch.keyId });
  t.match(await bo.open([epoch], 'anna', 'chat', fourth.payload), { text: 'four' });
  t.same(await bo.open([epoch], 'anna', 'chat', third.payload), { refused: 'replayed' }, 'none from behind');
  for (const bad of ['', '{}', 'null', '{"v":1,"k":1,"n":-1,"c":""}', '{"v":1,"k":1,"n":0,"c":"?"}']) {
    t.same(await bo.open([epoch], 'anna', 'chat', bad), { refused: 'malformed' });
  }
  const fifth = JSON.parse((await anna.seal(epoch, 'anna', 'chat', 'x')).payload) as { n: number; c: string };
  for (let at = 0; at < fifth.c.length; at++) {
    const changed = {
      ...fifth,
      c: fifth.c.slice(0, at) + (fifth.c[at] === 'A' ? 'B' : 'A') + fifth.c.slice(at + 1),
    };
    const opened = await bo.open([epoch], 'anna', 'chat', JSON.stringify(changed));
    // The bits of the last character that carry nothing may change.
    if ('text' in opened && at < fifth.c.length - 3) t.fail(`character ${at} was changed unnoticed`);
  }
  await t.rejects(anna.seal(epoch, 'anna', 'chat', 'x'.repeat(MAX_TEXT_BYTES + 1)), RangeError);
  await t.rejects(anna.seal(epoch, 'cleo', 'chat', 'x'));
});

t.test('documents of every length come back, with progress', async (t) => {
  const key = createDocumentKey();
  for (const length of [0, 1, PIECE_LENGTH - 1, PIECE_LENGTH, PIECE_LENGTH + 1, 3 * PIECE_LENGTH]) {
    const bytes = new Uint8Array(length).map((_, index) => index * 31);
    const progress: number[] = [];
    const sealed = await sealDocument(new Blob([bytes]), key, (done) => progress.push(done));
    t.equal(sealed.size, sealedLength(length));
    t.equal(progress.at(-1), length);
    const opened = await openDocument(sealed, key, { type: 'text/plain' });
    t.equal(opened.type, 'text/plain');
    t.equal(Buffer.compare(Buffer.from(await opened.arrayBuffer()), bytes), 0, `${length} bytes`);
  }
});

t.test('a document that was changed, cut, reordered or sealed for others does not open', async (t) => {
  const key = createDocumentKey();
  const sealed = await sealDocument(new Blob([new Uint8Array(3 * PIECE_LENGTH)]), key);
  const [header, step] = [8, PIECE_LENGTH + 16];
  const piece = (index: number): Blob => sealed.slice(header + index * step, header + (index + 1) * step);
  const head = sealed.slice(0, header);
  await openDocument(new Blob([head, piece(0), piece(1), piece(2)]), key);
  const bad: [string, Blob][] = [
    ['without its end', new Blob([head, piece(0), piece(1)])],
    ['cut inside', sealed.slice(0, sealed.size - 1)],
    ['with two exchanged', new Blob([head, piece(1), piece(0), piece(2)])],
    ['with one missing', new Blob([head, piece(0), piece(2)])],
    ['with one more', new Blob([sealed, piece(2)])],
    ['nothing', new Blob([])],
    ['its header', head],
  ];
  for (const [name, blob] of bad)
    await t.rejects(openDocument(blob, key), { code: 'document-damaged' }, name);
  const bytes = new Uint8Array(await sealed.arrayBuffer());
  for (const at of [0, 1, 7, 8, 100, header + step, bytes.length - 1]) {
    const changed = bytes.slice();
    changed[at] ^= 1;
    await t.rejects(openDocument(new Blob([changed]), key), { code: 'document-damaged' }, `byte ${at}`);
  }
  await t.rejects(openDocument(sealed, createDocumentKey()), { code: 'document-damaged' });
  await t.rejects(openDocument(sealed, 'AAAA'), { code: 'document-damaged' });
});
