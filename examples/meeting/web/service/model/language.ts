import { effect } from '@preact/signals';
import type { Language } from '../../../shared/api.js';
import { setSessionLanguage } from '../api/session-api.js';
import { language } from '../texts/texts.js';

const KEY = 'service.language';

/**
 * The language of the page: what the link asks for (`?lang=en`, as invitations do), else what was chosen here before, else
 * what the session says, else what the browser prefers, else Swedish. The document's `lang` follows, so that screen readers
 * speak it.
 */
export function startLanguage(search: string, preferred: readonly string[] = navigator.languages): void {
  const asked = new URLSearchParams(search).get('lang');
  language.value = isLanguage(asked) ? asked : (stored() ?? preferredLanguage(preferred));
  if (isLanguage(asked)) store(asked);
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

/** The first of the browser's languages that there is here, as the server finds it in `Accept-Language`; else Swedish. */
export function preferredLanguage(preferred: readonly string[]): Language {
  return preferred.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage) ?? 'sv';
}

/** By the person's own hand: also the server is told, for what it writes (app texts, e-mail). */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  store(chosen);
  // The page itself has changed already; the server's own texts are a lesser matter.
  void setSessionLanguage(chosen).catch(() => undefined);
}

/** The session's language counts while nothing was chosen in this browser. */
export function adoptSessionLanguage(ofSession: Language): void {
  const chosen = stored();
  if (chosen === null) language.value = ofSession;
  else if (chosen !== ofSession) void setSessionLanguage(chosen).catch(() => undefined);
}

function isLanguage(value: unknown): value is Language {
  return value === 'sv' || value === 'en';
}

function stored(): Language | null {
  try {
    const value = localStorage.getItem(KEY);
    return isLanguage(value) ? value : null;
  } catch {
    return null;
  }
}

function store(chosen: Language): void {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Storage is refused: the choice lasts as long as the page.
  }
}
