/**
 * Frames of one received stream on their way through the worker. Keys and frames come by different ways: a frame that is
 * here before its key is held for a moment, in its place. Everything is done one after the other.
 */
import type { Outcome } from './frame-keys.js';

/** RTCEncodedVideoFrame or RTCEncodedAudioFrame, the little of it that is used. */
export interface EncodedFrame {
  /** Of video: `key` or `delta`. */
  readonly type?: string;
  data: ArrayBuffer;
  getMetadata(): { mimeType?: string };
}

export interface FrameReceiverSettings {
  open(frame: Uint8Array): Promise<Outcome>;
  /** Monotonic, ms. */
  now(): number;
  /** What became of a frame: once for each, and never while it is held. */
  done(frame: EncodedFrame, outcome: Outcome): void;
  /** A frame came under a key that is not here. */
  unknownKey(keyId: number): void;
  /** Of the peer connection, for a received picture. */
  askForKeyFrame(): void;
}

/** A frame is worth waiting for its key for so long, ms: a lost key message is asked for and sent again in that time. */
export const HOLD_MS = 1_000;
/** Bytes held of one stream; the oldest frames give way. */
export const HOLD_BYTES = 256 * 1024;
/** A key frame is asked for this often while there is none, ms. */
const KEY_FRAME_INTERVAL_MS = 500;

interface Held {
  frame: EncodedFrame;
  cameAt: number;
}

export class FrameReceiver {
  #held: Held[] = [];
  #heldBytes = 0;
  #otherKeys = false;
  #queue: Promise<void> = Promise.resolve();
  /** Pictures were lost here, which the browser does not know of. */
  #incomplete = false;
  #askedAt = -Infinity;

  constructor(private readonly settings: FrameReceiverSettings) {}

  /** Resolves when it was passed on, dropped or put aside. */
  receive(frame: EncodedFrame): Promise<void> {
    return this.#inTurn(async () => {
      await this.#openHeld();
      await this.#open({ frame, cameAt: this.settings.now() });
    });
  }

  /** There are other keys. Resolves when what they open was passed on. */
  retry(): Promise<void> {
    this.#otherKeys = true;
    return this.#inTurn(() => this.#openHeld());
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    return (this.#queue = this.#queue.then(task));
  }

  async #openHeld(): Promise<void> {
    if (!this.#otherKeys) return;
    this.#otherKeys = false;
    this.#dropOld();
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const one of held) await this.#open(one);
  }

  async #open(one: Held): Promise<void> {
    const { frame } = one;
    const outcome = await this.settings.open(new Uint8Array(frame.data));
    const unknown = 'dropped' in outcome && outcome.dropped === 'unknown-key';
    if (unknown) return this.#hold(one, outcome.keyId!);
    // Its sender goes on with a key that is here: what came under others before that will not be opened any more.
    if ('data' in outcome) this.#dropHeld(this.#held.length);
    this.#done(frame, outcome);
  }

  #hold(one: Held, keyId: number): void {
    this.#held.push(one);
    this.#heldBytes += one.frame.data.byteLength;
    while (this.#heldBytes > HOLD_BYTES) this.#dropHeld(1);
    this.#dropOld();
    this.settings.unknownKey(keyId);
  }

  #dropOld(): void {
    const oldest = this.settings.now() - HOLD_MS;
    while (this.#held.length > 0 && this.#held[0].cameAt < oldest) this.#dropHeld(1);
  }

  /** The oldest so many. */
  #dropHeld(count: number): void {
    for (const { frame } of this.#held.splice(0, count)) {
      this.#heldBytes -= frame.data.byteLength;
      this.#done(frame, { dropped: 'unknown-key' });
    }
  }

  #done(frame: EncodedFrame, outcome: Outcome): void {
    const { settings } = this;
    if ('dropped' in outcome) {
      // What came twice was passed on the first time.
      if (outcome.dropped !== 'replayed') this.#incomplete = true;
    } else if (frame.type === 'key') {
      this.#incomplete = false;
    } else if (this.#incomplete && frame.type === 'delta') {
      const now = settings.now();
      if (now - this.#askedAt >= KEY_FRAME_INTERVAL_MS) {
        this.#askedAt = now;
        settings.askForKeyFrame();
      }
    }
    settings.done(frame, outcome);
  }
}
