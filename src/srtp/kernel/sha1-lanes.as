/*
 * SHA-1 (FIPS 180-4 6.1) of four messages at once: each vector holds the same word of all four, one per lane.
 *
 * The rounds are written five at a time. After five rounds every working variable is back in its own role, so nothing
 * moves between registers, and the schedule of later rounds fills the gaps that the chain of additions leaves.
 */

/** The 80 words of the message schedule. */
const SCHEDULE: usize = memory.data(80 << 4, 16);

/** The chaining values of the four lanes. */
export let h0: v128 = i32x4.splat(0);
export let h1: v128 = i32x4.splat(0);
export let h2: v128 = i32x4.splat(0);
export let h3: v128 = i32x4.splat(0);
export let h4: v128 = i32x4.splat(0);

export function setChaining(a: v128, b: v128, c: v128, d: v128, e: v128): void {
  h0 = a;
  h1 = b;
  h2 = c;
  h3 = d;
  h4 = e;
}

/** Words 0-15 of the schedule: 64 bytes of each message, big-endian, turned from rows into lanes. */
export function loadBlocks(a: usize, b: usize, c: usize, d: usize): void {
  for (let at: usize = 0; at < 64; at += 16) {
    const rowA = swapBytes(v128.load(a + at));
    const rowB = swapBytes(v128.load(b + at));
    const rowC = swapBytes(v128.load(c + at));
    const rowD = swapBytes(v128.load(d + at));
    const lowAB = v128.shuffle<i32>(rowA, rowB, 0, 4, 1, 5);
    const lowCD = v128.shuffle<i32>(rowC, rowD, 0, 4, 1, 5);
    const highAB = v128.shuffle<i32>(rowA, rowB, 2, 6, 3, 7);
    const highCD = v128.shuffle<i32>(rowC, rowD, 2, 6, 3, 7);
    const target = SCHEDULE + (at << 2);
    v128.store(target, v128.shuffle<i64>(lowAB, lowCD, 0, 2));
    v128.store(target, v128.shuffle<i64>(lowAB, lowCD, 1, 3), 16);
    v128.store(target, v128.shuffle<i64>(highAB, highCD, 0, 2), 32);
    v128.store(target, v128.shuffle<i64>(highAB, highCD, 1, 3), 48);
  }
}

/** Word `t` (0-15) of the schedule, for a block that is made here instead of read. */
export function setWord(t: usize, value: v128): void {
  v128.store(SCHEDULE + (t << 4), value);
}

/** One block: chaining values := compression of chaining values and words 0-15. */
export function compress(): void {
  for (let t: usize = 16; t < 20; t++) expand(t);

  let a = h0;
  let b = h1;
  let c = h2;
  let d = h3;
  let e = h4;

  let k = i32x4.splat(0x5a827999);
  for (let t: usize = 0; t < 20; t += 5) {
    e = i32x4.add(i32x4.add(e, word(t)), i32x4.add(i32x4.add(choose(b, c, d), k), rotate(a, 5)));
    b = rotate(b, 30);
    d = i32x4.add(i32x4.add(d, word(t + 1)), i32x4.add(i32x4.add(choose(a, b, c), k), rotate(e, 5)));
    a = rotate(a, 30);
    c = i32x4.add(i32x4.add(c, word(t + 2)), i32x4.add(i32x4.add(choose(e, a, b), k), rotate(d, 5)));
    e = rotate(e, 30);
    b = i32x4.add(i32x4.add(b, word(t + 3)), i32x4.add(i32x4.add(choose(d, e, a), k), rotate(c, 5)));
    d = rotate(d, 30);
    a = i32x4.add(i32x4.add(a, word(t + 4)), i32x4.add(i32x4.add(choose(c, d, e), k), rotate(b, 5)));
    c = rotate(c, 30);
  }
  k = i32x4.splat(0x6ed9eba1);
  for (let t: usize = 20; t < 40; t += 5) {
    e = i32x4.add(i32x4.add(e, expand(t)), i32x4.add(i32x4.add(parity(b, c, d), k), rotate(a, 5)));
    b = rotate(b, 30);
    d = i32x4.add(i32x4.add(d, expand(t + 1)), i32x4.add(i32x4.add(parity(a, b, c), k), rotate(e, 5)));
    a = rotate(a, 30);
    c = i32x4.add(i32x4.add(c, expand(t + 2)), i32x4.add(i32x4.add(parity(e, a, b), k), rotate(d, 5)));
    e = rotate(e, 30);
    b = i32x4.add(i32x4.add(b, expand(t + 3)), i32x4.add(i32x4.add(parity(d, e, a), k), rotate(c, 5)));
    d = rotate(d, 30);
    a = i32x4.add(i32x4.add(a, expand(t + 4)), i32x4.add(i32x4.add(parity(c, d, e), k), rotate(b, 5)));
    c = rotate(c, 30);
  }
  k = i32x4.splat(0x8f1bbcdc);
  for (let t: usize = 40; t < 60; t += 5) {
    e = i32x4.add(i32x4.add(e, expand(t)), i32x4.add(i32x4.add(majority(b, c, d), k), rotate(a, 5)));
    b = rotate(b, 30);
    d = i32x4.add(i32x4.add(d, expand(t + 1)), i32x4.add(i32x4.add(majority(a, b, c), k), rotate(e, 5)));
    a = rotate(a, 30);
    c = i32x4.add(i32x4.add(c, expand(t + 2)), i32x4.add(i32x4.add(majority(e, a, b), k), rotate(d, 5)));
    e = rotate(e, 30);
    b = i32x4.add(i32x4.add(b, expand(t + 3)), i32x4.add(i32x4.add(majority(d, e, a), k), rotate(c, 5)));
    d = rotate(d, 30);
    a = i32x4.add(i32x4.add(a, expand(t + 4)), i32x4.add(i32x4.add(majority(c, d, e), k), rotate(b, 5)));
    c = rotate(c, 30);
  }
  k = i32x4.splat(0xca62c1d6);
  for (let t: usize = 60; t < 80; t += 5) {
    e = i32x4.add(i32x4.add(e, expand(t)), i32x4.add(i32x4.add(parity(b, c, d), k), rotate(a, 5)));
    b = rotate(b, 30);
    d = i32x4.add(i32x4.add(d, expand(t + 1)), i32x4.add(i32x4.add(parity(a, b, c), k), rotate(e, 5)));
    a = rotate(a, 30);
    c = i32x4.add(i32x4.add(c, expand(t + 2)), i32x4.add(i32x4.add(parity(e, a, b), k), rotate(d, 5)));
    e = rotate(e, 30);
    b = i32x4.add(i32x4.add(b, expand(t + 3)), i32x4.add(i32x4.add(parity(d, e, a), k), rotate(c, 5)));
    d = rotate(d, 30);
    a = i32x4.add(i32x4.add(a, expand(t + 4)), i32x4.add(i32x4.add(parity(c, d, e), k), rotate(b, 5)));
    c = rotate(c, 30);
  }

  h0 = i32x4.add(h0, a);
  h1 = i32x4.add(h1, b);
  h2 = i32x4.add(h2, c);
  h3 = i32x4.add(h3, d);
  h4 = i32x4.add(h4, e);
}

// @ts-ignore: decorator
@inline
function word(t: usize): v128 {
  return v128.load(SCHEDULE + (t << 4));
}

/** W(t) = ROTL1(W(t-3) ^ W(t-8) ^ W(t-14) ^ W(t-16)), kept for the words that follow from it. */
// @ts-ignore: decorator
@inline
function expand(t: usize): v128 {
  const at = SCHEDULE + (t << 4);
  const near = v128.xor(v128.load(at - (3 << 4)), v128.load(at - (8 << 4)));
  const far = v128.xor(v128.load(at - (14 << 4)), v128.load(at - (16 << 4)));
  const value = rotate(v128.xor(near, far), 1);
  v128.store(at, value);
  return value;
}

/** Ch, Parity and Maj of FIPS 180-4 4.1.1. */
// @ts-ignore: decorator
@inline
function choose(x: v128, y: v128, z: v128): v128 {
  return v128.xor(z, v128.and(x, v128.xor(y, z)));
}

// @ts-ignore: decorator
@inline
function parity(x: v128, y: v128, z: v128): v128 {
  return v128.xor(x, v128.xor(y, z));
}

// @ts-ignore: decorator
@inline
function majority(x: v128, y: v128, z: v128): v128 {
  return v128.or(v128.and(x, y), v128.and(z, v128.or(x, y)));
}

// @ts-ignore: decorator
@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

// @ts-ignore: decorator
@inline
function swapBytes(x: v128): v128 {
  return v128.swizzle(x, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}
