/** The server's edge: an unknown decoded value becomes a typed request or a coded error, never a throw. */
import type { ErrorInfo, JoinRequest, RequestMessage, RequestName, Requests } from './messages.js';
import { MAX_PAYLOAD_BYTES, MAX_TOPIC_LENGTH, PRODUCER_SOURCES } from './protocol.js';
import { dtlsParameters, mediaKind, rtpCapabilities, rtpParameters } from './rtp-shapes.js';
import {
  boolean,
  integer,
  label,
  list,
  object,
  oneOf,
  optional,
  type Parser,
  payload,
  ShapeError,
  text,
} from './shape.js';

export type ParsedRequest =
  | { ok: true; message: RequestMessage }
  /** `id` is the request's if it could be read. */
  | { ok: false; id: number | null; error: ErrorInfo };

export function parseRequest(value: unknown): ParsedRequest {
  let id: number | null = null;
  try {
    const envelope = parseEnvelope(value, 'message');
    id = envelope.id;
    if (!isRequestName(envelope.request)) {
      const message = `request "${envelope.request}" is not known to this server`;
      return { ok: false, id, error: { code: 'unknown-request', message, field: 'request' } };
    }
    const data = (value as { data?: unknown }).data ?? {};
    const parsed = { id, request: envelope.request, data: requestParsers[envelope.request](data, 'data') };
    return { ok: true, message: parsed as RequestMessage };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const code = id === null ? 'malformed' : 'bad-request';
    return { ok: false, id, error: { code, message: error.message, field: error.field } };
  }
}

const identifier = text(1, 64);
const producerId = object({ producerId: identifier });
const consumerId = object({ consumerId: identifier });
const direction = oneOf(['send', 'recv']);
const nothing = object({});
const pixels = integer(1, 16_384);
const videoLayers = list(object({ width: pixels, height: pixels }), 1, 8);

const join: Parser<JoinRequest> = object({
  room: label(128),
  displayName: label(64),
  rtpCapabilities: optional(rtpCapabilities),
  transports: optional(list(direction, 0, 2)),
  resumeToken: optional(text(1, 128)),
  ticket: optional(text(1, 4096)),
});

const requestParsers: { [K in RequestName]: Parser<Requests[K]['data']> } = {
  join,
  leave: nothing,
  ping: nothing,
  createTransport: object({ direction }),
  connectTransport: object({ transportId: identifier, dtlsParameters }),
  restartIce: object({ transportId: identifier }),
  setConsumerCapabilities: object({ rtpCapabilities }),
  produce: object({
    transportId: identifier,
    kind: mediaKind,
    rtpParameters,
    source: oneOf(PRODUCER_SOURCES),
    paused: boolean,
    videoLayers: optional(videoLayers),
  }),
  pauseProducer: producerId,
  resumeProducer: producerId,
  closeProducer: producerId,
  setVideoLayers: object({ producerId: identifier, videoLayers }),
  consumerReady: object({ consumerIds: list(identifier, 1, 256) }),
  pauseConsumer: consumerId,
  resumeConsumer: consumerId,
  setPreferredLayers: object({
    consumerId: identifier,
    spatialLayer: integer(0, 7),
    temporalLayer: optional(integer(0, 7)),
  }),
  pin: object({ peerIds: list(identifier, 0, 64) }),
  requestKeyFrame: consumerId,
  getStats: object({ id: identifier }),
  message: object({
    topic: text(1, MAX_TOPIC_LENGTH),
    payload: payload(MAX_PAYLOAD_BYTES),
    to: optional(list(identifier, 0, 512)),
  }),
  raiseHand: object({ raised: boolean }),
};

const parseEnvelope = object({ id: integer(0, 0xffffffff), request: text(1, 64) });

function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(requestParsers, name);
}
