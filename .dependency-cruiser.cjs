// The house of docs/ARCHITECTURE.md as rules: an import may point downward in this list, never upward.
// rtp < srtp < stream < bwe < router < transport < worker < api < signalling < client < gateway
const order = ['rtp', 'srtp', 'stream', 'bwe', 'router', 'transport', 'worker', 'api', 'client', 'gateway'];

const upward = order.slice(0, -1).map((layer, index) => ({
  name: `${layer}-imports-downward-only`,
  severity: 'error',
  comment: `src/${layer} may import only from the layers below it`,
  from: { path: `^src/${layer}/` },
  to: { path: `^src/(${order.slice(index + 1).join('|')}|index\\.ts)` },
}));

/** Edges: the only places that may hold a socket, a clock, a thread or randomness. */
const pure = '^src/(rtp|srtp|stream|bwe|router)/';

module.exports = {
  forbidden: [
    ...upward,
    { name: 'no-circular', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'pure-core-has-no-edges',
      severity: 'error',
      comment: 'below transport/ there is no socket, clock, timer, thread or randomness, and no werift',
      from: { path: pure },
      to: {
        path: '^(node:)?(dgram|net|tls|http|https|worker_threads|timers|fs|perf_hooks|child_process)($|/)|node_modules/werift',
      },
    },
    {
      name: 'client-is-for-browsers',
      severity: 'error',
      comment: 'client/ and signalling/ run in browsers: no Node module, no server layer',
      from: { path: '^src/(client|signalling)/' },
      to: {
        path: '^src/(rtp|srtp|stream|bwe|router|transport|worker|api|gateway)/|^node:',
        pathNot: '^src/rtp/rtp-parameters\\.ts$',
      },
    },
    {
      name: 'signalling-is-a-leaf',
      severity: 'error',
      from: { path: '^src/signalling/' },
      to: { path: '^src/(?!signalling/|rtp/rtp-parameters\\.ts)' },
    },
    {
      name: 'gateway-not-into-the-client',
      severity: 'error',
      comment: 'what both need lives in signalling/',
      from: { path: '^src/gateway/' },
      to: { path: '^src/client/' },
    },
    {
      name: 'no-dev-dependency-in-the-package',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
