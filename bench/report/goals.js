// @ts-check
/** What the project set out to reach; each is read from a kept result, and is a ratio inside one run where it can be. */

/**
 * @typedef {object} Goal
 * @property {string} what
 * @property {string} result name of the kept result
 * @property {string} limit as it is shown
 * @property {(row: (target: string) => Record<string, any>) => number} measured
 * @property {(value: number) => boolean} met
 * @property {number} digits
 * @property {string} [missed] what is known of why, shown when it is
 */
/** @typedef {Pick<Goal, 'limit' | 'met' | 'digits'>} Limit */

const MIB = 1.048576;
const KIB = 1.024;

/** @type {Goal[]} */
export const GOALS = [
  goal('CPU for each forwarded video packet, against mediasoup', {
    ...read('fan-out-video', 'cpuPerPacket', 'sluss', 'mediasoup'),
    ...atMost(0.85),
    missed:
      'More than half of it is the system taking the datagram. Of the rest, two fifths are SHA-1, AES and XOR; most of the others are ' +
      'waits for memory: what is kept for each receiver (keystream, retransmission, statistics) is more than a core caches.',
  }),
  goal('the same for audio', {
    ...read('fan-out-audio', 'cpuPerPacket', 'sluss', 'mediasoup'),
    ...atMost(0.9),
  }),
  goal('whole forwarding of video, against C sendto', {
    ...read('fan-out-video', 'cpuPerPacket', 'sluss', 'sendto'),
    ...atMost(2.2),
  }),
  goal('SRTP protect of 1,142 bytes, against libsrtp', {
    ...read('srtp', 'ns1142', 'sluss', 'libsrtp'),
    ...atMost(0.5),
  }),
  goal('SRTP protect of 112 bytes, against libsrtp', {
    ...read('srtp', 'ns112', 'sluss', 'libsrtp'),
    ...atMost(0.5),
  }),
  goal('added latency at half load, p99, ms', {
    ...read('fan-out-video', 'delayP99', 'sluss'),
    ...atMost(2),
    missed:
      'One packet to 200 receivers takes 1.2 to 2 ms, so the last of them waits that long without any queue. What is beyond it ' +
      'are collections of the young generation (0.3 to 0.9 ms, twice a second) and whatever else wants the one core.',
  }),
  goal("the same, against mediasoup's", {
    ...read('fan-out-video', 'delayP99', 'sluss', 'mediasoup'),
    ...atMost(1),
  }),
  goal('DTLS handshakes for each second of CPU, with all that a join needs', {
    ...read('join-storm', 'handshakesPerCpuSecond', 'sluss'),
    ...atLeast(100, 0),
  }),
  goal('join time in a storm of 200, p95, ms', { ...read('join-storm', 'joinP95', 'sluss'), ...under(1000) }),
  goal('memory for each of 1,000 video consumers, KB', {
    ...read('memory', 'kibPerConsumer', 'sluss', { times: KIB }),
    ...atMost(60, 1),
  }),
  goal('two workers, times one', {
    ...read('workers', 'times', 'sluss, 2 workers'),
    ...atLeast(1.9),
    missed:
      'Both cores of the machine send through one loopback interface, and the traffic has no third core: the processor time of ' +
      "each packet rises by a tenth, mediasoup's as well.",
  }),
  goal('HTTP requests per second of the gateway, times fastify', {
    ...read('gateway-http', 'requestsPerSecond', 'sluss gateway', 'fastify'),
    ...atLeast(2),
  }),
  goal('5,000 idle signalling sockets, MB resident', {
    ...read('gateway-signalling', 'rssMiB', 'sluss gateway', { times: MIB }),
    ...under(150),
  }),
];

/**
 * @param {string} what
 * @param {Omit<Goal, 'what'>} rest
 * @returns {Goal}
 */
function goal(what, rest) {
  return { what, ...rest };
}

/**
 * One field of a server's row: as it is, times a factor, or against another server's.
 * @param {string} result
 * @param {string} key
 * @param {string} target
 * @param {string | { times: number }} [against]
 */
function read(result, key, target, against = { times: 1 }) {
  /** @type {Goal['measured']} */
  const measured = (row) =>
    typeof against === 'string' ? row(target)[key] / row(against)[key] : row(target)[key] * against.times;
  return { result, measured };
}

/** @param {number} limit @returns {Limit} */
function atMost(limit, digits = 2) {
  return { limit: `${limit} or less`, met: (value) => value <= limit, digits };
}

/** @param {number} limit @returns {Limit} */
function atLeast(limit, digits = 2) {
  return { limit: `${limit} or more`, met: (value) => value >= limit, digits };
}

/** @param {number} limit @returns {Limit} */
function under(limit) {
  return { limit: `under ${limit}`, met: (value) => value < limit, digits: 0 };
}
