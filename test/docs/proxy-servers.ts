/** nginx and Caddy on loopback with the files of docs/deploy; only places, ports and the certificate are their own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { selfSignedCertificate } from '../support/certificate.js';
import { ROOT } from './markdown.js';

/** The host name in the files. */
export const NAME = 'meet.example.se';

export interface ProxyServer {
  /** HTTPS, and HTTP for the redirect, on 127.0.0.1. */
  port: number;
  httpPort: number;
  /** Vouches for itself. */
  certificate: string;
  /** All that it has logged so far, wherever. */
  logged: () => string;
  /** By the signal that `systemctl reload` sends, where it is one. */
  pid: number;
}

export type StartProxy = (t: Test, servicePort: number) => Promise<ProxyServer>;

/** The path of a program, or null. */
export function programPath(variable: string, ...candidates: string[]): string | null {
  const own = process.env[variable];
  const runs = (path: string): boolean =>
    spawnSync(path, ['version'], { stdio: 'ignore' }).error === undefined;
  return own ?? candidates.find(runs) ?? null;
}

export const nginxPath = (): string | null => programPath('NGINX_BIN', '/usr/sbin/nginx', 'nginx');
export const caddyPath = (): string | null => programPath('CADDY_BIN', '/usr/bin/caddy', 'caddy');

export const startNginx: StartProxy = async (t, servicePort) => {
  const place = await prepare();
  const { folder, port, httpPort } = place;
  const site = adapt(read('nginx.conf'), [
    ['listen 80;', `listen 127.0.0.1:${httpPort};`],
    ['listen [::]:80;', ''],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${port} ssl http2;`],
    ['listen [::]:443 ssl http2;', ''],
    ['/etc/letsencrypt/live/meet.example.se/fullchain.pem', join(folder, 'cert.pem')],
    ['/etc/letsencrypt/live/meet.example.se/privkey.pem', join(folder, 'key.pem')],
    ['/var/log/nginx/', `${folder}/log/`],
    ['http://127.0.0.1:4443', `http://127.0.0.1:${servicePort}`],
  ]);
  writeFileSync(join(folder, 'sluss.conf'), site);
  // As much of Debian's own as the site needs.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 768; }
http {
${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
access_log ${folder}/log/access.log;
include sluss.conf;
}
`,
  );
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
  return run(t, place, nginxPath()!, args, /start worker process \d/);
};

export const startCaddy: StartProxy = async (t, servicePort) => {
  const place = await prepare();
  const { folder, port, httpPort } = place;
  const given = read('Caddyfile');
  const site = adapt(
    knowsDelay() ? given : adapt(given, [[/ \{\n(\t\t#.*\n)?\t\tstream_close_delay \w+\n\t\}/, '']]),
    [
      [/^(meet\.example\.se \{)$/m, `$1\n\ttls ${folder}/cert.pem ${folder}/key.pem`],
      ['127.0.0.1:4443', `127.0.0.1:${servicePort}`],
      [/^\{$/m, `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\thttp_port ${httpPort}\n\thttps_port ${port}`],
    ],
  );
  writeFileSync(join(folder, 'Caddyfile'), site);
  const args = ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')];
  return run(t, place, caddyPath()!, args, /serving initial configuration/);
};

/** From 2.7; Debian 12 has 2.6. */
function knowsDelay(): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(
    spawnSync(caddyPath()!, ['version'], { encoding: 'utf8' }).stdout,
  )!;
  return Number(major) > 2 || Number(minor) >= 7;
}

interface Place {
  folder: string;
  port: number;
  httpPort: number;
  certificate: string;
}

async function prepare(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'sluss-proxy-'));
  const { key, certificate } = selfSignedCertificate([NAME]);
  mkdirSync(join(folder, 'log'));
  writeFileSync(join(folder, 'cert.pem'), certificate);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  const [port, httpPort] = await freePorts(2);
  return { folder, port, httpPort, certificate };
}

/** Until `ready` is in what it says. Ended with the test. */
async function run(
  t: Test,
  place: Place,
  program: string,
  args: string[],
  ready: RegExp,
): Promise<ProxyServer> {
  const { folder } = place;
  const env = { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (ready.test(said)) resolve();
    });
    void gone.then(() => reject(new Error(`${program} did not start:\n${said}`)), reject);
  });
  const logs = join(folder, 'log');
  return {
    ...place,
    logged: () => [said, ...readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'))].join(''),
    pid: child.pid!,
  };
}

const read = (name: string): string => readFileSync(join(ROOT, 'docs/deploy', name), 'utf8');

/** Replaces, everywhere, what must be there. */
function adapt(text: string, changes: [from: string | RegExp, to: string][]): string {
  for (const [from, to] of changes) {
    const isThere = typeof from === 'string' ? text.includes(from) : from.test(text);
    if (!isThere) throw new Error(`${from} is not in the file any more`);
    text = typeof from === 'string' ? text.replaceAll(from, to) : text.replace(from, to);
  }
  return text;
}

export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(probes.map((probe) => once(probe, 'listening')));
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port);
  await Promise.all(probes.map((probe) => once(probe.close(), 'close')));
  return ports;
}
