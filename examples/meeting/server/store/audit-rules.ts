/**
 * What may stand in the audit log. It is never changed afterwards, not even when a person asks to be erased, so nothing
 * that tells who a person is may get in: only words without spaces, ids, numbers.
 */
import { StoreError } from './errors.js';
import type { AuditInput } from './records.js';

const ACTION = /^[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)*$/;
const KEY = /^[a-zA-Z]{1,40}$/;
/** No space and no @: neither a full name, nor a sentence, nor an address fits. */
const TOKEN = /^[A-Za-z0-9._:/+-]*$/;
export const MAX_TOKEN_CHARACTERS = 128;
const MAX_DETAILS = 32;

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const SHA256 = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi;
/** 10 or 12 digits, the last four perhaps set apart: how personal numbers are written. Not a part of a longer number. */
const PERSONAL_NUMBER = /(?<!\d)(\d{6}|\d{8})[-+]?\d{4}(?!\d)/;

/** Throws `personal-data` or, for a malformed entry, `misuse`. */
export function checkAuditEntry(entry: AuditInput): void {
  if (!ACTION.test(entry.action)) {
    throw new StoreError(
      'misuse',
      'audit: an action is words in lower case with dots, as participant.admitted',
    );
  }
  checkToken('actor', entry.actor);
  checkToken('meetingId', entry.meetingId ?? '');
  const details = Object.entries(entry.details ?? {});
  if (details.length > MAX_DETAILS) throw new StoreError('misuse', `audit: more than ${MAX_DETAILS} details`);
  for (const [key, value] of details) {
    if (!KEY.test(key)) throw new StoreError('misuse', 'audit: the key of a detail is 1 to 40 letters');
    if (typeof value === 'string') checkToken(key, value);
    else if (typeof value === 'number') checkNumber(key, value);
  }
}

// The messages never repeat what was refused: they end up in logs.
function checkToken(field: string, text: string): void {
  if (!TOKEN.test(text) || text.length > MAX_TOKEN_CHARACTERS) {
    throw new StoreError(
      'personal-data',
      `audit: ${field} must be an id or a code (letters, digits and . _ : / + -, at most ${MAX_TOKEN_CHARACTERS}), no name or free text`,
    );
  }
  if (PERSONAL_NUMBER.test(text.replace(UUID, '').replace(SHA256, ''))) {
    throw new StoreError(
      'personal-data',
      `audit: ${field} holds 10 or 12 digits, which may be a personal number`,
    );
  }
}

function checkNumber(field: string, value: number): void {
  if (!Number.isFinite(value)) throw new StoreError('misuse', `audit: ${field} is not a finite number`);
  if (PERSONAL_NUMBER.test(String(value))) {
    throw new StoreError(
      'personal-data',
      `audit: ${field} holds 10 or 12 digits, which may be a personal number`,
    );
  }
}
