/** docs/deploy/nginx.conf as a real nginx takes it, before the built service. */
import { randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { nginxPath, type ProxyServer, startNginx } from './proxy-servers.js';
import { proxySuite } from './proxy-suite.js';
import { ask } from './proxy-visitor.js';

const TOKEN = randomBytes(32).toString('base64url');

if (nginxPath() === null) t.plan(0, 'nginx is not installed: apt-get install nginx-light, or set NGINX_BIN');
else await proxySuite(t, startNginx, itsOwn);

async function itsOwn(t: Test, proxy: ProxyServer): Promise<void> {
  await t.test('what is too large is refused before it comes; the log says what was asked', async (t) => {
    const headers = { 'content-length': String(26 * 1024 * 1024 + 1), expect: '100-continue' };
    t.equal((await ask(proxy, '/api/session', { method: 'POST', headers })).status, 413);
    for (const path of [`/i/${TOKEN}`, `/api/invitations/${TOKEN}`, `/eid/callback?code=${TOKEN}`])
      await ask(proxy, path);
    t.notMatch(proxy.logged(), TOKEN);
    t.match(proxy.logged(), /^127\.0\.0\.1 \[.*\] GET \/i\/- 200 \d+ [\d.]+$/m);
    t.match(proxy.logged(), / GET \/api\/invitations\/- 404 /);
    t.match(proxy.logged(), / GET \/eid\/callback /);
    t.notMatch(proxy.logged(), /\[(warn|error|crit|alert|emerg)\]/);
  });
}
