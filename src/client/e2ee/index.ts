/** `sluss/client/e2ee`: end-to-end encryption of a room. */
export { ENCRYPTED_CODECS } from './clear-bytes.js';
export {
  createDocumentKey,
  openDocument,
  type Progress,
  sealDocument,
  sealedLength,
} from './document-crypto.js';
export type { EncryptionFailure } from './encryption-worker.js';
export {
  type DocumentOffer,
  type EncryptedClient,
  EncryptedRoom,
  type EncryptedRoomEvents,
  type EncryptedRoomOptions,
  type EncryptionState,
  supportsEncryption,
} from './e2ee-session.js';
export { MAX_MEMBERS } from './key-messages.js';
export { MAX_TEXT_BYTES } from './message-crypto.js';
export { type PreparedEncryption, prepareEncryption } from './prepared-encryption.js';
export { DROP_REASONS, type DropReason, type FrameCounters } from './worker-messages.js';
