/** Chat and shared documents of a meeting, without a browser: WebCrypto is Node's own. */
import t from 'tap';
import type { RemotePeer } from '#src/client/index.js';
import { createDocumentKey, sealDocument } from '#src/client/e2ee/document-crypto.js';
import { Chat } from '../../../examples/meeting/web/meeting/model/chat.js';
import type { DocumentTransfer } from '../../../examples/meeting/web/meeting/model/document-transfer.js';
import {
  type DocumentOffer,
  openMessages,
  parseMessage,
  readOffer,
} from '../../../examples/meeting/web/meeting/model/messages.js';
import {
  safeType,
  SharedDocuments,
  shownFileName,
} from '../../../examples/meeting/web/meeting/model/shared-documents.js';
import { MAX_DOCUMENT_BYTES } from '../../../examples/meeting/shared/api.js';

const anna = { id: 'peer-anna', name: 'Anna' };
const refusal = (code: string) => Object.assign(new Error(code), { code });
/** Until what was begun is done: everything here is done within promises. */
const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('chat: a line shows at once and tells how it goes with it', async (t) => {
  let failing: Error | null = refusal('connection-lost');
  const sent: string[] = [];
  const chat = new Chat(
    async (text) => {
      if (failing) throw failing;
      sent.push(text);
    },
    () => 7,
  );
  t.equal(chat.send('  \n'), false);
  t.equal(chat.send(' Hej '), true);
  t.match(chat.lines.value, [{ from: null, text: 'Hej', at: 7, state: 'sending' }]);
  await settled();
  t.equal(chat.lines.value[0].state, 'failed');
  failing = null;
  await chat.retry(chat.lines.value[0].id);
  t.equal(chat.lines.value[0].state, 'sent');
  await chat.retry(chat.lines.value[0].id);
  t.same(sent, ['Hej'], 'what is there is not sent again');
});

t.test('chat: without a key it waits for one, in order', async (t) => {
  let key = false;
  const sent: string[] = [];
  const chat = new Chat(async (text) => {
    if (!key) throw refusal('no-key');
    sent.push(text);
  });
  chat.send('one');
  chat.send('two');
  await settled();
  t.same(
    chat.lines.value.map(({ state }) => state),
    ['waiting', 'waiting'],
  );
  key = true;
  await chat.sendWaiting();
  t.same(sent, ['one', 'two']);
  t.same(
    chat.lines.value.map(({ state }) => state),
    ['sent', 'sent'],
  );
});

t.test('chat: unread until it is shown, and nothing twice', async (t) => {
  const chat = new Chat(async () => undefined);
  t.equal(chat.receive(anna, 'Hej', 'm1'), true);
  t.equal(chat.receive(anna, 'Hej', 'm1'), false);
  t.equal(chat.unread.value, 1);
  chat.show(true);
  t.equal(chat.unread.value, 0);
  chat.receive(anna, 'igen', 'm2');
  t.equal(chat.unread.value, 0);
  chat.show(false);
  chat.receive(anna, 'och igen', 'm3');
  t.equal(chat.unread.value, 1);
});

/** Two ends of a plain room. */
function plainRoom(): { send: ReturnType<typeof openMessages>; heard: unknown[]; deliver: Deliver } {
  const heard: unknown[] = [];
  let listener: ((peer: RemotePeer, topic: string, payload: string) => void) | undefined;
  const deliver: Deliver = (topic, payload) =>
    listener?.({ id: 'peer', displayName: 'Peer' } as RemotePeer, topic, payload);
  const client = {
    on: (_event: 'message', heardBy: typeof listener) => void (listener = heardBy),
    sendMessage: async (topic: string, payload: string) => (deliver(topic, payload), 1),
  };
  const send = openMessages(client as never, null, {
    chat: (peer, text) => heard.push(`${peer.displayName}: ${text}`),
    document: (_peer, offer) => heard.push(offer),
  });
  return { send, heard, deliver };
}

type Deliver = (topic: string, payload: string) => void;

const offer: DocumentOffer = { id: 'd1', name: 'a.pdf', type: 'application/pdf', size: 3, key: 'k' };

t.test(
  'messages of a meeting without encryption: what comes is parsed, nonsense is passed over',
  async (t) => {
    const { send, heard, deliver } = plainRoom();
    await send.sendChat('Hej');
    await send.offerDocument(offer);
    t.same(heard, ['Peer: Hej', offer]);
    heard.length = 0;
    for (const payload of [
      '',
      '{',
      'null',
      '{"v":2,"id":"x","content":"y"}',
      '{"v":1,"id":7,"content":"y"}',
    ]) {
      t.equal(parseMessage(payload), null);
      deliver('meeting.chat', payload);
    }
    deliver('meeting.chat', JSON.stringify({ v: 1, id: 'x', content: { not: 'text' } }));
    deliver('meeting.document', JSON.stringify({ v: 1, id: 'x', content: 'text' }));
    deliver('other', JSON.stringify({ v: 1, id: 'x', content: 'text' }));
    t.same(heard, []);
    for (const wrong of [
      { size: -1 },
      { size: 1.5 },
      { size: '3' },
      { id: 1 },
      { name: null },
      { key: undefined },
    ])
      t.equal(readOffer({ ...offer, ...wrong }), null);
  },
);

/** Keeps what is uploaded; `hold` keeps transfers from ending. */
class Shelf implements DocumentTransfer {
  readonly stored = new Map<string, Blob>();
  failure: Error | null = null;
  hold = false;

  async upload(sealed: Blob, progress: (share: number) => void, signal: AbortSignal): Promise<string> {
    if (this.failure) throw this.failure;
    progress(0.5);
    if (this.hold) await aborted(signal);
    const id = `stored ${this.stored.size + 1}`;
    this.stored.set(id, sealed);
    progress(1);
    return id;
  }

  async download(id: string, size: number, progress: (share: number) => void): Promise<Blob> {
    if (this.failure) throw this.failure;
    const sealed = this.stored.get(id)!;
    if (sealed.size > size) throw refusal('bad-answer');
    progress(1);
    return sealed;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')));
  });
}

function desk(shelf: Shelf): {
  documents: SharedDocuments;
  offers: DocumentOffer[];
  saved: [string, Blob][];
} {
  const offers: DocumentOffer[] = [];
  const saved: [string, Blob][] = [];
  const documents = new SharedDocuments({
    transfer: shelf,
    offer: async (given) => void offers.push(given),
    save: (blob, name) => void saved.push([name, blob]),
  });
  return { documents, offers, saved };
}

async function until(documents: SharedDocuments, state: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const unsubscribe = documents.list.subscribe((list) => {
      if (list.at(-1)?.state !== state) return;
      setImmediate(() => (unsubscribe(), resolve()));
    });
  });
}

t.test('documents: sealed on their way, opened by whoever has the offer', async (t) => {
  const shelf = new Shelf();
  const sender = desk(shelf);
  const receiver = desk(shelf);
  t.equal(
    sender.documents.share(new File(['the very words'], 'beslut.pdf', { type: 'application/pdf' })),
    null,
  );
  await until(sender.documents, 'shared');
  t.match(sender.offers, [{ id: 'stored 1', name: 'beslut.pdf', type: 'application/pdf', size: 14 }]);
  t.notMatch(await shelf.stored.get('stored 1')!.text(), /the very words/, 'the server has other bytes');

  t.equal(receiver.documents.receive(anna, sender.offers[0]), true);
  t.equal(receiver.documents.receive(anna, sender.offers[0]), false, 'once');
  t.equal(receiver.documents.unread.value, 1);
  const [{ id }] = receiver.documents.list.value;
  await receiver.documents.fetch(id);
  t.match(receiver.documents.list.value, [{ state: 'saved', name: 'beslut.pdf' }]);
  t.equal(receiver.saved[0][0], 'beslut.pdf');
  t.equal(await receiver.saved[0][1].text(), 'the very words');
  t.equal(receiver.saved[0][1].type, 'application/pdf');

  await sender.documents.again(sender.documents.list.value[0].id);
  t.same(sender.offers[1], sender.offers[0], 'for those who came later the same document, not sent anew');
  t.equal(shelf.stored.size, 1);
});

t.test('documents: too large, empty, cancelled, refused, and once more', async (t) => {
  const shelf = new Shelf();
  const { documents, offers } = desk(shelf);
  t.equal(documents.share(new File([], 'tom.txt')), 'empty');
  t.equal(documents.share({ size: MAX_DOCUMENT_BYTES + 1, name: 'stor.mov' } as File), 'too-big');
  t.equal(documents.list.value.length, 0);

  shelf.hold = true;
  documents.share(new File(['x'], 'x.txt'));
  const [{ id }] = documents.list.value;
  while (documents.list.value[0].progress < 0.5) await settled();
  documents.cancel(id);
  await until(documents, 'cancelled');
  t.same(offers, []);
  shelf.hold = false;
  shelf.failure = refusal('limit-reached');
  await documents.again(id);
  t.match(documents.list.value, [{ state: 'failed', trouble: 'limit-reached' }]);
  shelf.failure = null;
  await documents.again(id);
  t.match(documents.list.value, [{ state: 'shared', trouble: null }]);
  t.equal(offers.length, 1);
});

t.test('documents: what was changed on the way does not open and is not saved', async (t) => {
  const shelf = new Shelf();
  const { documents, saved } = desk(shelf);
  const key = createDocumentKey();
  const sealed = new Uint8Array(await (await sealDocument(new Blob(['words']), key)).arrayBuffer());
  sealed[sealed.length - 1] ^= 1;
  shelf.stored.set('d', new Blob([sealed]));
  documents.receive(anna, { id: 'd', name: 'a.txt', type: 'text/plain', size: 5, key });
  await documents.fetch(documents.list.value[0].id);
  t.match(documents.list.value, [{ state: 'failed', trouble: 'broken' }]);
  t.same(saved, []);
  t.equal(documents.receive(anna, { ...offer, size: MAX_DOCUMENT_BYTES + 1 }), false, 'too large to be one');
});

t.test('names of files: as they may be shown and saved', async (t) => {
  t.equal(shownFileName('../../etc/passwd'), 'passwd');
  t.equal(shownFileName('C:\\temp\\beslut.pdf'), 'beslut.pdf');
  t.equal(
    shownFileName('gpj.\u202Eexe.\u0000pdf'),
    'gpj.exe.pdf',
    'nothing turns the reading direction round',
  );
  t.equal(shownFileName('..'), 'dokument');
  t.equal(shownFileName(' '), 'dokument');
  t.equal(shownFileName(`${'a'.repeat(300)}.pdf`).length, 120);
  t.match(shownFileName(`${'a'.repeat(300)}.pdf`), /a\.pdf$/);
  t.same(['application/pdf', 'text/html', 'image/svg+xml', '', 'image/png'].map(safeType), [
    'application/pdf',
    'application/octet-stream',
    'application/octet-stream',
    'application/octet-stream',
    'image/png',
  ]);
});
