// @ts-check
/** How allocations are shown and kept. */

const SHOWN_SHARE = 0.01;
const MOST_SHOWN = 12;

/** Of a kept result. */
export const allocationColumns = {
  columns: [
    { key: 'target', title: 'what' },
    { key: 'packets', title: 'packets forwarded' },
    { key: 'bytesPerPacket', title: 'bytes/packet', digits: 2 },
    { key: 'collections', title: 'collections' },
    { key: 'collectionPercent', title: 'their time %', digits: 1 },
    { key: 'longestMs', title: 'longest ms', digits: 1 },
    { key: 'most', title: 'most of it by' },
  ],
  legend:
    'Bytes allocated on the JavaScript heap for each forwarded packet, by sampling. Collections: of garbage, while so many\n' +
    'packets were forwarded; buffers outside of the heap cause them as well.',
};

/**
 * @param {string} target
 * @param {number} packets
 * @param {number} elapsedMs of the work
 * @param {import('./allocations.js').Allocations} allocations
 */
export function describeAllocations(target, packets, elapsedMs, allocations) {
  const { bytes, allocators, collections, collectionMs, longestMs } = allocations;
  const shown = allocators.filter((allocator) => allocator.bytes > bytes * SHOWN_SHARE).slice(0, MOST_SHOWN);
  const [first] = shown;
  return {
    target,
    packets,
    bytesPerPacket: bytes / packets,
    collections,
    collectionPercent: (collectionMs / elapsedMs) * 100,
    longestMs,
    most: first === undefined ? '' : `${first.name}, ${first.place}`,
    allocators: shown.map((allocator) => ({ ...allocator, bytes: allocator.bytes / packets })),
  };
}

/** @param {ReturnType<typeof describeAllocations>} run */
export function printAllocations({
  target,
  bytesPerPacket,
  collections,
  collectionPercent,
  longestMs,
  allocators,
}) {
  const garbage =
    `${collections} collections took ${collectionPercent.toFixed(1)}% of the time, ` +
    `the longest ${longestMs.toFixed(1)} ms`;
  console.log(`${target}: ${bytesPerPacket.toFixed(2)} bytes per packet, ${garbage}`);
  for (const { name, place, bytes } of allocators) {
    console.log(`    ${bytes.toFixed(2).padStart(8)}  ${name.padEnd(28)} ${place}`);
  }
}
