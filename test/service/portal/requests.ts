/** Requests that are right; tests change what they look at. */
import type { BookMeetingRequest, InviteeInput } from '../../../examples/meeting/shared/api.js';

export function aGuest(change: Partial<InviteeInput> = {}): InviteeInput {
  return {
    name: 'Kim Karlsson',
    role: 'participant',
    via: 'email',
    email: 'kim@example.org',
    language: 'sv',
    ...change,
  };
}

export function aBooking(change: Partial<BookMeetingRequest> = {}): BookMeetingRequest {
  return {
    title: 'Uppföljning ärende 17',
    kind: 'individual',
    meetingTypeId: 'type-1',
    roomId: 'room-1',
    startsAt: '2027-03-22T08:00:00Z',
    durationMinutes: 45,
    message: 'Ha dina papper till hands.',
    minimumAssurance: 'substantial',
    endToEndEncryption: 'required',
    informationClass: { confidentiality: 3, integrity: 3, availability: 2 },
    assessment: {
      concernsProtectionOfChild: false,
      suitsThePerson: true,
      deviation: null,
      justification: 'Personen vill mötas digitalt och har ett ostört rum.',
    },
    invitees: [aGuest()],
    ...change,
  };
}
