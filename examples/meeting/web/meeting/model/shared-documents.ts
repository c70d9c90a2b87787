import { signal } from '@preact/signals';
import { createDocumentKey, openDocument, sealDocument, sealedLength } from 'sluss/client/e2ee';
import { MAX_DOCUMENT_BYTES } from '../../../shared/api.js';
import type { DocumentTransfer } from './document-transfer.js';
import type { DocumentOffer } from './messages.js';

/**
 * Of one's own: `sending` (sealing first), `shared`, `failed`, `cancelled`. Of another's: `offered`, `fetching`, `saved`,
 * `failed`.
 */
export type DocumentState = 'sending' | 'shared' | 'offered' | 'fetching' | 'saved' | 'cancelled' | 'failed';

export interface SharedDocument {
  /** In this page. */
  id: string;
  /** Null: shared from here. */
  from: { id: string; name: string } | null;
  name: string;
  /** Bytes. */
  size: number;
  at: number;
  state: DocumentState;
  /** 0 to 1, while `sending` or `fetching`. */
  progress: number;
  /** Why it failed: a code, see `documentTrouble`. */
  trouble: string | null;
}

export type Refusal = 'too-big' | 'empty';

/** Shares of the progress: sealing and opening go fast, the way takes the time. */
const SEALING = 0.1;

interface Parts {
  transfer: DocumentTransfer;
  offer: (offer: DocumentOffer) => Promise<unknown>;
  /** Hands what was fetched to the person. */
  save: (document: Blob, name: string) => void;
  now?: () => number;
}

/** What is shared in the meeting. A document is sealed before it leaves the page; its key goes with the message about it. */
export class SharedDocuments {
  readonly list = signal<readonly SharedDocument[]>([]);
  /** Offered by others while the list was not shown. */
  readonly unread = signal(0);
  readonly #offers = new Map<string, DocumentOffer>();
  readonly #files = new Map<string, File>();
  readonly #running = new Map<string, AbortController>();
  #shown = false;
  #nextId = 1;

  constructor(private readonly parts: Parts) {}

  /** Null: it is on its way. */
  share(file: File): Refusal | null {
    if (file.size > MAX_DOCUMENT_BYTES) return 'too-big';
    if (file.size === 0) return 'empty';
    const id = `own ${this.#nextId++}`;
    this.#files.set(id, file);
    this.#add({
      ...{ id, from: null, name: shownFileName(file.name), size: file.size, at: this.#now() },
      ...{ state: 'sending', progress: 0, trouble: null },
    });
    void this.#send(id, file);
    return null;
  }

  /** False: it was there already, as when its owner shares it again for those who came later. */
  receive(from: { id: string; name: string }, offer: DocumentOffer): boolean {
    const id = `${from.id} ${offer.id}`;
    if (this.#offers.has(id) || offer.size > MAX_DOCUMENT_BYTES) return false;
    this.#offers.set(id, offer);
    this.#add({
      ...{ id, from, name: shownFileName(offer.name), size: offer.size, at: this.#now() },
      ...{ state: 'offered', progress: 0, trouble: null },
    });
    if (!this.#shown) this.unread.value++;
    return true;
  }

  /** Fetches another's document and hands it over. */
  async fetch(id: string): Promise<void> {
    const offer = this.#offers.get(id);
    if (offer === undefined || this.#running.has(id)) return;
    await this.#run(id, 'fetching', 'offered', async (abort) => {
      const sealed = await this.parts.transfer.download(
        offer.id,
        sealedLength(offer.size),
        (share) => this.#change(id, { progress: share * (1 - SEALING) }),
        abort,
      );
      const opened = await openDocument(sealed, offer.key, { type: safeType(offer.type) }).catch(() => {
        throw Object.assign(new Error('it does not open'), { code: 'broken' });
      });
      abort.throwIfAborted();
      this.parts.save(opened, shownFileName(offer.name));
      this.#change(id, { state: 'saved' });
    });
  }

  /** One's own once more: it failed, was cancelled, or others have come since. */
  async again(id: string): Promise<void> {
    const [offer, file] = [this.#offers.get(id), this.#files.get(id)];
    if (this.#running.has(id)) return;
    if (offer !== undefined) {
      await this.#run(id, 'sending', 'shared', async () => {
        await this.parts.offer(offer);
        this.#change(id, { state: 'shared' });
      });
    } else if (file !== undefined) await this.#send(id, file);
  }

  cancel(id: string): void {
    this.#running.get(id)?.abort();
  }

  show(shown: boolean): void {
    this.#shown = shown;
    if (shown) this.unread.value = 0;
  }

  /** Ends what is on its way. */
  close(): void {
    for (const running of this.#running.values()) running.abort();
  }

  async #send(id: string, file: File): Promise<void> {
    await this.#run(id, 'sending', 'cancelled', async (abort) => {
      const key = createDocumentKey();
      const sealed = await sealDocument(file, key, (done, total) =>
        this.#change(id, { progress: (done / total) * SEALING }),
      ).catch(() => {
        throw Object.assign(new Error('the file cannot be read'), { code: 'unreadable' });
      });
      abort.throwIfAborted();
      const documentId = await this.parts.transfer.upload(
        sealed,
        (share) => this.#change(id, { progress: SEALING + share * (1 - SEALING) }),
        abort,
      );
      abort.throwIfAborted();
      const offer = { id: documentId, name: shownFileName(file.name), type: file.type, size: file.size, key };
      this.#offers.set(id, offer);
      await this.parts.offer(offer);
      this.#change(id, { state: 'shared' });
    });
  }

  /** One thing at a time for each document; `cancelled`: what it is afterwards when it was stopped. */
  async #run(
    id: string,
    state: DocumentState,
    cancelled: DocumentState,
    work: (abort: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    this.#change(id, { state, progress: 0, trouble: null });
    try {
      await work(controller.signal);
    } catch (error) {
      if (controller.signal.aborted) this.#change(id, { state: cancelled });
      else this.#change(id, { state: 'failed', trouble: codeOf(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  #now(): number {
    return (this.parts.now ?? Date.now)();
  }

  #add(document: SharedDocument): void {
    this.list.value = [...this.list.peek(), document];
  }

  #change(id: string, change: Partial<SharedDocument>): void {
    this.list.value = this.list.peek().map((one) => (one.id === id ? { ...one, ...change } : one));
  }
}

/** A name as it may be shown and saved: no paths, no control characters, none that turn the reading direction round. */
export function shownFileName(name: string): string {
  const plain = name
    .replace(/^.*[/\\]/, '')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  if (plain === '' || /^\.+$/.test(plain)) return 'dokument';
  if (plain.length <= 120) return plain;
  const dot = plain.lastIndexOf('.');
  const ending = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : '';
  return plain.slice(0, 120 - ending.length) + ending;
}

/** What a browser would run when somebody opens it is saved as bytes. */
export function safeType(type: string): string {
  const harmless =
    /^(application\/pdf|image\/(png|jpeg|gif|webp)|text\/plain|audio\/[\w.-]+|video\/[\w.-]+)$/;
  return harmless.test(type) ? type : 'application/octet-stream';
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'internal';
}
