import { computed, effect, signal } from '@preact/signals';
import { chime } from './sounds.js';
import type { Message } from './form.js';

const ICON = '/icon.svg';
/** The icon with a dot. As data: nothing is fetched at the moment when it matters. */
const CALLING_ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f5c63"/>` +
    `<path d="M7 9v14M25 9v14" stroke="#fff" stroke-width="3" stroke-linecap="round"/>` +
    `<circle cx="23" cy="9" r="8" fill="#c2410c" stroke="#fff" stroke-width="2"/></svg>`,
)}`;

/** The tab's title and icon: what page this is, and that something waits for the person who looks at another tab. */
export class Attention {
  /** Of the page that shows, with the service's name. */
  readonly title = signal('');
  /** What wants attention; null: nothing. */
  readonly call = signal<Message | null>(null);
  readonly shown = computed(() => {
    const call = this.call.value;
    return call === null ? this.title.value : `(!) ${call()} – ${this.title.value}`;
  });

  constructor() {
    effect(() => {
      document.title = this.shown.value;
    });
    effect(() => {
      const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
      if (icon !== null) icon.href = this.call.value === null ? ICON : CALLING_ICON;
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.clearSeen();
    });
  }

  /** Marks the tab until somebody looks at it; `sound` is heard also by who looks elsewhere. */
  raise(call: Message, { sound }: { sound: boolean }): void {
    if (sound) void chime();
    if (document.hidden) this.call.value = call;
  }

  clearSeen(): void {
    this.call.value = null;
  }
}
