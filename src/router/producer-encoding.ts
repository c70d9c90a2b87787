import { createPayloadInspector, type PayloadInspector } from '../rtp/codecs/key-frame.js';
import { DependencyStructure } from '../rtp/codecs/dependency-structure.js';
import { type RtpEncodingParameters } from '../rtp/rtp-parameters.js';
import { KeyFrameRequester } from '../stream/key-frame-requester.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { LayerRates } from './layer-rates.js';
import { expectedBitrate } from './producer-bitrates.js';
import { StreamLog } from './stream-log.js';

/** Milliseconds between packets of an encoding that is being sent, at the most. */
const SENT_WITHIN_MS = 1000;
/** Milliseconds that another encoding must be ahead of one that stood still, for that to be a new beginning of it. */
const OVERTAKEN_MS = 300;

/** One encoding of a producer (a simulcast layer, or the only stream): how it was announced and what is received of it. */
export class ProducerEncoding {
  readonly requester: KeyFrameRequester;
  readonly inspector: PayloadInspector;
  /** What the dependency descriptors of the present stream refer to. */
  readonly structure = new DependencyStructure();
  readonly rates = new LayerRates();
  /** What was fanned out last. */
  readonly log: StreamLog;
  stream: ReceiveStream | null = null;
  /** How often this encoding got a new stream: what was kept of an older one is not what was sent. */
  generation = 0;
  /** When the present stream began. */
  openedAt = Number.NEGATIVE_INFINITY;
  /** 0 when nothing comes, else 1 to 10. */
  score = 0;
  pliCount = 0;
  /** RTP timestamp of the last key frame, -1 before the first. */
  keyFrameTimestamp = -1;
  keyFramesReceived = 0;

  constructor(
    readonly index: number,
    readonly parameters: RtpEncodingParameters,
    readonly mappedSsrc: number,
    mimeType: string,
    sendKeyFrameRequest: (now: number) => void,
    keyFrameRequestDelay: number,
  ) {
    this.requester = new KeyFrameRequester(sendKeyFrameRequest, keyFrameRequestDelay);
    this.inspector = createPayloadInspector(mimeType);
    this.log = new StreamLog(mimeType);
  }

  /** A stream under a new SSRC takes the encoding's place. */
  open(now: number, stream: ReceiveStream): void {
    this.stream?.close();
    this.requester.received();
    this.structure.reset();
    this.log.reset();
    this.stream = stream;
    this.openedAt = now;
    this.generation += 1;
    this.keyFrameTimestamp = -1;
  }

  /** Its packets come, at this moment. */
  isSent(now: number): boolean {
    return this.stream !== null && now - this.stream.lastPacketAt < SENT_WITHIN_MS;
  }
}

/** Packets of this encoding come again, after none did for a while. */
export function encodingReturned(
  now: number,
  encoding: ProducerEncoding,
  all: readonly ProducerEncoding[],
): void {
  // When the others stood still too, it was only the picture that did.
  if (wasOvertaken(encoding, all)) encoding.rates.began(now, expectedBitrate(all, encoding.index));
}

/** Whether others of the same picture went on while this one stood still: a layer that stopped, not a still picture. */
export function wasOvertaken(encoding: ProducerEncoding, all: readonly ProducerEncoding[]): boolean {
  const last = encoding.stream?.lastPacketAt ?? Number.NEGATIVE_INFINITY;
  for (let index = 0; index < all.length; index++) {
    const other = all[index].stream;
    if (other !== null && other.lastPacketAt - last >= OVERTAKEN_MS) return true;
  }
  return false;
}

/**
 * The encoding that a packet belongs to.
 * @param rid or repaired RID; empty when the packet has none
 * @param rtx the packet's payload type announces a retransmission
 * @returns its index, -1 when none fits
 */
export function findEncoding(
  encodings: readonly ProducerEncoding[],
  ssrc: number,
  rid: string,
  rtx: boolean,
): number {
  for (const { parameters, index } of encodings) {
    if (parameters.ssrc === ssrc) return rtx ? -1 : index;
    if (parameters.rtx?.ssrc === ssrc) return rtx ? index : -1;
    if (rid !== '' && parameters.rid === rid) return index;
  }
  // One encoding that was announced by its MID alone takes whatever comes under it.
  const [only] = encodings;
  const anonymous = only.parameters.ssrc === undefined && only.parameters.rid === undefined;
  return encodings.length === 1 && anonymous ? 0 : -1;
}
