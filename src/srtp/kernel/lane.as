/*
 * A lane: one packet that waits for its tag, as the caller describes it, and the blocks that SHA-1 sees of it.
 *
 *     bytes  0  address of the packet            4  its length without the tag
 *            8  rollover counter                12  length of the tag: 4 or 10
 *           16  SHA-1 after the inner key block (5 words)
 *           36  SHA-1 after the outer key block (5 words)
 *
 * The authenticated message is packet || ROC (RFC 3711 4.2). It is read where it lies up to its last whole block; what is
 * left, with the ROC and SHA-1's padding, makes one or two blocks of their own (the tail), so nothing behind the packet
 * is touched before its tag is written there.
 */

/** The key block is hashed beforehand, but counts in the message length (RFC 2104 2). */
const KEY_BLOCK = 64;
const BLOCK_SHIFT = 6;
/** Bytes from one lane to the next: two blocks, and room for stores that run over. */
const TAIL_STRIDE: usize = 256;
const TAILS: usize = memory.data(4 * 256, 16);

// @ts-ignore: decorator
@inline
export function packetOf(lane: usize): usize {
  return <usize>load<u32>(lane);
}

// @ts-ignore: decorator
@inline
export function lengthOf(lane: usize): u32 {
  return load<u32>(lane, 4);
}

// @ts-ignore: decorator
@inline
export function tagLengthOf(lane: usize): u32 {
  return load<u32>(lane, 12);
}

/** Word `n` of the inner state. */
// @ts-ignore: decorator
@inline
export function innerOf(lane: usize, n: usize): u32 {
  return load<u32>(lane + (n << 2), 16);
}

/** Word `n` of the outer state. */
// @ts-ignore: decorator
@inline
export function outerOf(lane: usize, n: usize): u32 {
  return load<u32>(lane + (n << 2), 36);
}

/** Blocks of the whole message: ROC, the bit 1 and a length of 64 bits stand behind the packet. */
export function blocksOf(lane: usize): u32 {
  return (lengthOf(lane) + 4 + 1 + 8 + 63) >> BLOCK_SHIFT;
}

/** Where block `n` of the message in place `seat` (0-3) lies; past the end of the message, some block or other. */
export function blockAt(lane: usize, seat: usize, n: u32): usize {
  const whole = lengthOf(lane) >> BLOCK_SHIFT;
  if (n < whole) return packetOf(lane) + (<usize>n << BLOCK_SHIFT);
  return TAILS + seat * TAIL_STRIDE + (n == whole ? 0 : 64);
}

/** Makes the last one or two blocks of the message. */
export function writeTail(lane: usize, seat: usize): void {
  const length = lengthOf(lane);
  const rest = <usize>(length & 63);
  const source = packetOf(lane) + <usize>(length - <u32>rest);
  const tail = TAILS + seat * TAIL_STRIDE;
  for (let i: usize = 0; i < rest; i += 16) v128.store(tail + i, v128.load(source + i));
  const end = tail + rest;
  store<u32>(end, bswap<u32>(load<u32>(lane, 8)));
  store<u64>(end, 0x80, 4);
  for (let i: usize = 12; i < 128; i += 16) v128.store(end + i, i32x4.splat(0));
  const blocks = blocksOf(lane) - (length >> BLOCK_SHIFT);
  store<u32>(tail + (<usize>blocks << BLOCK_SHIFT) - 4, bswap<u32>((KEY_BLOCK + length + 4) << 3));
}

/** Puts the first bytes of a digest behind the packet. */
export function writeTag(lane: usize, word0: u32, word1: u32, word2: u32): void {
  const end = packetOf(lane) + <usize>lengthOf(lane);
  store<u32>(end, bswap<u32>(word0));
  if (tagLengthOf(lane) == 4) return;
  store<u32>(end, bswap<u32>(word1), 4);
  store<u16>(end, <u16>(bswap<u32>(word2) & 0xffff), 8);
}
