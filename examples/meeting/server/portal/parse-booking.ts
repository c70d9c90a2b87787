/** Requests about meetings, from JSON to types. What they may ask for is judged in book-meeting.ts. */
import { ASSURANCES } from 'sluss/gateway';
import {
  MEETING_ROLES,
  type Assurance,
  type EncryptionDemand,
  type InformationClass,
  type Language,
  type MeetingKind,
  type MeetingRole,
  type SuitabilityAssessment,
} from '../../shared/api.js';
import {
  boolean,
  email,
  id,
  instant,
  integer,
  line,
  list,
  nullable,
  object,
  oneOf,
  optional,
  text,
  wrong,
  type Parser,
} from '../http/shape.js';
import { normalPersonalNumber, normalPhone } from './contact.js';
import { ENCRYPTION_DEMANDS, PROTECTION_LEVELS } from './information-class.js';
import { badField } from './refusals.js';

const LANGUAGES: readonly Language[] = ['sv', 'en'];
const MEETING_KINDS: readonly MeetingKind[] = ['individual', 'group', 'sip'];
/** The largest room's, less the organiser. */
const MAX_INVITEES = 99;
export const MAX_SERIES = 52;
const MINUTE_MS = 60_000;

export interface Booking {
  title: string;
  kind: MeetingKind;
  meetingTypeId: string;
  roomId: string;
  /** Milliseconds since 1970, at a whole minute. */
  startsAt: number;
  durationMinutes: number;
  message: string;
  minimumAssurance: Assurance;
  endToEndEncryption: EncryptionDemand;
  informationClass: InformationClass;
  assessment: SuitabilityAssessment;
  invitees: Invitee[];
  series?: { everyWeeks: 1 | 2 | 4; count: number };
  payment?: { amount: number; currency: 'SEK' };
}

/** Addresses in their normal form; the personal number goes no further than to be hashed. */
export interface Invitee {
  name: string;
  role: MeetingRole;
  via: 'email' | 'sms' | 'link';
  /** Only what the invitation is sent to is kept. */
  email: string | null;
  phone: string | null;
  personalNumber: string | null;
  language: Language;
}

/** What of a meeting is to be changed; what is absent stays. */
export interface MeetingChange {
  title?: string;
  startsAt?: number;
  durationMinutes?: number;
  message?: string;
  /** Added to those who are invited already. */
  invitees: Invitee[];
  wholeSeries: boolean;
}

const wholeMinute: Parser<number> = (value, field) =>
  Math.floor(instant(value, field) / MINUTE_MS) * MINUTE_MS;

/** A paragraph or several, trimmed; at least one character. */
export const prose: Parser<string> = (value, field) => {
  const written = typeof value === 'string' ? value.replace(/\r\n?/g, '\n').trim() : value;
  return text(1, 2000)(written, field);
};

/** May be empty. */
const message: Parser<string> = (value, field) => {
  const written = typeof value === 'string' ? value.replace(/\r\n?/g, '\n').trim() : (value ?? '');
  return text(0, 2000)(written, field);
};

const phone: Parser<string> = (value, field) => {
  const normal = typeof value === 'string' ? normalPhone(value) : null;
  if (normal === null) {
    wrong(field, {
      sv: 'ett mobilnummer, som 070-123 45 67 eller +46701234567',
      en: 'a mobile number, such as +46701234567',
    });
  }
  return normal;
};

/** 12 digits out; the refusal does not repeat what was typed. */
export const personalNumber: Parser<string> = (value, field) => {
  const normal = typeof value === 'string' ? normalPersonalNumber(value) : null;
  if (normal === null) {
    throw badField(
      field,
      'Skriv personnumret med tolv siffror, ÅÅÅÅMMDDNNNN. Kontrollera att siffrorna stämmer.',
      'Write the personal number with twelve digits, YYYYMMDDNNNN. Check the digits.',
    );
  }
  return normal;
};

const level = oneOf(PROTECTION_LEVELS);

export const informationClass: Parser<InformationClass> = object({
  confidentiality: level,
  integrity: level,
  availability: level,
});

const assessment: Parser<SuitabilityAssessment> = object({
  concernsProtectionOfChild: boolean,
  suitsThePerson: boolean,
  deviation: nullable(object({ reason: prose, decidedBy: line(120) })),
  justification: prose,
});

const writtenInvitee = object({
  name: line(120),
  role: oneOf(MEETING_ROLES),
  via: oneOf(['email', 'sms', 'link']),
  personalNumber: nullable(personalNumber),
  language: oneOf(LANGUAGES),
});

const invitee: Parser<Invitee> = (value, field) => {
  const written = writtenInvitee(value, field);
  const source = value as Record<string, unknown>;
  return {
    ...written,
    email: written.via === 'email' ? email(source.email, `${field}.email`) : null,
    phone: written.via === 'sms' ? phone(source.phone, `${field}.phone`) : null,
  };
};

export const booking: Parser<Booking> = object({
  title: line(120),
  kind: oneOf(MEETING_KINDS),
  meetingTypeId: id,
  roomId: id,
  startsAt: wholeMinute,
  durationMinutes: integer(5, 480),
  message,
  minimumAssurance: oneOf(ASSURANCES),
  endToEndEncryption: oneOf(ENCRYPTION_DEMANDS),
  informationClass,
  assessment,
  invitees: list(invitee, 0, MAX_INVITEES),
  series: optional(object({ everyWeeks: oneOf([1, 2, 4]), count: integer(2, MAX_SERIES) })),
  payment: optional(object({ amount: integer(1, 100_000), currency: oneOf(['SEK']) })),
});

const writtenChange = object({
  title: optional(line(120)),
  startsAt: optional(wholeMinute),
  durationMinutes: optional(integer(5, 480)),
  message: optional(message),
  invitees: optional(list(invitee, 0, MAX_INVITEES)),
  wholeSeries: optional(boolean),
});

export const meetingChange: Parser<MeetingChange> = (value, field) => {
  const { invitees = [], wholeSeries = false, ...change } = writtenChange(value, field);
  return { ...change, invitees, wholeSeries };
};

/** Body of a cancellation; an empty one means this meeting only. */
export const cancellation: Parser<{ wholeSeries?: boolean }> = object({ wholeSeries: optional(boolean) });
