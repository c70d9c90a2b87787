/** What the service answers when it does not do what it was asked: a stable code, and words for people. */
import type { ApiError, Localized } from '../../shared/api.js';

/** Thrown by handlers; becomes an `ApiError`. Its texts reach the person, so they hold nothing secret. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly status: number,
    readonly code: string,
    readonly localized: Localized,
    readonly options: { field?: string; retryAfterSeconds?: number } = {},
  ) {
    super(localized.en);
  }

  toBody(): ApiError {
    const { field } = this.options;
    return { error: { code: this.code, message: this.localized, ...(field === undefined ? {} : { field }) } };
  }
}

/** Status and standard words of the codes that several parts use. */
const STANDARD = {
  'bad-request': [400, 'Förfrågan gick inte att förstå.', 'The request could not be understood.'],
  'not-signed-in': [401, 'Du behöver identifiera dig först.', 'You need to identify yourself first.'],
  'payment-required': [402, 'Mötet ska betalas först.', 'The meeting must be paid for first.'],
  forbidden: [403, 'Du har inte rätt att göra detta.', 'You are not allowed to do this.'],
  'bad-origin': [
    403,
    'Förfrågan kommer från en annan webbplats och utförs inte.',
    'The request comes from another site and is not carried out.',
  ],
  'assurance-too-low': [
    403,
    'Mötet kräver en säkrare e-legitimation än den du använde.',
    'The meeting demands a stronger e-ID than the one you used.',
  ],
  'identity-mismatch': [
    403,
    'Inbjudan gäller en annan person än den du identifierade dig som.',
    'The invitation is for another person than the one you identified as.',
  ],
  'not-admitted': [403, 'Du är inte insläppt i mötet.', 'You have not been let into the meeting.'],
  'not-found': [404, 'Det du söker finns inte.', 'What you are looking for does not exist.'],
  'method-not-allowed': [405, 'Det går inte att göra så här.', 'This cannot be done here.'],
  conflict: [409, 'Det går inte just nu, läget har ändrats.', 'Not possible now: the situation has changed.'],
  'already-claimed': [
    409,
    'Någon annan har redan använt inbjudan.',
    'Somebody else has already used the invitation.',
  ],
  'not-open': [
    409,
    'Väntrummet har inte öppnat än. Det öppnar 60 minuter före mötet.',
    'The waiting room is not open yet. It opens 60 minutes before the meeting.',
  ],
  'meeting-full': [409, 'Mötet är fullt.', 'The meeting is full.'],
  'limit-reached': [
    409,
    'Mötet rymmer inte fler eller större dokument.',
    'The meeting holds no more or larger documents.',
  ],
  gone: [410, 'Mötet är avslutat eller inställt.', 'The meeting has ended or was cancelled.'],
  'too-big': [413, 'Det du skickar är för stort.', 'What you send is too big.'],
  'unsupported-media-type': [
    415,
    'Innehållet har fel slag (Content-Type).',
    'The content has the wrong type (Content-Type).',
  ],
  'rate-limited': [
    429,
    'För många försök. Vänta en stund och försök igen.',
    'Too many attempts. Wait a while and try again.',
  ],
  internal: [
    500,
    'Något gick fel hos oss. Försök igen, eller kontakta supporten.',
    'Something went wrong on our side. Try again, or contact support.',
  ],
  unavailable: [
    503,
    'Tjänsten går inte att nå just nu. Försök igen om en stund.',
    'The service cannot be reached now. Try again in a while.',
  ],
} as const satisfies Record<string, readonly [number, string, string]>;

export type StandardCode = keyof typeof STANDARD;

/** A refusal with standard words; `localized` replaces them. */
export function refusal(
  code: StandardCode,
  options: { field?: string; retryAfterSeconds?: number; localized?: Localized } = {},
): Refusal {
  const [status, sv, en] = STANDARD[code];
  return new Refusal(status, code, options.localized ?? { sv, en }, options);
}
