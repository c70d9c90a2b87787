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
 */

/** @type {Goal[]} */
export const GOALS = [
  {
    what: 'CPU for each forwarded video packet, against mediasoup',
    result: 'fan-out-video',
    limit: '0.85 or less',
    measured: (row) => row('sluss').cpuPerPacket / row('mediasoup').cpuPerPacket,
    met: (value) => value <= 0.85,
    digits: 2,
  },
  {
    what: 'the same for audio',
    result: 'fan-out-audio',
    limit: '0.9 or less',
    measured: (row) => row('sluss').cpuPerPacket / row('mediasoup').cpuPerPacket,
    met: (value) => value <= 0.9,
    digits: 2,
  },
  {
    what: 'whole forwarding of video, against C sendto',
    result: 'fan-out-video',
    limit: '2.2 or less',
    measured: (row) => row('sluss').cpuPerPacket / row('sendto').cpuPerPacket,
    met: (value) => value <= 2.2,
    digits: 2,
  },
  {
    what: 'SRTP protect of 1,142 bytes, against libsrtp',
    result: 'srtp',
    limit: '0.5 or less',
    measured: (row) => row('sluss').ns1142 / row('libsrtp').ns1142,
    met: (value) => value <= 0.5,
    digits: 2,
  },
  {
    what: 'SRTP protect of 112 bytes, against libsrtp',
    result: 'srtp',
    limit: '0.5 or less',
    measured: (row) => row('sluss').ns112 / row('libsrtp').ns112,
    met: (value) => value <= 0.5,
    digits: 2,
  },
  {
    what: 'added latency at half load, p99, ms',
    result: 'fan-out-video',
    limit: '2 or less',
    measured: (row) => row('sluss').delayP99,
    met: (value) => value <= 2,
    digits: 2,
  },
  {
    what: "the same, against mediasoup's",
    result: 'fan-out-video',
    limit: '1 or less',
    measured: (row) => row('sluss').delayP99 / row('mediasoup').delayP99,
    met: (value) => value <= 1,
    digits: 2,
  },
  {
    what: 'DTLS handshakes for each second of CPU, with all that a join needs',
    result: 'join-storm',
    limit: '100 or more',
    measured: (row) => row('sluss').handshakesPerCpuSecond,
    met: (value) => value >= 100,
    digits: 0,
  },
  {
    what: 'join time in a storm of 200, p95, ms',
    result: 'join-storm',
    limit: 'under 1000',
    measured: (row) => row('sluss').joinP95,
    met: (value) => value < 1000,
    digits: 0,
  },
  {
    what: 'memory for each of 1,000 video consumers, KB',
    result: 'memory',
    limit: '60 or less',
    measured: (row) => row('sluss').kibPerConsumer * 1.024,
    met: (value) => value <= 60,
    digits: 1,
  },
  {
    what: 'two workers, times one',
    result: 'workers',
    limit: '1.9 or more',
    measured: (row) => row('sluss, 2 workers').times,
    met: (value) => value >= 1.9,
    digits: 2,
  },
  {
    what: 'HTTP requests per second of the gateway, times fastify',
    result: 'gateway-http',
    limit: '2 or more',
    measured: (row) => row('sluss gateway').requestsPerSecond / row('fastify').requestsPerSecond,
    met: (value) => value >= 2,
    digits: 2,
  },
  {
    what: '5,000 idle signalling sockets, MB resident',
    result: 'gateway-signalling',
    limit: 'under 150',
    measured: (row) => row('sluss gateway').rssMiB * 1.048576,
    met: (value) => value < 150,
    digits: 0,
  },
];
