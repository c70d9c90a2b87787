/** Freja's statuses, and what people read of them. */
import type { Localized } from '../eid-provider.js';
import { EXPIRED, type FailureText, type OrderTable, PROOF_INVALID } from '../order-texts.js';
import type { FrejaProofReason } from './result-proof.js';

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

/** By status; what is not known is that of an order under way. */
export const FREJA_TEXTS: OrderTable = {
  pending: {
    STARTED: { sameDevice: OPEN, otherDevice: SCAN },
    DELIVERED_TO_MOBILE: APPROVE,
  },
  otherPending: APPROVE,
  failed: {
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
  },
  otherFailed: EXPIRED,
  unavailable: {
    failure: 'provider-unavailable',
    message: {
      sv: 'Freja svarar inte just nu. Försök igen om en stund eller välj en annan e-legitimation.',
      en: 'Freja is not answering right now. Try again in a while or choose another e-ID.',
    },
  },
};

export function proofFailure(reason: FrejaProofReason): FailureText {
  if (reason === 'level-too-low') return LEVEL_TOO_LOW;
  return reason === 'country-not-served' ? COUNTRY_NOT_SERVED : PROOF_INVALID;
}
