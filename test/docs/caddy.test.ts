/** docs/deploy/Caddyfile as a real Caddy takes it, before the built service. */
import t from 'tap';
import { caddyPath, startCaddy } from './proxy-servers.js';
import { proxySuite } from './proxy-suite.js';

if (caddyPath() === null) t.plan(0, 'Caddy is not installed: apt-get install caddy, or set CADDY_BIN');
else await proxySuite(t, startCaddy);
