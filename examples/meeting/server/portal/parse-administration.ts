/** Requests of administrators and operators, from JSON to types. */
import { ASSURANCES } from 'sluss/gateway';
import type { PortalRole, RoomPackage, RoomView, SupportContact } from '../../shared/api.js';
import {
  boolean,
  email,
  id,
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
import { normalHsaId } from './contact.js';
import { ENCRYPTION_DEMANDS } from './information-class.js';
import { informationClass, personalNumber } from './parse-booking.js';

const CAPACITIES: readonly RoomView['capacity'][] = [5, 25, 50, 100];
const ROLES: readonly PortalRole[] = ['organiser', 'administrator', 'operator'];

/** May be empty. */
const shortText: Parser<string> = (value, field) =>
  text(0, 120)(typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : value, field);

/** May be empty: some have no support by mail. */
const emailOrNothing: Parser<string> = (value, field) => (value === '' ? '' : email(value, field));

const support: Parser<SupportContact> = object({
  name: line(120),
  phone: shortText,
  email: emailOrNothing,
  hours: shortText,
});

const hsaId: Parser<string> = (value, field) => {
  const normal = typeof value === 'string' ? normalHsaId(value) : null;
  if (normal === null)
    wrong(field, { sv: 'ett HSA-id, som SE2321000016-A12B', en: 'an HSA-ID, such as SE2321000016-A12B' });
  return normal;
};

const count = integer(0, 1000);
const rooms = object({ 5: count, 25: count, 50: count, 100: count });
const roomPackage: Parser<RoomPackage> = (value, field) => rooms(value, field);

/** `personalNumber` goes no further than to be hashed. */
export const organiserInput = object({
  name: line(120),
  email,
  personalNumber: nullable(personalNumber),
  hsaId: nullable(hsaId),
  roles: list(oneOf(ROLES), 1, 3),
});
export type WrittenOrganiser = ReturnType<typeof organiserInput>;

export const organisationSettings = object({
  support,
  providers: list(id, 0, 50),
  retention: object({ meetings: integer(1, 3650), audit: integer(90, 36_500) }),
  keepEvidence: boolean,
});
export type OrganisationSettings = ReturnType<typeof organisationSettings>;

export const roomInput = object({ organiserId: id, name: line(120), capacity: oneOf(CAPACITIES) });
export type RoomInput = ReturnType<typeof roomInput>;

export const meetingTypeInput = object({
  name: line(120),
  approvedClass: informationClass,
  minimumAssurance: oneOf(ASSURANCES),
  endToEndEncryption: oneOf(ENCRYPTION_DEMANDS),
});
export type MeetingTypeInput = ReturnType<typeof meetingTypeInput>;

export const apiKeyInput = object({ name: line(120) });

export const erasure = object({ personalNumber });

export const organisationRegistration = object({
  name: line(120),
  roomPackage,
  support,
  administrator: organiserInput,
});
export type WrittenRegistration = ReturnType<typeof organisationRegistration>;

export const organisationChange = object({
  name: optional(line(120)),
  roomPackage: optional(roomPackage),
  active: optional(boolean),
});
export type OrganisationChange = ReturnType<typeof organisationChange>;
