import { signal } from '@preact/signals';

export interface Notice {
  id: number;
  text: string;
  /** A problem stays until it is dismissed; news goes away by itself. */
  kind: 'news' | 'problem';
}

/** How long news stays readable. */
const NEWS_MS = 6000;
const MAX_SHOWN = 4;

/**
 * Short messages to the person, shown in a corner and spoken by screen readers. Effects may call these: nothing is read in
 * a way that would make them run again.
 */
export class Notices {
  readonly shown = signal<Notice[]>([]);
  #nextId = 1;

  news(text: string): void {
    const id = this.#add('news', text);
    setTimeout(() => this.dismiss(id), NEWS_MS);
  }

  problem(text: string): void {
    // The same problem again (a device tried twice) is not a second message.
    if (this.shown.peek().some((notice) => notice.text === text)) return;
    this.#add('problem', text);
  }

  dismiss(id: number): void {
    this.shown.value = this.shown.peek().filter((notice) => notice.id !== id);
  }

  clear(): void {
    this.shown.value = [];
  }

  #add(kind: Notice['kind'], text: string): number {
    const id = this.#nextId++;
    this.shown.value = [...this.shown.peek(), { id, text, kind }].slice(-MAX_SHOWN);
    return id;
  }
}
