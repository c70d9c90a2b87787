/**
 * What node:crypto returns is memory outside of the heap, 1.2 KB for each packet that goes out: 150 MB in a second. Left to the
 * garbage collector it is collected by going through the whole heap, again and again: 7 ms every 100 ms at the rate of
 * bench/load's fan-out, in which no packet moves. Freed at once, the next call gets the same memory, which is still in the
 * processor's cache.
 */
type Transfer = (this: ArrayBuffer, byteLength: number) => ArrayBuffer;

/** ECMAScript 2024. Node 20 has it in threads that were started with the flag that worker/thread-handle sets; without it nothing is done. */
const transfer: Transfer | undefined = (ArrayBuffer.prototype as { transfer?: Transfer }).transfer;

/** Frees the memory of `bytes`, which become empty. They are all that lies in it, or nothing is done. */
export function freeAtOnce(bytes: Uint8Array): void {
  if (transfer === undefined || bytes.byteLength !== bytes.buffer.byteLength) return;
  transfer.call(bytes.buffer as ArrayBuffer, 0);
}
