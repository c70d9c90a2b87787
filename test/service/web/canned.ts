/** What the fake service answers unless a test says otherwise: one municipality with its people and meetings. */
import type {
  AuditPage,
  EidProviderView,
  InvitationView,
  LobbyPerson,
  LobbyView,
  MeetingTypeView,
  MeetingView,
  OrganisationEntry,
  OrganisationView,
  OrganiserView,
  ParticipantView,
  PortalOverview,
  SessionView,
  SupportContact,
  VerifiedPerson,
} from '../../../examples/meeting/shared/api.js';

export const TOKEN = 'Zm9yLXRlc3RzLW9ubHktbm90LWEtc2VjcmV0LWF0LWFsbA';
export const MEETING_ID = '7d0c2f7e-3a54-4c8e-9b1d-1f0a5a2f9c11';
const STARTS_AT = '2031-03-04T13:00:00.000Z';

export const support: SupportContact = {
  name: 'Kontaktcenter Demokommunen',
  phone: '010-123 45 67',
  email: 'kontakt@demokommunen.example',
  hours: 'Vardagar 8–17',
};

export const verified: VerifiedPerson = {
  name: 'Karin Karlsson',
  provider: 'bankid',
  providerLabel: { sv: 'BankID', en: 'BankID' },
  assurance: 'substantial',
};

export const session = (): SessionView => ({
  person: null,
  roles: [],
  organisation: null,
  support,
  language: 'sv',
  serviceName: 'Säkra möten',
  isTestService: false,
  idleTimeoutMinutes: 30,
});

export const citizenSession = (): SessionView => ({ ...session(), person: verified });

export const staffSession = (): SessionView => ({
  ...session(),
  person: {
    name: 'Anna Andersson',
    provider: 'siths',
    providerLabel: { sv: 'SITHS', en: 'SITHS' },
    assurance: 'substantial',
  },
  roles: ['organiser', 'administrator', 'operator'],
  organisation: { id: 'org', name: 'Demokommunen' },
});

/** Said with the test e-ID. */
export const testPerson: VerifiedPerson = {
  name: 'Anna Andersson',
  provider: 'test',
  providerLabel: { sv: 'Test-legitimation', en: 'Test e-ID' },
  assurance: 'substantial',
};

export const providers = (): EidProviderView[] => [
  {
    id: 'bankid',
    label: { sv: 'BankID', en: 'BankID' },
    flow: 'app',
    assurance: 'substantial',
    isTest: false,
  },
  {
    id: 'freja',
    label: { sv: 'Freja+', en: 'Freja+' },
    flow: 'app',
    assurance: 'substantial',
    isTest: false,
  },
  {
    id: 'siths',
    label: { sv: 'SITHS eID', en: 'SITHS eID' },
    flow: 'redirect',
    assurance: 'substantial',
    isTest: false,
  },
  {
    id: 'otp',
    label: { sv: 'Engångskod via e-post', en: 'One-time code by e-mail' },
    flow: 'code',
    assurance: 'low',
    isTest: false,
  },
  {
    id: 'test',
    label: { sv: 'Test-legitimation', en: 'Test e-ID' },
    flow: 'form',
    assurance: 'substantial',
    isTest: true,
  },
];

export const invitation = (): InvitationView => ({
  meetingId: MEETING_ID,
  organisation: 'Demokommunen',
  organiser: 'Anna Andersson',
  startsAt: STARTS_AT,
  durationMinutes: 60,
  status: 'planned',
  role: 'participant',
  minimumAssurance: 'substantial',
  endToEndEncryption: 'required',
  support,
  payment: null,
});

export const participant = (): ParticipantView => ({
  participantId: 'p-karin',
  meetingId: MEETING_ID,
  title: 'Uppföljning av insats',
  message: 'Ha gärna brevet från oss till hands. Säg till om du vill ha tolk.',
  displayName: 'Karin Karlsson',
  role: 'participant',
  state: 'identified',
  queuePlace: null,
  hostPresent: false,
  meetingStatus: 'planned',
  reason: null,
  notice: null,
  endToEndEncryption: 'required',
  informationClass: { confidentiality: 3, integrity: 2, availability: 2 },
  startsAt: STARTS_AT,
  durationMinutes: 60,
  support,
  organisation: 'Demokommunen',
});

export const waiting = (): ParticipantView => ({ ...participant(), state: 'waiting', queuePlace: 2 });

export const host = (): ParticipantView => ({
  ...participant(),
  participantId: 'p-anna',
  displayName: 'Anna Andersson',
  role: 'host',
  hostPresent: true,
});

export const lobbyPerson = (over: Partial<LobbyPerson> = {}): LobbyPerson => ({
  participantId: 'p-karin',
  displayName: 'Karin Karlsson',
  role: 'participant',
  state: 'waiting',
  present: false,
  waitingSince: '2031-03-04T12:56:00.000Z',
  verified,
  matchesInvitation: true,
  ...over,
});

export const lobby = (): LobbyView => ({
  meetingId: MEETING_ID,
  title: 'Uppföljning av insats',
  status: 'open',
  capacity: 25,
  locked: false,
  notice: 'Jag är strax klar.',
  people: [
    lobbyPerson({
      participantId: 'p-anna',
      displayName: 'Anna Andersson',
      role: 'host',
      state: 'admitted',
      present: true,
      waitingSince: null,
      verified: {
        ...verified,
        name: 'Anna Andersson',
        provider: 'siths',
        providerLabel: { sv: 'SITHS', en: 'SITHS' },
      },
    }),
    lobbyPerson(),
    lobbyPerson({
      participantId: 'p-amir',
      displayName: 'Tolken Amir',
      role: 'interpreter',
      matchesInvitation: false,
      verified: {
        name: 'Amir Haddad',
        provider: 'freja',
        providerLabel: { sv: 'Freja+', en: 'Freja+' },
        assurance: 'substantial',
      },
    }),
    lobbyPerson({
      participantId: 'p-lars',
      displayName: 'Lars Larsson',
      role: 'relative',
      state: 'admitted',
      present: true,
      verified: { ...verified, name: 'Lars Larsson' },
    }),
    lobbyPerson({
      participantId: 'p-eva',
      displayName: 'Eva Ek',
      role: 'authority',
      state: 'invited',
      waitingSince: null,
      verified: null,
      matchesInvitation: false,
    }),
  ],
});

/** Before the host has started: two wait, nobody is let in. */
export const earlyLobby = (): LobbyView => ({
  ...lobby(),
  status: 'open',
  notice: null,
  people: lobby()
    .people.filter(({ participantId }) => participantId !== 'p-lars')
    .map((person) => (person.role === 'host' ? { ...person, state: 'identified', present: false } : person)),
});

/** A host who is there before the meeting has begun. */
export const earlyHost = (): ParticipantView => ({ ...host(), hostPresent: false });

export const rooms: OrganiserView['rooms'] = [
  { id: 'room-1', name: 'Annas väntrum', capacity: 5 },
  { id: 'room-2', name: 'Stora väntrummet', capacity: 25 },
];

export const meetingTypes = (): MeetingTypeView[] => [
  {
    id: 'type-1',
    name: 'Uppföljning och planering',
    approvedClass: { confidentiality: 3, integrity: 2, availability: 2 },
    minimumAssurance: 'substantial',
    endToEndEncryption: 'required',
  },
  {
    id: 'type-2',
    name: 'Rådgivning',
    approvedClass: { confidentiality: 2, integrity: 2, availability: 1 },
    minimumAssurance: 'low',
    endToEndEncryption: 'off',
  },
];

export const meeting = (over: Partial<MeetingView> = {}): MeetingView => ({
  id: MEETING_ID,
  seriesId: null,
  title: 'Uppföljning av insats',
  kind: 'individual',
  meetingTypeId: 'type-1',
  room: rooms[0],
  organiser: 'Anna Andersson',
  startsAt: STARTS_AT,
  durationMinutes: 60,
  status: 'planned',
  message: 'Ha gärna brevet från oss till hands.',
  minimumAssurance: 'substantial',
  endToEndEncryption: 'required',
  informationClass: { confidentiality: 3, integrity: 2, availability: 2 },
  assessment: {
    concernsProtectionOfChild: false,
    suitsThePerson: true,
    deviation: null,
    justification: 'Personen bor långt bort, är van vid videomöten och kan sitta ostört.',
    assessedBy: 'Anna Andersson',
    assessedAt: '2031-02-20T09:12:00.000Z',
  },
  invitations: [
    {
      id: 'i-1',
      name: 'Karin Karlsson',
      role: 'participant',
      via: 'email',
      sentTo: 'k•••@example.com',
      delivery: 'sent',
      link: `https://meet.example/i/${TOKEN}`,
      seriesLink: over.seriesId === undefined ? undefined : `https://meet.example/i/${TOKEN}s`,
      state: 'invited',
      namesPerson: true,
    },
    {
      id: 'i-2',
      name: 'Tolkförmedlingen',
      role: 'interpreter',
      via: 'sms',
      sentTo: '070-••• •• 67',
      delivery: 'failed',
      link: `https://meet.example/i/${TOKEN}2`,
      state: 'invited',
      namesPerson: false,
    },
    {
      id: 'i-3',
      name: 'Lars Larsson',
      role: 'relative',
      via: 'link',
      sentTo: null,
      delivery: 'not-sent',
      link: `https://meet.example/i/${TOKEN}3`,
      state: 'identified',
      namesPerson: false,
    },
  ],
  ...over,
});

export const overview = (): PortalOverview => ({
  rooms,
  meetingTypes: meetingTypes(),
  providers: providers(),
  upcoming: [
    meeting({ status: 'open' }),
    meeting({
      id: 'm-2',
      title: 'Samordnad individuell plan',
      kind: 'sip',
      seriesId: 'series',
      startsAt: '2031-03-05T08:30:00.000Z',
      room: rooms[1],
    }),
    meeting({
      id: 'm-3',
      title: 'Rådgivning om budget',
      startsAt: '2031-03-11T14:15:00.000Z',
      status: 'cancelled',
    }),
  ],
  paymentEnabled: true,
  smsEnabled: true,
  emailEnabled: true,
});

export const organisation = (): OrganisationView => ({
  id: 'org',
  name: 'Demokommunen',
  support,
  providers: ['bankid', 'freja', 'siths'],
  availableProviders: providers(),
  retention: { meetings: 365, audit: 1825 },
  keepEvidence: false,
  roomPackage: { 5: 6, 25: 2, 50: 0, 100: 0 },
});

export const organisers = (): OrganiserView[] => [
  {
    id: 'o-1',
    name: 'Anna Andersson',
    email: 'anna.andersson@demokommunen.example',
    roles: ['organiser', 'administrator'],
    rooms,
    active: true,
  },
  {
    id: 'o-2',
    name: 'Bertil Berg',
    email: 'bertil.berg@demokommunen.example',
    roles: ['organiser'],
    rooms: [],
    active: true,
  },
];

export const apiKeys = () => [
  {
    id: 'k-1',
    name: 'Bokningssystemet Tid',
    createdAt: '2031-01-10T10:00:00.000Z',
    lastUsedAt: '2031-03-01T07:40:00.000Z',
  },
  { id: 'k-2', name: 'Socialtjänstens kalender', createdAt: '2031-02-02T13:30:00.000Z', lastUsedAt: null },
];

export const audit = (): AuditPage => ({
  intact: true,
  nextBefore: 41,
  checkedAt: '2031-03-04T03:00:00.000Z',
  entries: [
    {
      sequence: 41,
      at: '2031-03-04T12:58:10.000Z',
      action: 'person.identified',
      actor: '4f1a9c0d2b7e8a61',
      meetingId: MEETING_ID,
      details: { purpose: 'meeting', provider: 'bankid', assurance: 'substantial', organiser: null },
      hash: 'a1',
    },
    {
      sequence: 42,
      at: '2031-03-04T13:01:02.000Z',
      action: 'participant.admitted',
      actor: 'participant:9c2e0d7f-3a54-4c8e-9b1d-1f0a5a2f9c11',
      meetingId: MEETING_ID,
      details: {
        participant: '5a1c2d3e-3a54-4c8e-9b1d-1f0a5a2f9c11',
        role: 'participant',
        provider: 'bankid',
        assurance: 'substantial',
        matchesInvitation: true,
      },
      hash: 'b2',
    },
    {
      sequence: 43,
      at: '2031-03-04T14:02:44.000Z',
      action: 'meeting.ended',
      actor: 'participant:9c2e0d7f-3a54-4c8e-9b1d-1f0a5a2f9c11',
      meetingId: MEETING_ID,
      details: { admitted: 3 },
      hash: 'c3',
    },
  ],
});

export const organisations = (): OrganisationEntry[] => [
  {
    id: 'org',
    name: 'Demokommunen',
    roomPackage: { 5: 6, 25: 2, 50: 0, 100: 0 },
    administrators: ['Anna Andersson'],
    active: true,
  },
  {
    id: 'org-2',
    name: 'Exempelregionen',
    roomPackage: { 5: 8, 25: 2, 50: 1, 100: 0 },
    administrators: ['Eva Ek', 'Fredrik Falk'],
    active: false,
  },
];
