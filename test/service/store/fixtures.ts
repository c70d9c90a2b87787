/** Records to fill a store with. */
import { randomUUID } from 'node:crypto';
import type {
  InvitationRecord,
  MeetingRecord,
  MeetingTypeRecord,
  OrganisationRecord,
  OrganiserRecord,
  ParticipantRecord,
  RoomRecord,
  SessionRecord,
  Store,
} from '../../../examples/meeting/server/store/store.js';

export const DAY = 86_400_000;
/** A Monday at nine. */
export const NOW = Date.UTC(2026, 10, 2, 9);

const LOW = { confidentiality: 2, integrity: 2, availability: 1 } as const;

export function anOrganisation(change: Partial<OrganisationRecord> = {}): OrganisationRecord {
  return {
    id: randomUUID(),
    name: 'Demokommunen',
    support: {
      name: 'Kontaktcenter',
      phone: '0500-10 00',
      email: 'stod@example.org',
      hours: 'Vardagar 8–17',
    },
    providers: ['bankid', 'freja'],
    retention: { meetings: 90, audit: 730 },
    keepEvidence: false,
    roomPackage: { 5: 1, 25: 0, 50: 0, 100: 0 },
    active: true,
    createdAt: NOW,
    ...change,
  };
}

export function anOrganiser(
  organisationId: string | null,
  change: Partial<OrganiserRecord> = {},
): OrganiserRecord {
  const id = randomUUID();
  return {
    id,
    organisationId,
    name: 'Anna Åkesson',
    email: `${id}@example.org`,
    personalNumberHash: `pn-${id}`,
    hsaIdHash: null,
    roles: ['organiser'],
    active: true,
    createdAt: NOW,
    ...change,
  };
}

export function aSession(change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    idHash: randomUUID(),
    identity: null,
    organiserId: null,
    language: 'sv',
    createdAt: NOW,
    lastSeenAt: NOW,
    expiresAt: NOW + DAY / 2,
    ...change,
  };
}

/** What a meeting needs to stand in. */
export interface Ground {
  organisation: OrganisationRecord;
  organiser: OrganiserRecord;
  room: RoomRecord;
  meetingType: MeetingTypeRecord;
}

export async function prepareGround(store: Store, change: Partial<OrganisationRecord> = {}): Promise<Ground> {
  const organisation = anOrganisation(change);
  const organiser = anOrganiser(organisation.id);
  const common = { organisationId: organisation.id, active: true, createdAt: NOW };
  const room: RoomRecord = {
    ...common,
    id: randomUUID(),
    organiserId: organiser.id,
    name: 'Annas rum',
    capacity: 5,
  };
  const meetingType: MeetingTypeRecord = {
    ...common,
    id: randomUUID(),
    name: 'Uppföljning',
    approvedClass: LOW,
    minimumAssurance: 'substantial',
    endToEndEncryption: 'required',
  };
  await store.organisations.insert(organisation);
  await store.organisers.insert(organiser);
  await store.rooms.insert(room);
  await store.meetingTypes.insert(meetingType);
  return { organisation, organiser, room, meetingType };
}

export function aMeeting(
  { organisation, organiser, room, meetingType }: Ground,
  change: Partial<MeetingRecord> = {},
): Omit<MeetingRecord, 'version'> {
  const { version: _, ...record } = {
    id: randomUUID(),
    organisationId: organisation.id,
    organiserId: organiser.id,
    roomId: room.id,
    meetingTypeId: meetingType.id,
    seriesId: null,
    title: 'Samtal om "stöd" — 🙂',
    kind: 'individual' as const,
    startsAt: NOW + DAY,
    slotAt: null,
    durationMinutes: 45,
    status: 'planned' as const,
    message: 'Ha papper till hands.\nVälkommen!',
    minimumAssurance: 'substantial' as const,
    endToEndEncryption: 'required' as const,
    informationClass: LOW,
    assessment: {
      concernsProtectionOfChild: false,
      suitsThePerson: true,
      deviation: null,
      justification: 'Personen önskar det.',
      assessedBy: organiser.name,
      assessedAt: NOW,
    },
    payment: null,
    createdAt: NOW,
    endedAt: null,
    version: 0,
    ...change,
  };
  return record;
}

export function anInvitation(meetingId: string, change: Partial<InvitationRecord> = {}): InvitationRecord {
  return {
    id: randomUUID(),
    meetingId,
    name: 'Bo Berg',
    role: 'participant',
    via: 'email',
    email: 'bo@example.org',
    phone: null,
    subjectHash: null,
    language: 'sv',
    tokenHash: randomUUID(),
    seriesId: null,
    seriesTokenHash: null,
    sequence: 0,
    delivery: 'not-sent',
    deliveredAt: null,
    revokedAt: null,
    createdAt: NOW,
    ...change,
  };
}

export function aParticipant(meetingId: string, change: Partial<ParticipantRecord> = {}): ParticipantRecord {
  return {
    id: randomUUID(),
    meetingId,
    invitationId: null,
    organiserId: null,
    displayName: 'Bo Berg',
    role: 'participant',
    state: 'identified',
    provider: 'bankid',
    assurance: 'substantial',
    subjectHash: randomUUID(),
    evidenceHash: 'e'.repeat(64),
    evidence: null,
    sessionHash: null,
    verifiedAt: NOW,
    admittedAt: null,
    leftAt: null,
    ...change,
  };
}
