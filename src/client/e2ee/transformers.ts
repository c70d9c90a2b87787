/** Frames through the worker: what every transform does with each, what is counted, and what the page is told. */
import { encryptedCodec } from './clear-bytes.js';
import { FrameKeys, type Outcome } from './frame-keys.js';
import {
  DROP_REASONS,
  type DropReason,
  FRAME_SOURCES,
  type FrameCounters,
  type KeysMessage,
  type TransformOptions,
  type WorkerMessage,
} from './worker-messages.js';

/** RTCEncodedVideoFrame or RTCEncodedAudioFrame, the little of it that is used. */
export interface EncodedFrame {
  /** Of video: `key` or `delta`. */
  readonly type?: string;
  data: ArrayBuffer;
  getMetadata(): { mimeType?: string };
}

export interface TransformersSettings {
  tell(message: WorkerMessage): void;
  /** Monotonic, ms. */
  now(): number;
}

/** Counters are told this often while they change, and unknown keys while they go on. */
export const TELL_INTERVAL_MS = 1_000;
/** A key frame is asked for this often while there is none. */
const KEY_FRAME_INTERVAL_MS = 500;

export class Transformers {
  readonly counters: FrameCounters = { sealed: 0, opened: 0, dropped: noDrops() };
  readonly #keys = new FrameKeys();
  #toldAt = -Infinity;
  readonly #unknownToldAt = new Map<string, number>();

  constructor(private readonly settings: TransformersSettings) {}

  update(message: KeysMessage): void {
    this.#keys.update(message);
  }

  /**
   * What a transform does with one frame: resolves with whether to pass it on. Frames of one transform must be given one
   * after the other. `askForKeyFrame`: of the peer connection, for a received picture.
   */
  create(
    options: TransformOptions,
    askForKeyFrame: () => void = () => {},
  ): (frame: EncodedFrame) => Promise<boolean> {
    return options.side === 'send' ? this.#sender(options) : this.#receiver(options, askForKeyFrame);
  }

  #sender({ source }: { source: TransformOptions['source'] }): (frame: EncodedFrame) => Promise<boolean> {
    const number = FRAME_SOURCES.indexOf(source);
    let complained = false;
    return async (frame) => {
      const { mimeType } = frame.getMetadata();
      const codec = encryptedCodec(mimeType);
      if (!codec) {
        if (!complained) this.settings.tell({ type: 'unsupported-codec', mimeType: mimeType ?? 'unknown' });
        complained = true;
        return this.#pass(frame, { dropped: 'unsupported-codec' }, 'sealed');
      }
      return this.#pass(frame, await this.#keys.seal(codec, number, new Uint8Array(frame.data)), 'sealed');
    };
  }

  #receiver(
    { peerId, source }: { peerId: string; source: TransformOptions['source'] },
    askForKeyFrame: () => void,
  ): (frame: EncodedFrame) => Promise<boolean> {
    const number = FRAME_SOURCES.indexOf(source);
    /** Pictures were lost here, which the browser does not know of. */
    let incomplete = false;
    let askedAt = -Infinity;
    return async (frame) => {
      const outcome = await this.#keys.open(peerId, number, new Uint8Array(frame.data));
      const now = this.settings.now();
      if ('dropped' in outcome) {
        // What came twice was passed on the first time.
        if (outcome.dropped !== 'replayed') incomplete = true;
        if (outcome.keyId !== undefined) this.#tellUnknown(outcome.keyId, peerId, now);
      } else if (frame.type === 'key') {
        incomplete = false;
      } else if (incomplete && frame.type === 'delta' && now - askedAt >= KEY_FRAME_INTERVAL_MS) {
        askedAt = now;
        askForKeyFrame();
      }
      return this.#pass(frame, outcome, 'opened');
    };
  }

  #pass(frame: EncodedFrame, outcome: Outcome, counter: 'sealed' | 'opened'): boolean {
    const passed = 'data' in outcome;
    if (passed) {
      frame.data = outcome.data.buffer;
      this.counters[counter]++;
    } else {
      this.counters.dropped[outcome.dropped]++;
    }
    const now = this.settings.now();
    if (now - this.#toldAt >= TELL_INTERVAL_MS) {
      this.#toldAt = now;
      this.settings.tell({ type: 'counters', counters: structuredClone(this.counters) });
    }
    return passed;
  }

  #tellUnknown(keyId: number, peerId: string, now: number): void {
    const name = `${keyId} ${peerId}`;
    if (now - (this.#unknownToldAt.get(name) ?? -Infinity) < TELL_INTERVAL_MS) return;
    // Strangers' key ids must not fill the memory.
    if (this.#unknownToldAt.size > 256) this.#unknownToldAt.clear();
    this.#unknownToldAt.set(name, now);
    this.settings.tell({ type: 'unknown-key', keyId, peerId });
  }
}

function noDrops(): Record<DropReason, number> {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
}
