/**
 * What the page and the server say to each other over HTTP: JSON, same origin, session in a cookie. The server parses each
 * request into these shapes at its edge; the page relies on the answers. Errors are `ApiError` with a stable code.
 *
 * Every state-changing request must carry `Origin` of the service itself. Times are ISO 8601 in UTC, durations minutes.
 */

export type Language = 'sv' | 'en';
export type Localized = Readonly<Record<Language, string>>;
export type Assurance = 'low' | 'substantial' | 'high';

/** Body of every answer with status 400 and up. */
export interface ApiError {
  error: {
    /** Stable: `bad-request`, `not-signed-in`, `forbidden`, `not-found`, `conflict`, `rate-limited`, `gone`, `internal` ... */
    code: string;
    message: Localized;
    /** The field that was wrong, as `startsAt`. */
    field?: string;
  };
}

// ---- session and e-ID ---------------------------------------------------------------------------------------

/** `operator`: runs the service and registers organisations. */
export type PortalRole = 'organiser' | 'administrator' | 'operator';

/**
 * GET /api/session -> SessionView, which pages may ask as often as they like: it keeps nobody signed in.
 * POST /api/session/stay {} -> SessionView: "I am still here". POST /api/session/end -> SessionView.
 * POST /api/session/language { language } -> SessionView.
 */
export interface SessionView {
  /** Null: not identified. */
  person: VerifiedPerson | null;
  /** What the person may do in the portal; empty for citizens. */
  roles: PortalRole[];
  organisation: { id: string; name: string } | null;
  support: SupportContact;
  language: Language;
  serviceName: string;
  /** True: the test e-ID is on, so nobody is really proven. */
  isTestService: boolean;
  /** Recommended time without activity before the session ends; the page warns before. */
  idleTimeoutMinutes: number;
  /** Until the session ends when the person does nothing more; absent when nobody is identified. */
  idleSecondsLeft?: number;
}

export interface VerifiedPerson {
  name: string;
  /** Provider's id and its name. */
  provider: string;
  providerLabel: Localized;
  assurance: Assurance;
}

export interface SupportContact {
  name: string;
  phone: string;
  email: string;
  hours: string;
}

/** GET /api/eid/providers?purpose=portal | ?invitation=<token> -> { providers: EidProviderView[] } */
export interface EidProviderView {
  id: string;
  label: Localized;
  flow: 'app' | 'redirect' | 'code' | 'form';
  assurance: Assurance;
  isTest: boolean;
}

/** POST /api/eid/orders -> EidOrderView. An order belongs to the session that started it. */
export interface StartEidRequest {
  provider: string;
  purpose: 'portal' | 'meeting';
  /** For `meeting`. */
  invitation?: string;
  sameDevice: boolean;
  /** Path on this service to come back to after a redirect, or from an app on the same device. */
  returnPath: string;
  /** Flow `code`. */
  email?: string;
  /** Flow `form`. */
  claim?: { name: string; personalNumber: string; assurance: Assurance };
}

/**
 * GET /api/eid/orders/<id>, once a second while pending.
 * POST /api/eid/orders/<id>/code { code } -> EidOrderView. POST /api/eid/orders/<id>/cancel -> {}.
 * POST /api/eid/returned { nonce } -> EidOrderView: an app on the same device has opened `returnPath#eid-return=<nonce>`. The
 * order is pending then, to be asked for by its id; or failed, without an id: `returned-elsewhere` when another browser began
 * it, `expired` when it is over.
 * GET /eid/callback: where redirect providers send the browser; answers with a redirect to `returnPath`, with
 * `?eid=failed&reason=<EidFailure>` when it did not work.
 */
export interface EidOrderView {
  id: string;
  provider: string;
  state: 'pending' | 'complete' | 'failed';
  message: Localized;
  /** An SVG picture of the QR code, as text. */
  qrSvg?: string;
  launch?: { desktop: string; mobile: string };
  redirectUrl?: string;
  codeSentTo?: string;
  attemptsLeft?: number;
  failure?: string;
}

// ---- a participant ------------------------------------------------------------------------------------------

export type MeetingRole = 'host' | 'participant' | 'interpreter' | 'relative' | 'authority';
export const MEETING_ROLES: readonly MeetingRole[] = [
  'host',
  'participant',
  'interpreter',
  'relative',
  'authority',
];

export type ParticipantState = 'invited' | 'identified' | 'waiting' | 'admitted' | 'denied' | 'left';

/**
 * GET /api/invitations/<token>: what may be seen before anybody is identified. The link of an invitation is
 * `/i/<token>`.
 */
export interface InvitationView {
  meetingId: string;
  organisation: string;
  organiser: string;
  startsAt: string;
  durationMinutes: number;
  status: MeetingStatus;
  role: MeetingRole;
  minimumAssurance: Assurance;
  endToEndEncryption: EncryptionDemand;
  support: SupportContact;
  /** Null: nothing to pay. */
  payment: { amount: number; currency: 'SEK'; paid: boolean } | null;
}

/**
 * POST /api/invitations/<token>/claim -> ParticipantView: binds the invitation to this identified session. Errors:
 * `not-signed-in`, `assurance-too-low`, `identity-mismatch` (somebody else is invited), `already-claimed`, `gone`.
 * GET /api/meetings/<id>/me -> ParticipantView.
 * POST /api/meetings/<id>/me/wait { undisturbed: true } -> ParticipantView: into the waiting room. Error `payment-required`,
 * `not-open` (earlier than 60 minutes before the start). The name that others see is the proven one; nobody chooses it.
 * GET /api/meetings/<id>/me/payment -> { payment: as in InvitationView }, null also for hosts and where payment is off;
 * POST -> { redirectUrl }: where to pay; `conflict` when there is nothing to pay.
 * POST /api/meetings/<id>/me/leave -> ParticipantView.
 * POST /api/meetings/<id>/me/ticket -> TicketView; `not-admitted` for everybody else.
 * Hosts and organisers use the same paths: the organiser of a meeting is its host without an invitation.
 */
export interface ParticipantView {
  participantId: string;
  meetingId: string;
  title: string;
  /** Said before the meeting by the organiser, such as what to have at hand; may be empty. */
  message: string;
  displayName: string;
  role: MeetingRole;
  state: ParticipantState;
  /** From 1, while waiting. */
  queuePlace: number | null;
  hostPresent: boolean;
  meetingStatus: MeetingStatus;
  /** Why not let in, or removed. */
  reason: string | null;
  /** The newest message from the host to those waiting. */
  notice: string | null;
  endToEndEncryption: EncryptionDemand;
  informationClass: InformationClass;
  startsAt: string;
  durationMinutes: number;
  support: SupportContact;
  organisation: string;
}

/** A ticket opens one WebSocket to the meeting's room, once, within 30 s. */
export interface TicketView {
  ticket: string;
  room: string;
  displayName: string;
  /**
   * TURN servers, which a browser tries beside the direct way; empty: there are none. Who needs new ones later, as to open a
   * relay anew, asks for another ticket and leaves it unused.
   */
  iceServers: IceServer[];
}

/** As browsers take it (`RTCIceServer`). The credential is this person's alone and ends by itself. */
export interface IceServer {
  urls: string[];
  username: string;
  credential: string;
}

/**
 * GET /api/meetings/<id>/events, text/event-stream. Events: `me` (ParticipantView), for hosts also `lobby` (LobbyView), from
 * when they are identified; `ended` ({ reason }). The present state comes at once after connecting; a comment line at least every 15 s.
 */
export interface LobbyView {
  meetingId: string;
  title: string;
  status: MeetingStatus;
  capacity: number;
  locked: boolean;
  /** Everybody who was invited or came, in the order of waiting. */
  people: LobbyPerson[];
  notice: string | null;
}

export interface LobbyPerson {
  participantId: string;
  displayName: string;
  role: MeetingRole;
  state: ParticipantState;
  /** In the room right now. */
  present: boolean;
  waitingSince: string | null;
  /** Null while not identified. */
  verified: VerifiedPerson | null;
  /** The invitation named this very person, and it is proven to be them. */
  matchesInvitation: boolean;
}

/**
 * Host tools, all POST /api/meetings/<id>/lobby/<action> -> LobbyView:
 * admit { participantId } | { all: true }; deny { participantId, reason }; notice { text }; remove { participantId, reason };
 * mute { participantId }; lock { locked }; end {}.
 * Errors: `forbidden`, `not-found`, `conflict` (state does not allow it), `meeting-full`.
 */
export type LobbyAction = 'admit' | 'deny' | 'notice' | 'remove' | 'mute' | 'lock' | 'end';

/**
 * Shared documents, end-to-end encrypted by the page before they leave it. The name travels in the encrypted chat.
 * POST /api/meetings/<id>/documents { size } -> { documentId }; PUT /api/meetings/<id>/documents/<documentId>, body
 * application/octet-stream of exactly `size` bytes; GET the same path. Admitted people only; gone when the meeting ends.
 * Errors: `too-big` (25 MB + 64 KiB), `limit-reached`.
 */
export const MAX_DOCUMENT_BYTES = 25 * 1024 * 1024;
/** What encryption adds at most. */
export const DOCUMENT_OVERHEAD_BYTES = 64 * 1024;

// ---- portal -------------------------------------------------------------------------------------------------

export type MeetingStatus = 'planned' | 'open' | 'ended' | 'cancelled';
/**
 * `required`: only browsers that can encrypt end to end come in. `off`: nothing is encrypted end to end, so whoever runs the
 * server can hear, see and read. Anything else in a request is refused as `bad-request`, with this list.
 */
export type EncryptionDemand = 'required' | 'off';
export type MeetingKind = 'individual' | 'group' | 'sip';
export type ProtectionLevel = 1 | 2 | 3 | 4;

/** Confidentiality, integrity, availability; 1 (none or negligible harm) to 4 (serious harm). */
export interface InformationClass {
  confidentiality: ProtectionLevel;
  integrity: ProtectionLevel;
  availability: ProtectionLevel;
}

/** Whether this meeting is fit to be held digitally: judged before each booking, with who decided. */
export interface SuitabilityAssessment {
  /** True refuses the booking: protection assessments of children are not held digitally. */
  concernsProtectionOfChild: boolean;
  /** The person's needs and circumstances allow it (interpreter, disability, threat at home ...). */
  suitsThePerson: boolean;
  /** The meeting type's approved class covers this information, or a deviation is decided. */
  deviation: { reason: string; decidedBy: string } | null;
  justification: string;
}

export interface InviteeInput {
  name: string;
  role: Exclude<MeetingRole, 'host'> | 'host';
  /** How the invitation goes out. `link`: to be copied. */
  via: 'email' | 'sms' | 'link';
  email?: string;
  phone?: string;
  /** 12 digits. Given: only this person gets in. Kept as a keyed hash only. */
  personalNumber?: string;
  language: Language;
}

/** GET /api/portal/meetings?from=&to= -> { meetings: MeetingView[] }; POST -> { meetings: MeetingView[] } (a series makes several). */
export interface BookMeetingRequest {
  title: string;
  kind: MeetingKind;
  meetingTypeId: string;
  roomId: string;
  startsAt: string;
  durationMinutes: number;
  message: string;
  minimumAssurance: Assurance;
  endToEndEncryption: EncryptionDemand;
  informationClass: InformationClass;
  assessment: SuitabilityAssessment;
  invitees: InviteeInput[];
  /** Weekly or every second week, so many times in all; left out: once. */
  series?: { everyWeeks: 1 | 2 | 4; count: number };
  /** Only when the service has payment on. */
  payment?: { amount: number; currency: 'SEK' };
}

/**
 * GET /api/portal/meetings/<id>; PATCH { title?, startsAt?, durationMinutes?, message?, invitees? (added), wholeSeries? };
 * DELETE { wholeSeries? } cancels. POST /api/portal/meetings/<id>/invitations/<invitationId>/resend.
 * DELETE /api/portal/meetings/<id>/invitations/<invitationId> { wholeSeries? } -> MeetingView: takes an invitation back. The
 * person is told, is out of the meeting at once (`ParticipantView.reason` is `revoked`), and the link answers `gone`. With
 * `wholeSeries` also in those meetings of the series that have not begun.
 */
export interface MeetingView {
  id: string;
  seriesId: string | null;
  title: string;
  kind: MeetingKind;
  meetingTypeId: string;
  room: RoomView;
  organiser: string;
  startsAt: string;
  durationMinutes: number;
  status: MeetingStatus;
  message: string;
  minimumAssurance: Assurance;
  endToEndEncryption: EncryptionDemand;
  informationClass: InformationClass;
  assessment: SuitabilityAssessment & { assessedBy: string; assessedAt: string };
  invitations: InvitationEntry[];
}

export interface InvitationEntry {
  id: string;
  name: string;
  role: MeetingRole;
  via: 'email' | 'sms' | 'link';
  /** Partly hidden address or number. */
  sentTo: string | null;
  delivery: 'not-sent' | 'sent' | 'failed';
  /** Only for the organiser. */
  link: string;
  /** To all meetings of the series: leads to the one that is next or under way. */
  seriesLink?: string;
  state: ParticipantState;
  namesPerson: boolean;
}

/** An organiser's own waiting room. */
export interface RoomView {
  id: string;
  name: string;
  capacity: 5 | 25 | 50 | 100;
}

/** GET /api/portal/overview */
export interface PortalOverview {
  rooms: RoomView[];
  meetingTypes: MeetingTypeView[];
  providers: EidProviderView[];
  upcoming: MeetingView[];
  paymentEnabled: boolean;
  smsEnabled: boolean;
  emailEnabled: boolean;
}

/** What the organisation has approved: which information may be spoken of in which kind of meeting. */
export interface MeetingTypeView {
  id: string;
  name: string;
  approvedClass: InformationClass;
  minimumAssurance: Assurance;
  endToEndEncryption: EncryptionDemand;
}

// ---- operation ----------------------------------------------------------------------------------------------

/**
 * GET /api/operator/organisations -> { organisations: OrganisationEntry[] }; POST RegisterOrganisation -> OrganisationEntry;
 * PATCH /api/operator/organisations/<id> { name?, roomPackage?, active? }.
 */
export interface OrganisationEntry {
  id: string;
  name: string;
  roomPackage: RoomPackage;
  administrators: string[];
  active: boolean;
}
/** How many rooms of each size an organisation may have. Small: 1 of 5; medium: 6 of 5 and 2 of 25; large: 8 of 5 and 2 of 25. */
export type RoomPackage = Record<5 | 25 | 50 | 100, number>;
export interface RegisterOrganisation {
  name: string;
  roomPackage: RoomPackage;
  support: SupportContact;
  administrator: OrganiserInput;
}

// ---- administration -----------------------------------------------------------------------------------------

/** GET and PUT /api/admin/organisation */
export interface OrganisationView {
  id: string;
  name: string;
  support: SupportContact;
  /** Ids of the e-ID providers that are approved, of those that the service has. */
  providers: string[];
  availableProviders: EidProviderView[];
  /** Days. */
  retention: { meetings: number; audit: number };
  keepEvidence: boolean;
  /** How many rooms of each size may be given out. Only read. */
  roomPackage?: RoomPackage;
}

/** GET /api/admin/organisers -> { organisers }; POST OrganiserInput; DELETE /api/admin/organisers/<id> */
export interface OrganiserView {
  id: string;
  name: string;
  email: string;
  roles: PortalRole[];
  rooms: RoomView[];
  active: boolean;
}
export interface OrganiserInput {
  name: string;
  email: string;
  /** Logs in with an e-ID that proves this number or HSA-ID; without either, with a one-time code to the e-mail. */
  personalNumber?: string;
  hsaId?: string;
  roles: PortalRole[];
}
/** POST /api/admin/rooms { organiserId, name, capacity } -> RoomView; DELETE /api/admin/rooms/<id>. */
/** GET /api/admin/meeting-types; POST; PUT /api/admin/meeting-types/<id>; DELETE. */
/** GET /api/admin/api-keys -> { keys: ApiKeyView[] }; POST { name } -> ApiKeyView & { key } (shown once); DELETE. */
export interface ApiKeyView {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
}
/**
 * GET /api/admin/audit?from=&to=&meeting=&before=<sequence>&limit=<1-1000> -> AuditPage, the newest first page; POST
 * /api/admin/audit/verify {} -> AuditVerdictView; GET /api/admin/audit/export?from=&to=: NDJSON, `X-Audit-Intact: true|false`.
 */
export interface AuditPage {
  /** Oldest first. */
  entries: AuditEntryView[];
  /** `before` of the page with older ones; null: there are none. */
  nextBefore: number | null;
  /** Nothing wrong was found: at the last check of all, and since then with what is new. */
  intact: boolean;
  /** When every entry was last checked; null: never. */
  checkedAt: string | null;
}
/** Every hash reckoned again. */
export interface AuditVerdictView {
  intact: boolean;
  entries: number;
  /** The first entry with which something is wrong. */
  problemAt: number | null;
  checkedAt: string;
}
export interface AuditEntryView {
  sequence: number;
  at: string;
  action: string;
  /** Pseudonym or name of a role, never a personal number. */
  actor: string;
  meetingId: string | null;
  details: Record<string, string | number | boolean | null>;
  hash: string;
}
/** Erases a person's traces but the audit verdicts: POST /api/admin/erase { personalNumber } -> { erased: number }. */

/**
 * For booking systems: /api/v1/meetings (POST, GET), /api/v1/meetings/<id> (GET, PATCH, DELETE) with
 * `Authorization: Bearer <api key>`; the same shapes, and `organiserEmail` in a POST. Also DELETE
 * /api/v1/meetings/<id>/invitations/<invitationId>.
 */
