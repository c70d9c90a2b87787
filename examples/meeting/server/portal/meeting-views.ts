/** From records to what the page and booking systems are shown. */
import type {
  EidProviderView,
  InvitationEntry,
  MeetingTypeView,
  MeetingView,
  RoomView,
} from '../../shared/api.js';
import { providerView } from '../eid-views.js';
import { invitationLink } from '../notify/invitation-token.js';
import type { ServiceContext } from '../service-context.js';
import type {
  InvitationRecord,
  MeetingRecord,
  MeetingTypeRecord,
  OrganisationRecord,
  ParticipantRecord,
  RoomRecord,
  StoreGroups,
} from '../store/store.js';
import { maskedContact } from './contact.js';

/** In the order given. */
export async function meetingViews(
  context: ServiceContext,
  tx: StoreGroups,
  meetings: readonly MeetingRecord[],
): Promise<MeetingView[]> {
  const ids = meetings.map(({ id }) => id);
  const invitations = ids.length === 0 ? [] : await tx.invitations.list(ids);
  const participants = ids.length === 0 ? [] : await tx.participants.list(ids);
  const stateOf = new Map(participants.map((one) => [one.invitationId, one.state]));
  const rooms = await byId(
    meetings,
    ({ roomId }) => roomId,
    (id) => tx.rooms.get(id),
  );
  const organisers = await byId(
    meetings,
    ({ organiserId }) => organiserId,
    (id) => tx.organisers.get(id),
  );
  return meetings.map((meeting) => ({
    id: meeting.id,
    seriesId: meeting.seriesId,
    title: meeting.title,
    kind: meeting.kind,
    meetingTypeId: meeting.meetingTypeId,
    room: roomView(required(rooms.get(meeting.roomId), 'room', meeting)),
    organiser: required(organisers.get(meeting.organiserId), 'organiser', meeting).name,
    startsAt: iso(meeting.startsAt),
    durationMinutes: meeting.durationMinutes,
    status: meeting.status,
    message: meeting.message,
    minimumAssurance: meeting.minimumAssurance,
    endToEndEncryption: meeting.endToEndEncryption,
    informationClass: meeting.informationClass,
    assessment: { ...meeting.assessment, assessedAt: iso(meeting.assessment.assessedAt) },
    invitations: invitations
      .filter(({ meetingId, revokedAt }) => meetingId === meeting.id && revokedAt === null)
      .map((invitation) => invitationEntry(context, invitation, stateOf.get(invitation.id))),
  }));
}

function invitationEntry(
  context: ServiceContext,
  invitation: InvitationRecord,
  state: ParticipantRecord['state'] | undefined,
): InvitationEntry {
  const contact = invitation.email ?? invitation.phone;
  return {
    id: invitation.id,
    name: invitation.name,
    role: invitation.role,
    via: invitation.via,
    sentTo: contact === null ? null : maskedContact(contact),
    delivery: invitation.delivery,
    link: invitationLink(context.publicUrl(), context.secret, invitation.id),
    ...(invitation.seriesId === null
      ? {}
      : { seriesLink: invitationLink(context.publicUrl(), context.secret, invitation.seriesId) }),
    state: state ?? 'invited',
    namesPerson: invitation.subjectHash !== null,
  };
}

export function roomView({ id, name, capacity }: RoomRecord): RoomView {
  return { id, name, capacity };
}

export function meetingTypeView(record: MeetingTypeRecord): MeetingTypeView {
  const { id, name, approvedClass, minimumAssurance, endToEndEncryption } = record;
  return { id, name, approvedClass, minimumAssurance, endToEndEncryption };
}

/** Those that the service has; with an organisation, those of them that it approved. */
export function providerViews(context: ServiceContext, organisation?: OrganisationRecord): EidProviderView[] {
  return context.eid.providers
    .filter(({ id }) => organisation === undefined || organisation.providers.includes(id))
    .map(providerView);
}

export function iso(instant: number): string {
  return new Date(instant).toISOString();
}

async function byId<T>(
  meetings: readonly MeetingRecord[],
  idOf: (meeting: MeetingRecord) => string,
  get: (id: string) => Promise<T | null>,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (const id of new Set(meetings.map(idOf))) {
    const record = await get(id);
    if (record !== null) found.set(id, record);
  }
  return found;
}

function required<T>(record: T | undefined, what: string, { id }: MeetingRecord): T {
  if (record === undefined) throw new Error(`the ${what} of meeting ${id} is missing`);
  return record;
}
