// @ts-check
/** HTTP side of the gateway against fastify and plain node:http: `node bench/gateway/http.js --help`. */
import autocannon from 'autocannon';
import { cpuBetween, cpuTimes } from '../load/measure/cpu.js';
import { Target } from '../load/targets/target.js';
import { runBench } from './run.js';

/** @type {Record<string, string>} */
const SERVERS = {
  'sluss gateway': './servers/sluss-gateway.js',
  fastify: './servers/fastify.js',
  'node:http': './servers/node-http.js',
};
const WARM_UP_SECONDS = 1;

await runBench({
  summary: 'autocannon against the gateway, fastify and node:http, each with a core of its own',
  options: {
    path: { type: 'choice', default: '/healthz', choices: ['/healthz', '/page'], help: 'what is asked for' },
    connections: { type: 'number', default: 50, min: 1, max: 5000, help: 'open at a time' },
    pipelining: { type: 'number', default: 10, min: 1, max: 100, help: 'requests under way on each of them' },
    seconds: { type: 'number', default: 4, min: 1, max: 600, help: 'length of each measurement' },
    repeat: { type: 'number', default: 1, min: 1, max: 50, help: 'runs of each server, in turns' },
  },
  title: ({ path, connections }) => `HTTP: ${path} over ${connections} connections`,
  columns: [
    { key: 'target', title: 'server' },
    { key: 'runs', title: 'runs' },
    { key: 'requestsPerSecond', title: 'requests/s' },
    { key: 'requestsPerCpuSecond', title: 'requests/CPU s' },
    { key: 'ratio', title: 'ratio', digits: 2 },
    { key: 'core', title: 'core %', digits: 0 },
    { key: 'latencyP50', title: 'latency p50 ms', digits: 1 },
    { key: 'latencyP99', title: 'p99', digits: 1 },
    { key: 'errors', title: 'errors' },
  ],
  legend:
    'Medians of the runs. Ratio: requests for each second of CPU against the first server. Below 100% of a core it is\n' +
    'autocannon that sets the pace, and requests/CPU s is what a server could do.',
  plots: [
    {
      title: 'Requests for each second of CPU',
      parts: [{ key: 'requestsPerCpuSecond', label: 'requests' }],
      digits: 0,
    },
  ],
  ratioOf: 'requestsPerCpuSecond',
  async run(options, cores) {
    const runs = [];
    for (let round = 0; round < options.repeat; round++) {
      for (const name of Object.keys(SERVERS)) runs.push(await runOnce(name, options, cores));
    }
    return runs;
  },
});

/**
 * @param {string} name
 * @param {Record<string, any>} options
 * @param {string | undefined} cores
 */
async function runOnce(name, { path, connections, pipelining, seconds }, cores) {
  const server = await Target.host(name, new URL(SERVERS[name], import.meta.url), { cores });
  try {
    const { port } = await server.call('address');
    const load = { url: `http://127.0.0.1:${port}${path}`, connections, pipelining };
    await autocannon({ ...load, duration: WARM_UP_SECONDS });
    const cpu = cpuTimes(server.pids);
    const start = performance.now();
    const { requests, latency, errors, non2xx } = await autocannon({ ...load, duration: seconds });
    const elapsed = (performance.now() - start) / 1000;
    const { user, system } = cpuBetween(cpu, cpuTimes(server.pids));
    return {
      target: name,
      version: server.version,
      requestsPerSecond: requests.total / elapsed,
      requestsPerCpuSecond: requests.total / ((user + system) / 1e6),
      core: ((user + system) / 1e6 / elapsed) * 100,
      latencyP50: latency.p50,
      latencyP99: latency.p99,
      errors: errors + non2xx,
    };
  } finally {
    await server.close();
  }
}
