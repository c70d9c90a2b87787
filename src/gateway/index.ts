/** `sluss/gateway`: the signalling server. */
export {
  BANKID_PRODUCTION,
  BANKID_TEST,
  type BankIdOptions,
  BankIdProvider,
} from './eid/bankid/bankid-provider.js';
export type { ProofReason } from './eid/bankid/proof-error.js';
export { EidBroker, type EidBrokerOptions, RETURN_FRAGMENT } from './eid/eid-broker.js';
export * from './eid/eid-provider.js';
export { hashEvidence, makeEvidence } from './eid/evidence.js';
export {
  FREJA_PRODUCTION,
  FREJA_TEST,
  type FrejaOptions,
  FrejaProvider,
} from './eid/freja/freja-provider.js';
export { OidcProvider } from './eid/oidc/oidc-provider.js';
export type { ClientAuthentication, IdentifierClaim, OidcOptions, OidcProfile } from './eid/oidc/options.js';
export {
  BANKID_NORWAY,
  EIDAS,
  FINLAND_FTN,
  FREJA_OIDC,
  SITHS,
  SWEDEN_CONNECT,
} from './eid/oidc/ready-made.js';
export { type CodeMessage, OneTimeCode, type OneTimeCodeOptions } from './eid/one-time-code.js';
export { TestEid, type TestEidOptions } from './eid/test-eid.js';
export { createGateway, type Gateway } from './gateway.js';
export { Admission, type AdmissionOptions, type AdmissionSession } from './lobby/admission.js';
export { HOST, Lobby } from './lobby/lobby.js';
export { LobbyError, type LobbyErrorCode } from './lobby/lobby-error.js';
export type {
  IdentityProof,
  LobbyChange,
  LobbyListener,
  LobbyOperation,
  LobbyParticipant,
  LobbySettings,
  LobbySnapshot,
  NewParticipant,
  VerifiedIdentity,
} from './lobby/lobby-types.js';
export { TicketOffice, type TicketHolder, type TicketOfficeOptions } from './lobby/ticket-office.js';
export { PARTICIPANT_STATES, type ParticipantState } from './lobby/transitions.js';
export type {
  MediaBackend,
  MediaConsumer,
  MediaPipe,
  MediaProducer,
  MediaRouter,
  MediaStats,
  MediaTransport,
  RouterPlacement,
} from './media-backend.js';
export {
  type Authorize,
  type AuthorizedPeer,
  type AuthorizeRequest,
  type AuthorizeResult,
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  type GatewayLimits,
  type GatewayOptions,
  type GatewayTiming,
} from './options.js';
export type { PresentParticipant, RoomControl } from './room-control.js';
export { createWorkerPool, DEFAULT_MEDIA_CODECS, type WorkerPoolOptions } from './worker-pool.js';
