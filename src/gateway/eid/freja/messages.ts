/** Freja's statuses, and what people read of them. */
import type { EidFailure, EidStatus, Localized } from '../eid-provider.js';
import type { FrejaProofReason } from './result-proof.js';

export interface FailureText {
  readonly failure: EidFailure;
  readonly message: Localized;
}

const SCAN: Localized = {
  sv: 'Öppna Freja i din telefon och läs av QR-koden.',
  en: 'Open Freja on your phone and scan the QR code.',
};
const OPEN: Localized = {
  sv: 'Öppna Freja för att identifiera dig.',
  en: 'Open Freja to identify yourself.',
};
const APPROVE: Localized = {
  sv: 'Godkänn identifieringen i Freja.',
  en: 'Approve the identification in Freja.',
};

export const UNAVAILABLE: FailureText = {
  failure: 'provider-unavailable',
  message: {
    sv: 'Freja svarar inte just nu. Försök igen om en stund eller välj en annan e-legitimation.',
    en: 'Freja is not answering right now. Try again in a while or choose another e-ID.',
  },
};
export const EXPIRED: FailureText = {
  failure: 'expired',
  message: {
    sv: 'Identifieringen är för gammal eller avslutad. Börja om.',
    en: 'The identification is too old or has ended. Start again.',
  },
};

const FAILED: Readonly<Record<string, FailureText>> = {
  CANCELED: {
    failure: 'cancelled-by-user',
    message: { sv: 'Identifieringen avbröts i Freja.', en: 'The identification was cancelled in Freja.' },
  },
  // Freja ends both when a person has two at the same time.
  REJECTED: {
    failure: 'already-in-progress',
    message: {
      sv: 'Freja avvisade identifieringen: en annan pågick redan. Vänta en stund och försök igen.',
      en: 'Freja rejected the identification: another was already in progress. Wait a while and try again.',
    },
  },
  RP_CANCELED: EXPIRED,
  EXPIRED,
};

const PROOF_INVALID: FailureText = {
  failure: 'proof-invalid',
  message: {
    sv: 'Identifieringen kunde inte styrkas. Försök igen.',
    en: 'The identification could not be verified. Please try again.',
  },
};
const LEVEL_TOO_LOW: FailureText = {
  failure: 'assurance-too-low',
  message: {
    sv: 'Freja+ (tillitsnivå 3) krävs. Uppgradera i Freja-appen eller välj en annan e-legitimation.',
    en: 'Freja+ (level of assurance 3) is needed. Upgrade in the Freja app or choose another e-ID.',
  },
};
const COUNTRY_NOT_SERVED: FailureText = {
  failure: 'rejected',
  message: {
    sv: 'Ditt Freja har inget svenskt, norskt eller finskt personnummer. Välj en annan e-legitimation.',
    en: 'Your Freja holds no Swedish, Norwegian or Finnish personal number. Choose another e-ID.',
  },
};

/** `isDelivered`: an app has the order. */
export function pendingMessage(isDelivered: boolean, sameDevice: boolean): Localized {
  if (isDelivered) return APPROVE;
  return sameDevice ? OPEN : SCAN;
}

/** Null: the status is not a failure. */
export function statusFailure(status: string): FailureText | null {
  return Object.hasOwn(FAILED, status) ? FAILED[status] : null;
}

export function proofFailure(reason: FrejaProofReason): FailureText {
  if (reason === 'level-too-low') return LEVEL_TOO_LOW;
  return reason === 'country-not-served' ? COUNTRY_NOT_SERVED : PROOF_INVALID;
}

export function failed({ failure, message }: FailureText): EidStatus {
  return { state: 'failed', failure, message };
}
