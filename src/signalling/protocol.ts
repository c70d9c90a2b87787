/**
 * The words of the signalling protocol: subprotocol names, error codes, close codes and limits.
 * docs/signalling.md tells the whole story.
 */

/** MessagePack in binary frames: what the client uses. */
export const SUBPROTOCOL_MSGPACK = 'sluss.msgpack.1';
/** The same messages as JSON in text frames: for hand tests with any WebSocket tool. */
export const SUBPROTOCOL_JSON = 'sluss.json.1';

export const SUBPROTOCOLS = [SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];

/** Codes in `error.code` of a response; stable, unlike the message text. */
export const ERROR_CODES = [
  /** The frame is not a message at all: wrong encoding, too deep, no id. */
  'malformed',
  /** A field is missing or has the wrong shape; `field` names it. */
  'bad-request',
  'unknown-request',
  'not-joined',
  'already-joined',
  'not-found',
  'unauthorized',
  'room-full',
  'too-many-rooms',
  /** A per-peer limit on transports, producers, waiting requests or relayed messages. */
  'limit-reached',
  /** The media layer cannot do it: codec, direction, a second connect ... */
  'unsupported',
  /** No media worker can take the room right now; try again. */
  'media-unavailable',
  /** The server is shutting down and takes nobody new; try again (elsewhere). */
  'draining',
  'internal',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Errors after which the same request may succeed a little later. */
export const RETRYABLE_ERRORS: ReadonlySet<string> = new Set(['media-unavailable', 'draining', 'internal']);

/** WebSocket close codes (RFC 6455 7.4; 4000-4999 are private). The reason text says more. */
export const CloseCode = {
  Normal: 1000,
  /** The page goes away. */
  GoingAway: 1001,
  /** Flood, too many bad messages: reason is the coded cause. Do not reconnect. */
  Policy: 1008,
  TooBig: 1009,
  /** Another socket resumed this session. Do not reconnect. */
  Replaced: 4000,
  /** The media worker of this peer died (`worker-died`): join again as a new peer. */
  RoomClosed: 4001,
  /** The server shuts down: join again, on whatever server answers. */
  Draining: 4002,
  /** Somebody with the right to do so took this peer out of the room; the reason is a text for people. Do not reconnect. */
  Removed: 4003,
  /** The room was ended for all; the reason is a text for people. Do not reconnect. */
  Ended: 4004,
} as const;

/** Why a peer left, in `peerLeft.reason`. */
export type LeaveReason =
  | 'left'
  | 'timeout'
  /** Flood or too big a message. */
  | 'kicked'
  | 'room-closed'
  | 'draining'
  /** By `Gateway.rooms`. */
  | 'removed'
  | 'ended'
  /** The same participant came in anew, as with another device. */
  | 'replaced';

/** Why a room ends or the server goes, in `closing.reason`. */
export type ClosingReason = 'worker-died' | 'draining';

export type ProducerSource = 'microphone' | 'camera' | 'screen';
export const PRODUCER_SOURCES = ['microphone', 'camera', 'screen'] as const satisfies ProducerSource[];

/** Why the server ended a producer, in `producerClosed.reason`. */
export type ProducerClosedReason = 'muted';

/** Bounds of a relayed message: UTF-16 units of the topic, UTF-8 bytes of the payload. */
export const MAX_TOPIC_LENGTH = 32;
export const MAX_PAYLOAD_BYTES = 48 * 1024;

export type TransportDirection = 'send' | 'recv';
