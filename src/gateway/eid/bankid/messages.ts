/**
 * BankID's hints and errors, and what people read of them: the texts that BankID recommends to relying parties (named RFA...),
 * the long ones shortened.
 */
import type { Localized } from '../eid-provider.js';
import type { FailureText, OrderTable } from '../order-texts.js';

const RFA1: Localized = { sv: 'Starta BankID-appen.', en: 'Start your BankID app.' };
const RFA3: Localized = {
  sv: 'Åtgärden avbruten. Försök igen.',
  en: 'Action cancelled. Please try again.',
};
const RFA4: Localized = {
  sv: 'En identifiering eller underskrift för det här personnumret är redan påbörjad. Försök igen.',
  en: 'An identification or signing for this personal number is already started. Please try again.',
};
const RFA5: Localized = {
  sv: 'Internt tekniskt fel. Försök igen.',
  en: 'Internal error. Please try again.',
};
const RFA6: Localized = { sv: 'Åtgärden avbruten.', en: 'Action cancelled.' };
const RFA8: Localized = {
  sv: 'BankID-appen svarar inte. Kontrollera att den är startad och att du har internetanslutning. Försök sedan igen.',
  en: "The BankID app is not responding. Please check that it's started and that you have internet access. Try again.",
};
const RFA9: Localized = {
  sv: 'Skriv in din säkerhetskod i BankID-appen och välj Identifiera eller Skriv under.',
  en: 'Enter your security code in the BankID app and select Identify or Sign.',
};
const RFA13: Localized = {
  sv: 'Försöker starta BankID-appen.',
  en: 'Trying to start your BankID app.',
};
const RFA15: Localized = {
  sv: 'Söker efter BankID, det kan ta en liten stund …',
  en: 'Searching for BankID, it may take a little while …',
};
const RFA16: Localized = {
  sv: 'Det BankID du försöker använda är för gammalt eller spärrat. Använd ett annat BankID eller skaffa ett nytt hos din bank.',
  en: 'The BankID you are trying to use is blocked or too old. Please use another BankID or get a new one from your bank.',
};
const RFA17A: Localized = {
  sv: 'BankID-appen verkar inte finnas i din dator eller mobil. Installera den och skaffa ett BankID hos din bank.',
  en: "The BankID app couldn't be found on your computer or mobile device. Please install it and get a BankID from your bank.",
};
const RFA17B: Localized = {
  sv: 'Misslyckades att läsa av QR-koden. Starta BankID-appen och läs av QR-koden. Kontrollera att BankID-appen är uppdaterad.',
  en: 'Failed to scan the QR code. Start the BankID app and scan the QR code. Check that the BankID app is up to date.',
};
const RFA21: Localized = {
  sv: 'Identifiering eller underskrift pågår.',
  en: 'Identification or signing in progress.',
};
const RFA22: Localized = {
  sv: 'Okänt fel. Försök igen.',
  en: 'Unknown error. Please try again.',
};
const RFA23: Localized = {
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

const UNAVAILABLE: FailureText = { failure: 'provider-unavailable', message: RFA5 };

/** By `hintCode`; what is not known is RFA21 or RFA22. */
export const BANKID_TEXTS: OrderTable = {
  pending: {
    outstandingTransaction: { sameDevice: RFA13, otherDevice: RFA1 },
    noClient: { sameDevice: RFA13, otherDevice: RFA1 },
    started: RFA15,
    userMrtd: RFA23,
    userCallConfirm: CALL_CONFIRM,
    userSign: RFA9,
    processing: RFA21,
  },
  otherPending: RFA21,
  failed: {
    expiredTransaction: { failure: 'expired', message: RFA8 },
    certificateErr: { failure: 'certificate-error', message: RFA16 },
    userCancel: { failure: 'cancelled-by-user', message: RFA6 },
    // A newer order of the same person has taken its place.
    cancelled: { failure: 'already-in-progress', message: RFA3 },
    startFailed: {
      sameDevice: { failure: 'start-failed', message: RFA17A },
      otherDevice: { failure: 'start-failed', message: RFA17B },
    },
    userDeclinedCall: { failure: 'cancelled-by-user', message: RFA6 },
    notSupportedByUserApp: { failure: 'start-failed', message: APP_TOO_OLD },
    transactionRiskBlocked: { failure: 'risk-blocked', message: RISK_BLOCKED },
  },
  otherFailed: { failure: 'rejected', message: RFA22 },
  unavailable: UNAVAILABLE,
};

/** `errorCode` of an error answer; what is not the person's doing is ours or BankID's. */
export function errorText(errorCode: string | number): FailureText {
  return errorCode === 'alreadyInProgress' ? { failure: 'already-in-progress', message: RFA4 } : UNAVAILABLE;
}
