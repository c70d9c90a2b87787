import { signal } from '@preact/signals';

export interface ChatLine {
  id: string;
  /** Null: written here. */
  from: { id: string; name: string } | null;
  text: string;
  /** Milliseconds since 1970, by this page's clock. */
  at: number;
  /** Of one's own: on its way, until there is a key, there, or not. */
  state: 'sending' | 'waiting' | 'sent' | 'failed';
}

/** UTF-16 units; in the worst case a quarter of what a sealed message may hold. */
export const MAX_CHAT_LENGTH = 4_000;

/** What is written in the meeting while one is there. Nothing of it is kept anywhere else. */
export class Chat {
  readonly lines = signal<readonly ChatLine[]>([]);
  /** Lines of others that came while the chat was not shown. */
  readonly unread = signal(0);
  /** Set by the panel. */
  readonly shown = signal(false);
  #nextId = 1;

  constructor(
    /** Resolves when the server has it. */
    private readonly sendText: (text: string) => Promise<unknown>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether anything is to be sent. The line shows at once and tells how it goes with it. */
  send(text: string): boolean {
    const trimmed = text.trim();
    if (trimmed === '') return false;
    const id = `own ${this.#nextId++}`;
    this.#add({ id, from: null, text: trimmed, at: this.now(), state: 'sending' });
    void this.#transmit(id, trimmed);
    return true;
  }

  /** One's own line that did not get through. */
  async retry(id: string): Promise<void> {
    const line = this.lines.peek().find((one) => one.id === id);
    if (line?.state !== 'failed') return;
    this.#mark(id, 'sending');
    await this.#transmit(id, line.text);
  }

  /** There is a key again: what waited for one goes. */
  async sendWaiting(): Promise<void> {
    for (const { id, text, state } of this.lines.peek()) {
      if (state === 'waiting') await this.#transmit(id, text);
    }
  }

  /** False: it was there already. */
  receive(from: { id: string; name: string }, text: string, id: string): boolean {
    if (this.lines.peek().some((line) => line.id === id)) return false;
    this.#add({ id, from, text, at: this.now(), state: 'sent' });
    if (!this.shown.peek()) this.unread.value++;
    return true;
  }

  show(shown: boolean): void {
    this.shown.value = shown;
    if (shown) this.unread.value = 0;
  }

  async #transmit(id: string, text: string): Promise<void> {
    try {
      await this.sendText(text);
      this.#mark(id, 'sent');
    } catch (error) {
      this.#mark(id, (error as { code?: unknown }).code === 'no-key' ? 'waiting' : 'failed');
    }
  }

  #add(line: ChatLine): void {
    this.lines.value = [...this.lines.peek(), line];
  }

  #mark(id: string, state: ChatLine['state']): void {
    this.lines.value = this.lines.peek().map((line) => (line.id === id ? { ...line, state } : line));
  }
}
