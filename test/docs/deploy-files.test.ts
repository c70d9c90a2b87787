/** The files of docs/deploy agree with the service: ports, sizes, times, and what must not be logged. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DOCUMENT_OVERHEAD_BYTES, MAX_DOCUMENT_BYTES } from '../../examples/meeting/shared/api.js';
import { readConfig } from '../../examples/meeting/server/config.js';
import { TrustedProxies } from '../../examples/meeting/server/http/client-address.js';
import { HEARTBEAT_MS } from '../../examples/meeting/server/http/event-stream.js';
import { DEFAULT_LIMITS, DEFAULT_TIMING } from '#src/gateway/options.js';
import { ROOT } from './markdown.js';

const read = (name: string): string => readFileSync(join(ROOT, 'docs/deploy', name), 'utf8');
const withoutComments = (text: string): string => text.replaceAll(/^\s*#.*$/gm, '');

/** `NAME=value` lines; of those that come again, all values. */
function unitSettings(): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const [, name, value] of read('sluss.service').matchAll(/^([A-Z]\w*)=(.*)$/gm)) {
    settings.set(name, [...(settings.get(name) ?? []), value]);
  }
  return settings;
}

/** Directives as `name -> arguments`, in whatever block. Throws when blocks do not close or a line does not end. */
function nginxDirectives(): [name: string, rest: string][] {
  const found: [string, string][] = [];
  let depth = 0;
  for (const raw of withoutComments(read('nginx.conf')).split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    if (line.endsWith('{')) depth++;
    else if (line === '}') depth--;
    else if (!line.endsWith(';')) throw new Error(`does not end: ${line}`);
    const [, name, rest] = /^(\S+)\s*(.*?)\s*[;{}]?$/.exec(line)!;
    found.push([name, rest]);
  }
  if (depth !== 0) throw new Error('blocks do not close');
  return found;
}

t.test('systemd: what it starts, how long it waits, what it allows', async (t) => {
  const unit = unitSettings();
  const start = unit.get('ExecStart')![0];
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  t.equal(start.replace('/usr/bin/', ''), scripts.start.split('&& ')[1], 'as npm start does');
  t.ok(Number(unit.get('TimeoutStopSec')![0]) * 1000 > DEFAULT_TIMING.drainTimeout + 10_000);
  t.ok(Number(unit.get('LimitNOFILE')![0]) > 2 * DEFAULT_LIMITS.maxConnections);
  const stateFolder = `/var/lib/${unit.get('StateDirectory')![0]}`;
  t.ok(unit.get('Environment')![0].split(' ').includes(`DATA_DIR=${stateFolder}`));
  t.ok(unit.get('Environment')![0].split(' ').includes('NODE_ENV=production'));
  t.equal(unit.get('StateDirectoryMode')![0], '0700');
  const families = unit.get('RestrictAddressFamilies')![0].split(' ');
  for (const family of ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK']) t.ok(families.includes(family));
  t.notOk(unit.has('MemoryDenyWriteExecute'), 'V8 could not compile');
  t.equal(unit.get('User')![0], 'sluss');
  t.equal(unit.get('NoNewPrivileges')![0], 'true');
});

t.test('nginx: well-formed, to the right port, large and patient enough', async (t) => {
  const directives = nginxDirectives();
  const all = (name: string): string[] => directives.filter(([one]) => one === name).map(([, rest]) => rest);
  const { port } = readConfig({});
  t.ok(all('proxy_pass').length >= 2);
  for (const target of all('proxy_pass')) t.equal(target, `http://127.0.0.1:${port}`);
  const bodySize = Number(/^(\d+)m$/.exec(all('client_max_body_size')[0])![1]) * 1024 * 1024;
  t.ok(bodySize >= MAX_DOCUMENT_BYTES + DOCUMENT_OVERHEAD_BYTES);
  const silence = Math.max(HEARTBEAT_MS, DEFAULT_TIMING.pingInterval);
  for (const time of all('proxy_read_timeout')) t.ok(Number.parseInt(time) * 1000 > 2 * silence);
  t.ok(all('location').includes('= /signalling'));
  for (const path of ['/metrics', '/healthz']) t.ok(all('location').includes(`= ${path}`), path);
  t.ok(all('ssl_protocols').every((versions) => versions === 'TLSv1.2 TLSv1.3'));
  const limit = Number(all('limit_conn')[0].split(' ')[1]);
  t.ok(limit < DEFAULT_LIMITS.maxConnections, 'one address cannot take all connections');
});

t.test('nginx: who comes is told by the proxy, not by the browser', async (t) => {
  const directives = nginxDirectives().filter(([name]) => name === 'proxy_set_header');
  const values = (header: string): string[] =>
    directives.filter(([, rest]) => rest.startsWith(`${header} `)).map(([, rest]) => rest.split(/\s+/)[1]);
  t.strictSame([...new Set(values('X-Forwarded-For'))], ['$remote_addr']);
  t.strictSame([...new Set(values('X-Forwarded-Proto'))], ['$scheme']);
  const proxies = new TrustedProxies([/^TRUSTED_PROXIES=(.*)$/m.exec(read('service.env'))![1]]);
  t.equal(proxies.clientAddress('127.0.0.1', '203.0.113.9'), '203.0.113.9');
  t.equal(proxies.isForwardedTls('127.0.0.1', 'https'), true);
});

t.test('nginx: secrets in addresses do not get into its log', async (t) => {
  const text = read('nginx.conf');
  const map = /map \$request_uri \$sluss_logged_path \{([^}]*)\}/.exec(text)![1];
  const rules = [...map.matchAll(/"~([^"]+)"\s+(?:"([^"]*)"|\$(\w+));/g)];
  /** First fit, as nginx does it. */
  const logged = (uri: string): string => {
    for (const [, pattern, fixed, variable] of rules) {
      const match = new RegExp(pattern).exec(uri);
      if (match) return variable === undefined ? fixed : (match.groups?.[variable] ?? '');
    }
    return '';
  };
  const token = 'kE4pT0k3n'.repeat(5);
  for (const uri of [
    `/i/${token}`,
    `/i/${token}?x=1`,
    `/api/invitations/${token}`,
    `/api/invitations/${token}/claim`,
    `/api/eid/providers?invitation=${token}`,
    `/eid/callback?code=${token}&state=${token}`,
  ]) {
    t.notMatch(logged(uri), token.slice(0, 8), uri);
    t.match(logged(uri), /^\//);
  }
  t.equal(logged('/portal/new?day=1'), '/portal/new');
  const format = /^log_format sluss '([^']*)'/m.exec(text)![1];
  t.notMatch(format, /\$(request|request_uri|args|query_string|http_referer|uri|cookie_\w+)\b/);
  for (const [name, rest] of nginxDirectives()) {
    if (name === 'access_log') t.ok(rest === 'off' || rest.endsWith(' sluss'), rest);
    if (name === 'error_log') t.ok(rest.endsWith(' crit'), rest);
  }
});

t.test('Caddy: braces close, the right port, large enough, no log of addresses', async (t) => {
  const text = withoutComments(read('Caddyfile'));
  t.equal(text.split('{').length, text.split('}').length);
  t.match(text, `reverse_proxy 127.0.0.1:${readConfig({}).port}`);
  const size = Number(/max_size (\d+)MiB/.exec(text)![1]) * 1024 * 1024;
  t.ok(size >= MAX_DOCUMENT_BYTES + DOCUMENT_OVERHEAD_BYTES);
  t.match(text, '@inside path /metrics /healthz');
  // Of Caddy itself, to leave its errors out; none of the site, which would be an access log.
  const [first, ...sites] = text.trim().split(/^(?=\S+ \{$)/m);
  t.match(first, /^\{\s+log \{\s+exclude http\.log\.error\s+\}\s+\}\s*$/);
  t.equal(sites.length, 2);
  for (const site of sites) t.notMatch(site, /^\s*log\b/m);
});

t.test('coturn: TLS alone, relays to one address, bounded, as the service hands it out', async (t) => {
  const lines = withoutComments(read('coturn.conf'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const values = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
  for (const flag of [
    ...['use-auth-secret', 'no-udp', 'no-tcp', 'no-dtls', 'no-tlsv1', 'no-tlsv1_1'],
    ...['no-tcp-relay', 'no-multicast-peers', 'no-cli'],
  ]) {
    t.ok(lines.includes(flag), flag);
  }
  t.strictSame(values('denied-peer-ip'), [
    '0.0.0.0-255.255.255.255',
    '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ]);
  const env = read('service.env');
  t.strictSame(values('allowed-peer-ip'), [/^ANNOUNCED_ADDRESS=(.*)$/m.exec(env)![1]], 'where media goes');
  t.notOk(lines.includes('allow-loopback-peers'));
  t.ok(Number(values('user-quota')[0]) > 0 && Number(values('total-quota')[0]) > 0);
  const { urls } = readConfig({
    TURN_URLS: /^#TURN_URLS=(.*)$/m.exec(env)![1],
    TURN_SECRET: 'x'.repeat(64),
  }).turn!;
  t.match(urls, [new RegExp(`^turns:.*:${values('tls-listening-port')[0]}\\?transport=tcp$`)]);
});
