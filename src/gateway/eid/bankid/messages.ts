/**
 * BankID's hints and errors, and what people read of them: the texts that BankID recommends to relying parties (named RFA...),
 * the long ones shortened.
 */
import type { EidFailure, Localized } from '../eid-provider.js';

export const RFA1: Localized = { sv: 'Starta BankID-appen.', en: 'Start your BankID app.' };
export const RFA3: Localized = {
  sv: 'Åtgärden avbruten. Försök igen.',
  en: 'Action cancelled. Please try again.',
};
export const RFA4: Localized = {
  sv: 'En identifiering eller underskrift för det här personnumret är redan påbörjad. Försök igen.',
  en: 'An identification or signing for this personal number is already started. Please try again.',
};
export const RFA5: Localized = {
  sv: 'Internt tekniskt fel. Försök igen.',
  en: 'Internal error. Please try again.',
};
export const RFA6: Localized = { sv: 'Åtgärden avbruten.', en: 'Action cancelled.' };
export const RFA8: Localized = {
  sv: 'BankID-appen svarar inte. Kontrollera att den är startad och att du har internetanslutning. Försök sedan igen.',
  en: "The BankID app is not responding. Please check that it's started and that you have internet access. Try again.",
};
export const RFA9: Localized = {
  sv: 'Skriv in din säkerhetskod i BankID-appen och välj Identifiera eller Skriv under.',
  en: 'Enter your security code in the BankID app and select Identify or Sign.',
};
export const RFA13: Localized = {
  sv: 'Försöker starta BankID-appen.',
  en: 'Trying to start your BankID app.',
};
export const RFA15: Localized = {
  sv: 'Söker efter BankID, det kan ta en liten stund …',
  en: 'Searching for BankID, it may take a little while …',
};
export const RFA16: Localized = {
  sv: 'Det BankID du försöker använda är för gammalt eller spärrat. Använd ett annat BankID eller skaffa ett nytt hos din bank.',
  en: 'The BankID you are trying to use is blocked or too old. Please use another BankID or get a new one from your bank.',
};
export const RFA17A: Localized = {
  sv: 'BankID-appen verkar inte finnas i din dator eller mobil. Installera den och skaffa ett BankID hos din bank.',
  en: "The BankID app couldn't be found on your computer or mobile device. Please install it and get a BankID from your bank.",
};
export const RFA17B: Localized = {
  sv: 'Misslyckades att läsa av QR-koden. Starta BankID-appen och läs av QR-koden. Kontrollera att BankID-appen är uppdaterad.',
  en: 'Failed to scan the QR code. Start the BankID app and scan the QR code. Check that the BankID app is up to date.',
};
export const RFA21: Localized = {
  sv: 'Identifiering eller underskrift pågår.',
  en: 'Identification or signing in progress.',
};
export const RFA22: Localized = {
  sv: 'Okänt fel. Försök igen.',
  en: 'Unknown error. Please try again.',
};
export const RFA23: Localized = {
  sv: 'Fotografera och läs av din ID-handling med BankID-appen.',
  en: 'Process your machine-readable travel document using the BankID app.',
};

const CALL_CONFIRM: Localized = {
  sv: 'Svara på frågan i BankID-appen.',
  en: 'Answer the question in the BankID app.',
};
const APP_TOO_OLD: Localized = {
  sv: 'BankID-appen behöver uppdateras. Uppdatera den och försök igen.',
  en: 'The BankID app needs to be updated. Update it and try again.',
};
const RISK_BLOCKED: Localized = {
  sv: 'Identifieringen stoppades av säkerhetsskäl. Försök igen eller kontakta oss.',
  en: 'The identification was stopped for security reasons. Try again or contact us.',
};
export const PROOF_INVALID: Localized = {
  sv: 'Identifieringen kunde inte styrkas. Försök igen.',
  en: 'The identification could not be verified. Please try again.',
};
export const EXPIRED: Localized = {
  sv: 'Identifieringen är för gammal eller avslutad. Börja om.',
  en: 'The identification is too old or has ended. Start again.',
};

const PENDING: Readonly<Record<string, Localized>> = {
  outstandingTransaction: RFA1,
  noClient: RFA1,
  started: RFA15,
  userMrtd: RFA23,
  userCallConfirm: CALL_CONFIRM,
  userSign: RFA9,
  processing: RFA21,
};

export interface FailureText {
  readonly failure: EidFailure;
  readonly message: Localized;
}

const FAILED: Readonly<Record<string, FailureText>> = {
  expiredTransaction: { failure: 'expired', message: RFA8 },
  certificateErr: { failure: 'certificate-error', message: RFA16 },
  userCancel: { failure: 'cancelled-by-user', message: RFA6 },
  // A newer order of the same person has taken its place.
  cancelled: { failure: 'already-in-progress', message: RFA3 },
  startFailed: { failure: 'start-failed', message: RFA17A },
  userDeclinedCall: { failure: 'cancelled-by-user', message: RFA6 },
  notSupportedByUserApp: { failure: 'start-failed', message: APP_TOO_OLD },
  transactionRiskBlocked: { failure: 'risk-blocked', message: RISK_BLOCKED },
};

/** Unknown hints are RFA21. `sameDevice`: the app is being started, nobody scans. */
export function pendingMessage(hintCode: string, sameDevice: boolean): Localized {
  const message = Object.hasOwn(PENDING, hintCode) ? PENDING[hintCode] : RFA21;
  return message === RFA1 && sameDevice ? RFA13 : message;
}

/** Unknown hints are RFA22. */
export function failureText(hintCode: string, sameDevice: boolean): FailureText {
  if (hintCode === 'startFailed' && !sameDevice) return { failure: 'start-failed', message: RFA17B };
  return Object.hasOwn(FAILED, hintCode) ? FAILED[hintCode] : { failure: 'rejected', message: RFA22 };
}

/** `errorCode` of an error answer; what is not the person's doing is ours or BankID's. */
export function errorText(errorCode: string): FailureText {
  return errorCode === 'alreadyInProgress'
    ? { failure: 'already-in-progress', message: RFA4 }
    : { failure: 'provider-unavailable', message: RFA5 };
}
