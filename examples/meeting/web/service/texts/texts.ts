import { computed, signal } from '@preact/signals';
import type { Language, Localized } from '../../../shared/api.js';
import { en } from './en/index.js';
import { sv } from './sv/index.js';

/** Every word that the pages show or speak; the Swedish texts are the ones that the others are measured by. */
export type Texts = typeof sv;

const all: Record<Language, Texts> = { sv, en };

/** What the page speaks now. Set by `model/language.ts` alone. */
export const language = signal<Language>('sv');

/** The texts in that language; whoever reads `texts.value` while rendering follows the switch. */
export const texts = computed(() => all[language.value]);

export function localized(text: Localized): string {
  return text[language.value];
}
