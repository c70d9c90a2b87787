/** The options of `transport.produce()` and `transport.consume()`. */
import type { ConsumerLayers, MediaKind, RtpCapabilities, RtpParameters } from '../rtp/rtp-parameters.js';
import type { AppData } from './app-data.js';
import { UnsupportedError } from './errors.js';
import { Fields } from './ortc/fields.js';

const MAX_KEY_FRAME_REQUEST_DELAY_MS = 2 ** 32 - 1;
/** What fits a one-byte header extension. */
const MAX_MID_LENGTH = 16;
const MAX_LAYER = 255;

export interface ProducerOptions<ProducerAppData extends AppData = AppData> {
  /** Default: a new UUID. */
  id?: string;
  kind: MediaKind;
  /** What the endpoint sends. */
  rtpParameters: RtpParameters;
  /** Start paused. Default false. */
  paused?: boolean;
  /** Video: milliseconds to wait after asking the sender for a key frame before asking again. Default 0. */
  keyFrameRequestDelay?: number;
  appData?: ProducerAppData;
}

export interface ConsumerOptions<ConsumerAppData extends AppData = AppData> {
  /** A producer of the same router. */
  producerId: string;
  /** What the endpoint can receive. */
  rtpCapabilities: RtpCapabilities;
  /**
   * Start paused. Default false. For video it is best to start paused and to `resume()` when the endpoint has its
   * side ready, as the first key frame would else come too early for it.
   */
  paused?: boolean;
  /** Default: '0', '1', '2' ... in each transport. */
  mid?: string;
  /** The highest layers to send. Default: the highest there are. Simulcast and SVC only. */
  preferredLayers?: ConsumerLayers;
  /** Answer NACKs with retransmissions. Default: true for video, false for audio. */
  enableRtx?: boolean;
  /** Opus: do not forward DTX packets. Default false. */
  ignoreDtx?: boolean;
  /** Forward all streams of the producer instead of one. Not supported yet: true throws `UnsupportedError`. Default false. */
  pipe?: boolean;
  appData?: ConsumerAppData;
}

/** Without `rtpParameters` and `appData`, which have checks of their own. @throws TypeError that names the field. */
export function readProducerOptions(options: ProducerOptions): {
  id: string | undefined;
  kind: MediaKind;
  paused: boolean;
  keyFrameRequestDelay: number;
} {
  const fields = new Fields(options, 'options');
  return {
    id: fields.optionalString('id'),
    kind: fields.oneOf('kind', ['audio', 'video'] as const),
    paused: fields.boolean('paused', false),
    keyFrameRequestDelay:
      fields.optionalInteger('keyFrameRequestDelay', 0, MAX_KEY_FRAME_REQUEST_DELAY_MS) ?? 0,
  };
}

/** Without `rtpCapabilities` and `appData`, which have checks of their own. @throws TypeError that names the field. */
export function readConsumerOptions(options: ConsumerOptions): {
  producerId: string;
  paused: boolean;
  ignoreDtx: boolean;
  mid: string | undefined;
  preferredLayers: ConsumerLayers | undefined;
  enableRtx: boolean | undefined;
} {
  const fields = new Fields(options, 'options');
  if (fields.boolean('pipe', false)) {
    throw new UnsupportedError(
      'options.pipe: consumers of all streams are not supported yet, leave it at false',
    );
  }
  if (options.mid === '') {
    fields.fail('mid', 'a non-empty string');
  }
  return {
    producerId: fields.string('producerId'),
    paused: fields.boolean('paused', false),
    ignoreDtx: fields.boolean('ignoreDtx', false),
    mid: fields.optionalString('mid', MAX_MID_LENGTH),
    preferredLayers: options.preferredLayers && readLayers(options.preferredLayers, 'preferredLayers'),
    enableRtx: options.enableRtx === undefined ? undefined : fields.boolean('enableRtx', false),
  };
}

/** @throws TypeError that names the field. */
export function readLayers(layers: unknown, name: string): ConsumerLayers {
  const fields = new Fields(layers, name);
  return {
    spatialLayer: fields.integer('spatialLayer', 0, MAX_LAYER),
    temporalLayer: fields.optionalInteger('temporalLayer', 0, MAX_LAYER),
  };
}
