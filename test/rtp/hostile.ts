/**
 * What every parser of the network's bytes must withstand: random bytes and damaged packets of every length,
 * placed inside a larger buffer. The parser must not throw, must not depend on a byte outside its window, and
 * may report only ranges inside it.
 */
import fc from 'fast-check';

export interface Range {
  offset: number;
  length: number;
}

/** What a parser said, as plain data, and the ranges that it reported. */
export interface Observation {
  facts: unknown;
  ranges?: Range[];
}

export type Observe = (bytes: Uint8Array, offset: number, length: number) => Observation;

const LEAD = 7;
const TRAIL = 9;

const randomBytes = fc.uint8Array({ maxLength: 1500, size: 'max' });
const shortBytes = fc.uint8Array({ maxLength: 40, size: 'max' });

function damaged(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ at: fc.nat(1499), value: fc.nat(255) });
  return fc
    .record({
      sample: fc.constantFrom(...samples),
      edits: fc.array(edit, { maxLength: 4 }),
      tail: shortBytes,
      cut: fc.nat(1500),
    })
    .map(({ sample, edits, tail, cut }) => {
      const bytes = new Uint8Array(sample.length + tail.length);
      bytes.set(sample);
      bytes.set(tail, sample.length);
      for (const { at, value } of edits) if (bytes.length > 0) bytes[at % bytes.length] = value;
      return bytes.subarray(0, cut % (bytes.length + 1));
    });
}

/** `samples`: well-formed packets to damage, so that the search gets beyond the first check. */
export function withstands(observe: Observe, samples: readonly Uint8Array[], numRuns = 600): void {
  const input = fc.oneof(
    { arbitrary: randomBytes, weight: 1 },
    { arbitrary: shortBytes, weight: 1 },
    { arbitrary: damaged(samples), weight: 4 },
  );
  fc.assert(
    fc.property(input, (window) => {
      const offset = LEAD;
      const low = surrounded(window, 0x00);
      const high = surrounded(window, 0xff);
      const first = observe(low, offset, window.length);
      const second = observe(high, offset, window.length);
      if (JSON.stringify(first) !== JSON.stringify(second)) {
        throw new Error(
          `a byte outside the window matters: ${JSON.stringify(first)} against ${JSON.stringify(second)}`,
        );
      }
      for (const range of first.ranges ?? []) {
        const inside =
          range.length >= 0 &&
          range.offset >= offset &&
          range.offset + range.length <= offset + window.length;
        if (!inside)
          throw new Error(`range ${JSON.stringify(range)} leaves a window of ${window.length} bytes`);
      }
      // A window that the buffer cannot hold is refused, not read.
      const cut = window.length === 0 ? 0 : window.length - 1;
      observe(low.subarray(0, offset + cut), offset, window.length);
      if (!low.every((byte, i) => byte === (i < LEAD || i >= LEAD + window.length ? 0 : window[i - LEAD]))) {
        throw new Error('the parser wrote into the packet');
      }
    }),
    { numRuns },
  );
}

function surrounded(window: Uint8Array, filler: number): Uint8Array {
  const bytes = new Uint8Array(LEAD + window.length + TRAIL).fill(filler);
  bytes.set(window, LEAD);
  return bytes;
}

/** `fromHex('80 c8 00 06')`. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export const u8 = fc.nat(0xff);
export const u16 = fc.nat(0xffff);
export const u32 = fc.nat(0xffffffff);
