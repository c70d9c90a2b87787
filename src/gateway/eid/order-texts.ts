/** What people read of an order: tables from the words of a provider's service. */
import type { EidFailure, EidStatus, Localized } from './eid-provider.js';

export type FailedStatus = Extract<EidStatus, { state: 'failed' }>;

export interface FailureText {
  readonly failure: EidFailure;
  readonly message: Localized;
}

/** What is said may depend on whether the app is on the device that shows the page. */
export type ByDevice<T> = T | { readonly sameDevice: T; readonly otherDevice: T };

/** Keys are the service's words for how an order stands. */
export interface OrderTable {
  readonly pending: Readonly<Record<string, ByDevice<Localized>>>;
  readonly otherPending: Localized;
  readonly failed: Readonly<Record<string, ByDevice<FailureText>>>;
  readonly otherFailed: FailureText;
  /** The service is down, slow, or answers nonsense. */
  readonly unavailable: FailureText;
}

export const EXPIRED: FailureText = {
  failure: 'expired',
  message: {
    sv: 'Identifieringen är för gammal eller avslutad. Börja om.',
    en: 'The identification is too old or has ended. Start again.',
  },
};
export const PROOF_INVALID: FailureText = {
  failure: 'proof-invalid',
  message: {
    sv: 'Identifieringen kunde inte styrkas. Försök igen.',
    en: 'The identification could not be verified. Please try again.',
  },
};
/** What is kept back until the person's own browser has come back. */
export const COME_BACK: Localized = {
  sv: 'Godkänt i appen. Gå tillbaka genom appen till den här webbläsaren. Öppnas den inte? Använd QR-koden med appen på en annan enhet.',
  en: 'Approved in the app. Go back through the app to this browser. Does it not open? Use the QR code with the app on another device.',
};
export const RETURNED_ELSEWHERE: FailureText = {
  failure: 'returned-elsewhere',
  message: {
    sv: 'Identifieringen godkändes i en annan webbläsare än den där den började. Ingen har loggats in. Börja om, eller använd QR-koden med appen på en annan enhet.',
    en: 'The identification was approved in another browser than the one where it began. Nobody was logged in. Start again, or use the QR code with the app on another device.',
  },
};

export function failed({ failure, message }: FailureText): FailedStatus {
  return { state: 'failed', failure, message };
}

/** Words that the table does not know have a text, too. */
export function pendingText(table: OrderTable, word: string, sameDevice: boolean): Localized {
  if (!Object.hasOwn(table.pending, word)) return table.otherPending;
  return forDevice(table.pending[word], sameDevice);
}

export function failureText(table: OrderTable, word: string, sameDevice: boolean): FailureText {
  return isFailure(table, word) ? forDevice(table.failed[word], sameDevice) : table.otherFailed;
}

export function isFailure({ failed }: OrderTable, word: string): boolean {
  return Object.hasOwn(failed, word);
}

function forDevice<T extends object>(text: ByDevice<T>, sameDevice: boolean): T {
  if (!('sameDevice' in text)) return text;
  return sameDevice ? text.sameDevice : text.otherDevice;
}
