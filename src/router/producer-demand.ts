import { type ProducerEncoding } from './producer-encoding.js';
import { type ProducerReceiver } from './producer-ports.js';

/** Milliseconds that nobody must have wanted a layer before its sender is told: layers are switched often, starting one is slow. */
const IDLE_MS = 5000;
/** Milliseconds that a sender may need to start a layer that it was asked for; one that does not come cannot be sent now. */
const PATIENCE_MS = 5000;

/**
 * Which encodings anybody watches, so that the sender need not encode and send the others. The lowest one is always wanted:
 * whoever joins gets a picture from it at once. An encoding is given up only when it came in all
 * that time: one that the sender has stopped by itself is left to its judgement.
 */
export class ProducerDemand {
  /** By encoding; what the sender was told. */
  readonly wanted: boolean[];
  private readonly wantedAt: number[];
  private readonly askedAt: number[];

  constructor(
    private readonly encodings: readonly ProducerEncoding[],
    private readonly receivers: readonly ProducerReceiver[],
    private readonly changed: (wanted: boolean[]) => void,
  ) {
    this.wanted = encodings.map(() => true);
    this.wantedAt = encodings.map(() => Number.NaN);
    this.askedAt = encodings.map(() => Number.NEGATIVE_INFINITY);
  }

  /** Asks all receivers; to be called about once a second. */
  update(now: number): void {
    let changed = false;
    for (const { index } of this.encodings) {
      if (this.watched(index) || Number.isNaN(this.wantedAt[index])) {
        this.wantedAt[index] = now;
        changed = this.turnOn(now, index) || changed;
      } else if (!this.encodings[index].isSent(now)) {
        // Receivers settle for what comes: whether they want this one shows when it is back.
        this.wantedAt[index] = now;
      } else if (this.isIdle(now, index)) {
        this.wanted[index] = false;
        changed = true;
      }
    }
    if (changed) this.changed([...this.wanted]);
  }

  /** A receiver now wants this encoding: cheaper than asking all, and at once. */
  want(now: number, encodingIndex: number): void {
    if (encodingIndex < 0 || encodingIndex >= this.encodings.length) return;
    this.wantedAt[encodingIndex] = now;
    if (this.turnOn(now, encodingIndex)) this.changed([...this.wanted]);
  }

  /** Somebody shows this encoding or waits for it, at this moment. */
  watched(encodingIndex: number): boolean {
    const { receivers } = this;
    for (let index = 0; index < receivers.length; index++) {
      if (receivers[index].wants(encodingIndex)) return true;
    }
    return false;
  }

  /** Whether an encoding that does not arrive would, if a receiver wanted it: it was switched off by us, or only just asked for. */
  mayArrive(now: number, encodingIndex: number): boolean {
    return !this.wanted[encodingIndex] || now - this.askedAt[encodingIndex] < PATIENCE_MS;
  }

  private turnOn(now: number, encodingIndex: number): boolean {
    if (this.wanted[encodingIndex]) return false;
    this.wanted[encodingIndex] = true;
    this.askedAt[encodingIndex] = now;
    return true;
  }

  private isIdle(now: number, encodingIndex: number): boolean {
    return encodingIndex > 0 && this.wanted[encodingIndex] && now - this.wantedAt[encodingIndex] >= IDLE_MS;
  }
}
