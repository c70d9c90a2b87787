import { type ApiFailure } from '../api/failure.js';
import { localized, texts } from '../texts/texts.js';

/** A failure in words, in the present language: the page's own for known codes, else the server's. */
export function failureText(failure: ApiFailure): string {
  const { byCode, unknown } = texts.value.failures;
  if (Object.hasOwn(byCode, failure.code)) return byCode[failure.code];
  return failure.localized === null ? unknown : localized(failure.localized);
}

/** Why an identification failed. */
export function eidFailureText(reason: string | undefined): string | null {
  const { eid } = texts.value.failures;
  return reason !== undefined && Object.hasOwn(eid, reason) ? eid[reason] : null;
}
