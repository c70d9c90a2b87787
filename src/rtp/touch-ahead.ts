/**
 * Between two packets what a receiver is made of leaves the cache, and each object leads to the next: a loop over hundreds of
 * receivers waits for memory once per object. Nothing of one receiver depends on the others, though. So the hot loops first
 * only read, for the next few: the processor then waits for all of them at the same time, and the work itself finds them there.
 *
 *     for (let from = 0; from < count; from += TOUCH_AHEAD) {
 *       const end = Math.min(count, from + TOUCH_AHEAD);
 *       for (let index = from; index < end; index++) touched = (touched + receivers[index].touch()) | 0;
 *       for (let index = from; index < end; index++) receivers[index].work();
 *     }
 *
 * touch() returns any number that needs all that was read. Whoever loops keeps the sum in a field, or the compiler would leave
 * the reading out.
 */
export const TOUCH_AHEAD = 16;
