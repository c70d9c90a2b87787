// @ts-check
/** Columns and plots that several tables have. */

/** @typedef {import('../report/table.js').Column} Column */

/** @type {Column[]} */
export const SERVER = [
  { key: 'target', title: 'server' },
  { key: 'runs', title: 'runs' },
];

/** @type {Column} */
export const PACKETS = { key: 'pps', title: 'packets/s' };

/** @type {Column} */
export const CPU = { key: 'cpuPerPacket', title: 'CPU us/packet', digits: 2 };

/** @type {Column} against the first line */
export const RATIO = { key: 'ratio', title: 'ratio', digits: 2 };

/** What a packet costs, user and system apart. @type {Column[]} */
export const COST_APART = [
  CPU,
  { key: 'userPerPacket', title: 'user', digits: 2 },
  { key: 'systemPerPacket', title: 'system', digits: 2 },
  RATIO,
];

/** @type {Column} */
export const LOSS = { key: 'lossPercent', title: 'loss %', digits: 2 };

/** @type {Column} */
export const MEMORY = { key: 'rssMiB', title: 'RSS MiB' };

/** @type {Column} what else ran on the machine */
export const OTHERS = { key: 'others', title: 'others %', digits: 0 };

/** @type {import('../report/results.js').Plot} */
export const COST_PLOT = {
  title: 'CPU for each forwarded packet, µs',
  parts: [
    { key: 'userPerPacket', label: 'user' },
    { key: 'systemPerPacket', label: 'system' },
  ],
  digits: 2,
};
