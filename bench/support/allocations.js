// @ts-check
/** How many bytes a piece of work allocates on the JavaScript heap, which functions do, and what collecting them costs. */
import { existsSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { SourceMap } from 'node:module';
import { relative } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Bytes between two samples, on average: so few that sums of some thousand packets are true to a percent. */
const SAMPLING_INTERVAL = 128;

/** @typedef {{ name: string, place: string, bytes: number }} Allocator place: file and line of the function's head */
/**
 * @typedef {object} Allocations
 * @property {number} bytes
 * @property {Allocator[]} allocators largest first
 * @property {number} collections of garbage
 * @property {number} collectionMs what they took
 * @property {number} longestMs the longest of them
 */

/**
 * @param {() => void | Promise<void>} work done twice, once for the collections and once for the bytes; warm it up before
 * @returns {Promise<Allocations>}
 */
export async function measureAllocations(work) {
  const garbage = await countCollections(work);
  const allocators = await sample(work);
  return { bytes: allocators.reduce((sum, { bytes }) => sum + bytes, 0), allocators, ...garbage };
}

/** @param {() => void | Promise<void>} work */
async function countCollections(work) {
  let collections = 0;
  let collectionMs = 0;
  let longestMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      collections++;
      collectionMs += duration;
      longestMs = Math.max(longestMs, duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  await work();
  // Entries come a turn of the event loop later.
  await nextTurn();
  await nextTurn();
  observer.disconnect();
  return { collections, collectionMs, longestMs };
}

/** @param {() => void | Promise<void>} work */
async function sample(work) {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLING_INTERVAL,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await work();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  return allocatorsOf(profile.head);
}

/**
 * @param {import('node:inspector').HeapProfiler.SamplingHeapProfileNode} head
 * @returns {Allocator[]}
 */
function allocatorsOf(head) {
  /** @type {Map<string, Allocator>} */
  const byPlace = new Map();
  /** @type {{ node: import('node:inspector').HeapProfiler.SamplingHeapProfileNode, caller: string }[]} */
  const open = [{ node: head, caller: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, caller } = next;
    const own = placeOf(node.callFrame);
    // What is built in is told by who called it.
    const place = own || caller;
    for (const child of node.children) open.push({ node: child, caller: place });
    // What the profiler itself takes is not the work's.
    if (node.selfSize === 0 || node.callFrame.url === 'node:inspector') continue;
    const name = node.callFrame.functionName || '(anonymous)';
    const key = `${name} ${place}`;
    const found = byPlace.get(key);
    if (found) found.bytes += node.selfSize;
    else byPlace.set(key, { name: own ? name : `${name}()`, place, bytes: node.selfSize });
  }
  return [...byPlace.values()].sort((a, b) => b.bytes - a.bytes);
}

/** @type {Map<string, SourceMap | undefined>} */
const maps = new Map();

/**
 * In the source, if there is a map to it.
 * @param {import('node:inspector').Runtime.CallFrame} frame
 */
function placeOf({ url, lineNumber, columnNumber }) {
  if (!url.startsWith('file:')) return url;
  const file = fileURLToPath(url);
  if (!maps.has(file)) {
    const map = `${file}.map`;
    maps.set(file, existsSync(map) ? new SourceMap(JSON.parse(readFileSync(map, 'utf8'))) : undefined);
  }
  const entry = maps.get(file)?.findEntry(lineNumber, columnNumber);
  if (!entry || !('originalSource' in entry)) return `${relative(ROOT, file)}:${lineNumber + 1}`;
  return `${relative(ROOT, fileURLToPath(new URL(entry.originalSource, url)))}:${entry.originalLine + 1}`;
}
