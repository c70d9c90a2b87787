/**
 * Keeps what a codec counts in its payload descriptor continuous for one receiver. Hot path: nothing is allocated.
 * `admit` and `drop` follow the decisions, in their order; `rewrite` may come later, and again for a retransmission.
 * None of them reads or writes beyond the window of the payload, and what cannot be read stays as it is.
 */
export interface PictureMunger {
  /** The source changes: what is admitted from now on belongs to this era, a number that counts up. */
  sync(era: number): void;
  /** This payload of the present source is going to be sent. */
  admit(bytes: Uint8Array, offset: number, length: number): void;
  /** A picture of the present source is left out on purpose; may be called for each of its packets. -1: it has no id. */
  drop(pictureId: number): void;
  /**
   * What a picture's numbers are moved by, from the packet that was admitted last on, as long as each packet continues the one
   * before it (see InStep); and the state after such packets, without a look at their bytes. False: that cannot be told.
   */
  readonly follows: boolean;
  /** To be cut to the width of the number. */
  readonly pictureShift: number;
  readonly tl0Shift: number;
  /** One more of them. -1: it has no such number. */
  follow(pictureId: number, tl0PicIdx: number): void;
  /** Rewrites, in place, a payload that was admitted in `era`. */
  rewrite(bytes: Uint8Array, offset: number, length: number, era: number): void;
}

/** For codecs that count nothing in clear. */
export class PlainMunger implements PictureMunger {
  readonly follows = true;
  readonly pictureShift = 0;
  readonly tl0Shift = 0;

  sync(): void {
    // Nothing to keep.
  }

  admit(): void {
    // Nothing to read.
  }

  drop(): void {
    // Nothing to keep.
  }

  follow(): void {
    // Nothing to keep.
  }

  rewrite(): void {
    // Nothing to write.
  }
}
