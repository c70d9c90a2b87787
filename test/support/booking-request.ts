/** A booking that the demo organisation takes: what tests ask for by whatever way they ask. */
import type { BookMeetingRequest, InviteeInput, PortalOverview } from '../../examples/meeting/shared/api.js';

/** `change`: what of it the test looks at. */
export function bookingRequest(
  { rooms, meetingTypes }: PortalOverview,
  time: Pick<BookMeetingRequest, 'startsAt' | 'durationMinutes'>,
  invitees: readonly Partial<InviteeInput>[],
  change: Partial<BookMeetingRequest> = {},
): BookMeetingRequest {
  return {
    title: 'Uppföljning av insats',
    kind: 'group',
    meetingTypeId: meetingTypes.find(({ minimumAssurance }) => minimumAssurance === 'substantial')!.id,
    roomId: rooms.find(({ capacity }) => capacity === 5)!.id,
    ...time,
    message: '',
    minimumAssurance: 'substantial',
    endToEndEncryption: 'required',
    informationClass: { confidentiality: 2, integrity: 2, availability: 2 },
    assessment: {
      concernsProtectionOfChild: false,
      suitsThePerson: true,
      deviation: null,
      justification: 'Personen vill mötas digitalt.',
    },
    invitees: invitees.map((invitee): InviteeInput => ({
      name: 'Någon',
      role: 'participant',
      via: 'link',
      language: 'sv',
      ...invitee,
    })),
    ...change,
  };
}
