/** What the claims of a verified ID token say about somebody. Reasons are words for logs: no claim's value is in them. */
import type { EidIdentity, SubjectType } from '../eid-provider.js';
import type { OidcProfile } from './options.js';

export type ClaimsReason = 'acr-not-accepted' | 'subject-missing' | 'subject-form' | 'name-missing';

export type ClaimedPerson = Pick<
  EidIdentity,
  'subjectType' | 'subject' | 'alsoKnownAs' | 'name' | 'givenName' | 'surname' | 'assurance'
>;

type Claims = Readonly<Record<string, unknown>>;

const FORMS: Record<SubjectType, RegExp> = {
  'personal-number-se': /^(19|20)\d{10}$/,
  'personal-number-no': /^\d{11}$/,
  'personal-number-fi': /^\d{6}[-+A-FU-Y]\d{3}[\dA-Y]$/,
  'hsa-id': /^SE\d{10}-[A-Z\d]{1,30}$/,
  prid: /^[A-Z]{2}:[\w:.-]{1,100}$/,
  email: /^[^\s@]{1,64}@[^\s@]{1,189}$/,
  other: /^[\x21-\x7e]{1,255}$/,
};

export function readClaims(
  claims: Claims,
  profile: OidcProfile,
): { person: ClaimedPerson; reason?: never } | { person?: never; reason: ClaimsReason } {
  const { acr } = claims;
  if (typeof acr !== 'string' || !Object.hasOwn(profile.assurances, acr))
    return { reason: 'acr-not-accepted' };
  const { claim, type } = profile.subject;
  const said = text(claims[claim]);
  if (said === null) return { reason: 'subject-missing' };
  const subject = toNormalForm(said, type);
  if (subject === null) return { reason: 'subject-form' };
  const givenName = text(claims[profile.givenNameClaim ?? 'given_name']);
  const surname = text(claims[profile.surnameClaim ?? 'family_name']);
  const whole = text(claims[profile.nameClaim ?? 'name']);
  const name = whole ?? [givenName, surname].filter((part) => part !== null).join(' ');
  if (name === '') return { reason: 'name-missing' };
  const alsoKnownAs = (profile.alsoKnownAs ?? []).flatMap(({ claim, type }) => {
    const other = toNormalForm(text(claims[claim]) ?? '', type);
    return other === null ? [] : [{ type, subject: other }];
  });
  return {
    person: {
      subjectType: type,
      subject,
      name,
      assurance: profile.assurances[acr],
      ...(alsoKnownAs.length > 0 && { alsoKnownAs }),
      ...(givenName !== null && { givenName }),
      ...(surname !== null && { surname }),
    },
  };
}

/** Null: not one of this type. */
function toNormalForm(said: string, type: SubjectType): string | null {
  let subject = said;
  if (type === 'personal-number-se') subject = said.replace('-', '');
  else if (type === 'personal-number-fi' || type === 'hsa-id') subject = said.toUpperCase();
  else if (type === 'email') subject = said.toLowerCase();
  return FORMS[type].test(subject) ? subject : null;
}

function text(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 300 || /\p{Cc}/u.test(value)) return null;
  return value.trim() === '' ? null : value.trim();
}
