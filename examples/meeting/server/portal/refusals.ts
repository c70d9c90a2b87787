/** Shorthands for the portal's own refusals: each says what happened and what to do. */
import { refusal, type Refusal } from '../http/refusal.js';

/** A field that does not hold what it should. */
export function badField(field: string, sv: string, en: string): Refusal {
  return refusal('bad-request', { field, localized: { sv, en } });
}

/** Fits together with something that stands already? It does not. */
export function conflict(sv: string, en: string, field?: string): Refusal {
  return refusal('conflict', { field, localized: { sv, en } });
}
