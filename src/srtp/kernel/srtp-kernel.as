/*
 * What SRTP's AES_CM_128_HMAC_SHA1 profiles do to each byte of a packet (RFC 3711 4.1.1 and 4.2), but for AES itself:
 * counter blocks, the XOR of the keystream, HMAC-SHA1 (RFC 2104) of four packets at once.
 *
 * Compiled by AssemblyScript. The memory is the caller's; the first bytes of it, up to firstFree(), are used here.
 * Loads may run up to 63 bytes past the end of a packet, so the last packet of the memory needs room behind it;
 * stores never do.
 */
import { blockAt, blocksOf, innerOf, outerOf, writeTag, writeTail } from './lane';
import { compress, h0, h1, h2, h3, h4, loadBlocks, setChaining, setWord } from './sha1-lanes';

/** Length in bits of the outer message: a key block and a digest. */
const OUTER_BITS = (64 + 20) << 3;

export function firstFree(): usize {
  return __heap_base;
}

/**
 * Counter blocks of one packet: `base` (16 bytes; the last two are zero) with the block number in the last two
 * (RFC 3711 4.1.1).
 */
export function writeCounters(target: usize, base: usize, blocks: u32): void {
  const counter = v128.load(base);
  for (let n: u32 = 0; n < blocks; n++) {
    v128.store(target, i16x8.replace_lane(counter, 7, <i16>((n << 8) | (n >> 8))));
    target += 16;
  }
}

/** XORs a keystream onto exactly `length` bytes. */
export function applyKeystream(packet: usize, keystream: usize, length: usize): void {
  const end = packet + length;
  for (; packet + 16 <= end; packet += 16, keystream += 16)
    v128.store(packet, v128.xor(v128.load(packet), v128.load(keystream)));
  for (; packet + 4 <= end; packet += 4, keystream += 4)
    store<u32>(packet, load<u32>(packet) ^ load<u32>(keystream));
  for (; packet < end; packet++, keystream++) store<u8>(packet, load<u8>(packet) ^ load<u8>(keystream));
}

/** Writes the tags of four packets. A place that would be empty repeats another lane. */
export function signFour(a: usize, b: usize, c: usize, d: usize): void {
  digestFour(a, b, c, d);
  writeTag(a, i32x4.extract_lane(h0, 0), i32x4.extract_lane(h1, 0), i32x4.extract_lane(h2, 0));
  writeTag(b, i32x4.extract_lane(h0, 1), i32x4.extract_lane(h1, 1), i32x4.extract_lane(h2, 1));
  writeTag(c, i32x4.extract_lane(h0, 2), i32x4.extract_lane(h1, 2), i32x4.extract_lane(h2, 2));
  writeTag(d, i32x4.extract_lane(h0, 3), i32x4.extract_lane(h1, 3), i32x4.extract_lane(h2, 3));
}

/** The SHA-1 state after one 64-byte block, five words: what HMAC knows of its key once and for all. */
export function hashKeyBlock(block: usize, target: usize): void {
  setChaining(
    i32x4.splat(0x67452301),
    i32x4.splat(0xefcdab89),
    i32x4.splat(0x98badcfe),
    i32x4.splat(0x10325476),
    i32x4.splat(0xc3d2e1f0),
  );
  loadBlocks(block, block, block, block);
  compress();
  store<u32>(target, i32x4.extract_lane(h0, 0));
  store<u32>(target, i32x4.extract_lane(h1, 0), 4);
  store<u32>(target, i32x4.extract_lane(h2, 0), 8);
  store<u32>(target, i32x4.extract_lane(h3, 0), 12);
  store<u32>(target, i32x4.extract_lane(h4, 0), 16);
}

/** HMAC (RFC 2104 2): the digests of the four lanes are in h0-h4 afterwards. */
function digestFour(a: usize, b: usize, c: usize, d: usize): void {
  writeTail(a, 0);
  writeTail(b, 1);
  writeTail(c, 2);
  writeTail(d, 3);
  setChaining(
    inner(a, b, c, d, 0),
    inner(a, b, c, d, 1),
    inner(a, b, c, d, 2),
    inner(a, b, c, d, 3),
    inner(a, b, c, d, 4),
  );
  hashFour(a, b, c, d);

  setWord(0, h0);
  setWord(1, h1);
  setWord(2, h2);
  setWord(3, h3);
  setWord(4, h4);
  setWord(5, i32x4.splat(0x80000000));
  for (let t: usize = 6; t < 15; t++) setWord(t, i32x4.splat(0));
  setWord(15, i32x4.splat(OUTER_BITS));
  setChaining(
    outer(a, b, c, d, 0),
    outer(a, b, c, d, 1),
    outer(a, b, c, d, 2),
    outer(a, b, c, d, 3),
    outer(a, b, c, d, 4),
  );
  compress();
}

/** The inner hash. Where a message ends before the others, its lane is computed on and the result thrown away. */
function hashFour(a: usize, b: usize, c: usize, d: usize): void {
  const blocksA = blocksOf(a);
  const blocksB = blocksOf(b);
  const blocksC = blocksOf(c);
  const blocksD = blocksOf(d);
  const common = min(min(blocksA, blocksB), min(blocksC, blocksD));
  const all = max(max(blocksA, blocksB), max(blocksC, blocksD));

  let n: u32 = 0;
  for (; n < common; n++) {
    loadBlocks(blockAt(a, 0, n), blockAt(b, 1, n), blockAt(c, 2, n), blockAt(d, 3, n));
    compress();
  }
  if (n == all) return;
  const blocks = i32x4.replace_lane(
    i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(blocksA), 1, blocksB), 2, blocksC),
    3,
    blocksD,
  );
  for (; n < all; n++) {
    const ended = i32x4.le_u(blocks, i32x4.splat(n));
    const before0 = h0;
    const before1 = h1;
    const before2 = h2;
    const before3 = h3;
    const before4 = h4;
    loadBlocks(blockAt(a, 0, n), blockAt(b, 1, n), blockAt(c, 2, n), blockAt(d, 3, n));
    compress();
    setChaining(
      v128.bitselect(before0, h0, ended),
      v128.bitselect(before1, h1, ended),
      v128.bitselect(before2, h2, ended),
      v128.bitselect(before3, h3, ended),
      v128.bitselect(before4, h4, ended),
    );
  }
}

// @ts-ignore: decorator
@inline
function inner(a: usize, b: usize, c: usize, d: usize, n: usize): v128 {
  return vectorOf(innerOf(a, n), innerOf(b, n), innerOf(c, n), innerOf(d, n));
}

// @ts-ignore: decorator
@inline
function outer(a: usize, b: usize, c: usize, d: usize, n: usize): v128 {
  return vectorOf(outerOf(a, n), outerOf(b, n), outerOf(c, n), outerOf(d, n));
}

// @ts-ignore: decorator
@inline
function vectorOf(a: u32, b: u32, c: u32, d: u32): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(a), 1, b), 2, c), 3, d);
}
