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
  /** Rewrites, in place, a payload that was admitted in `era`. */
  rewrite(bytes: Uint8Array, offset: number, length: number, era: number): void;
}

/** For codecs that count nothing in clear. */
export class PlainMunger implements PictureMunger {
  sync(): void {
    // Nothing to keep.
  }

  admit(): void {
    // Nothing to read.
  }

  drop(): void {
    // Nothing to keep.
  }

  rewrite(): void {
    // Nothing to write.
  }
}
