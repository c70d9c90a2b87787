/** Frames through the worker: what every transform does with each, what is counted, and what the page is told. */
import { encryptedCodec } from './clear-bytes.js';
import { FrameKeys, type Outcome } from './frame-keys.js';
import { type EncodedFrame, FrameReceiver } from './frame-receiver.js';
import {
  DROP_REASONS,
  type DropReason,
  FRAME_SOURCES,
  type FrameCounters,
  type KeysMessage,
  type TransformOptions,
  type WorkerMessage,
} from './worker-messages.js';

export type { EncodedFrame } from './frame-receiver.js';

/** Where the frames of one transform go. */
export interface FrameOutput {
  /** In the order in which they came. Received ones may come later than `transform` was called for them. */
  pass(frame: EncodedFrame): void;
  /** Of the peer connection, for a received picture. */
  askForKeyFrame(): void;
}

export interface TransformersSettings {
  tell(message: WorkerMessage): void;
  /** Monotonic, ms. */
  now(): number;
}

/** Counters are told this often while they change, and unknown keys while they go on. */
export const TELL_INTERVAL_MS = 1_000;

type Transform = (frame: EncodedFrame) => Promise<void>;

export class Transformers {
  readonly counters: FrameCounters = { sealed: 0, opened: 0, dropped: noDrops() };
  readonly #keys = new FrameKeys();
  /** Who wait for other keys. */
  readonly #waiting = new Set<FrameReceiver>();
  #toldAt = -Infinity;
  readonly #unknownToldAt = new Map<string, number>();

  constructor(private readonly settings: TransformersSettings) {}

  /** Resolves when all that waited for these keys was passed on. */
  async update(message: KeysMessage): Promise<void> {
    this.#keys.update(message);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    await Promise.all(waiting.map((receiver) => receiver.retry()));
  }

  /** What a transform does with one frame. Frames of one transform must be given one after the other. */
  create(options: TransformOptions, output: FrameOutput): Transform {
    return options.side === 'send' ? this.#sender(options, output) : this.#receiver(options, output);
  }

  #sender({ source }: { source: TransformOptions['source'] }, output: FrameOutput): Transform {
    const number = FRAME_SOURCES.indexOf(source);
    let complained = false;
    return async (frame) => {
      const { mimeType } = frame.getMetadata();
      const codec = encryptedCodec(mimeType);
      if (!codec) {
        if (!complained) this.settings.tell({ type: 'unsupported-codec', mimeType: mimeType ?? 'unknown' });
        complained = true;
        return this.#done(frame, { dropped: 'unsupported-codec' }, 'sealed', output);
      }
      const outcome = await this.#keys.seal(codec, number, new Uint8Array(frame.data));
      this.#done(frame, outcome, 'sealed', output);
    };
  }

  #receiver(
    { peerId, source }: { peerId: string; source: TransformOptions['source'] },
    output: FrameOutput,
  ): Transform {
    const number = FRAME_SOURCES.indexOf(source);
    const receiver: FrameReceiver = new FrameReceiver({
      open: (data) => this.#keys.open(peerId, number, data),
      now: () => this.settings.now(),
      done: (frame, outcome) => this.#done(frame, outcome, 'opened', output),
      unknownKey: (keyId) => {
        this.#waiting.add(receiver);
        this.#tellUnknown(keyId, peerId);
      },
      askForKeyFrame: () => output.askForKeyFrame(),
    });
    return (frame) => receiver.receive(frame);
  }

  #done(frame: EncodedFrame, outcome: Outcome, counter: 'sealed' | 'opened', output: FrameOutput): void {
    if ('data' in outcome) {
      frame.data = outcome.data.buffer;
      this.counters[counter]++;
      output.pass(frame);
    } else {
      this.counters.dropped[outcome.dropped]++;
    }
    const now = this.settings.now();
    if (now - this.#toldAt < TELL_INTERVAL_MS) return;
    this.#toldAt = now;
    this.settings.tell({ type: 'counters', counters: structuredClone(this.counters) });
  }

  #tellUnknown(keyId: number, peerId: string): void {
    const now = this.settings.now();
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
