/** Debian's coturn on loopback as docs/deploy/coturn.conf sets it up; only places, ports and the secret are its own. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { selfSignedCertificate } from '../certificate.js';
import { turnServerPath } from './browsers.js';

const CONFIGURATION = fileURLToPath(new URL('../../../docs/deploy/coturn.conf', import.meta.url));
const READY = /listener opened on/;

export interface TurnServer {
  secret: string;
  realm: string;
  port: number;
  /** TURN over TLS is the way of docs/deploy; over plain TCP is that without TLS. */
  url: string;
  /** What makes Chromium take its certificate: base64 of the SHA-256 of the public key. */
  certificateHash: string;
}

/** Ended with the test, by its own process. Relays to 127.0.0.1 alone. */
export async function startTurnServer(t: Test, transport: 'tls' | 'tcp'): Promise<TurnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluss-turn-'));
  const port = await freePort();
  const secret = randomBytes(32).toString('hex');
  const certificateHash = writeCertificate(folder);
  const text = ownSettings(readFileSync(CONFIGURATION, 'utf8'), {
    'listening-ip': '127.0.0.1',
    'relay-ip': '127.0.0.1',
    'allowed-peer-ip': '127.0.0.1',
    'static-auth-secret': secret,
    'tls-listening-port': String(port),
    cert: join(folder, 'cert.pem'),
    pkey: join(folder, 'key.pem'),
  });
  const plain = text.replace(/^no-tcp$/m, 'no-tls').replace(/^tls-listening-port=/m, 'listening-port=');
  const file = join(folder, 'turnserver.conf');
  // It takes loopback for peers only when told, and then wants a password for the command line that is off. `verbose`: it
  // says when it listens.
  const own = 'allow-loopback-peers\ncli-password=none\nverbose\nlog-file=stdout\n';
  writeFileSync(file, (transport === 'tls' ? text : plain).replace(/^syslog$/m, '') + own);

  const child = spawn(turnServerPath(), ['-c', file, '--pidfile=', `--db=${join(folder, 'turndb')}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const listening = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
        if (READY.test(said)) resolve();
      });
    }
    child.once('error', reject).once('exit', () => reject(new Error(`coturn did not start:\n${said}`)));
  });
  t.teardown(async () => {
    const running = child.exitCode === null && child.signalCode === null;
    if (running) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true });
  });
  await listening;
  const realm = /^realm=(.*)$/m.exec(text)![1];
  const scheme = transport === 'tls' ? 'turns' : 'turn';
  return { secret, realm, port, url: `${scheme}:127.0.0.1:${port}?transport=tcp`, certificateHash };
}

/** Replaces the values of settings that must be there. */
function ownSettings(text: string, settings: Record<string, string>): string {
  for (const [name, value] of Object.entries(settings)) {
    const line = new RegExp(`^${name}=.*$`, 'm');
    if (!line.test(text)) throw new Error(`${name} is not in ${CONFIGURATION}`);
    text = text.replace(line, `${name}=${value}`);
  }
  return text;
}

/** For 127.0.0.1, vouching for itself. */
function writeCertificate(folder: string): string {
  const { key, certificate: pem } = selfSignedCertificate();
  writeFileSync(join(folder, 'cert.pem'), pem);
  writeFileSync(join(folder, 'key.pem'), key);
  chmodSync(join(folder, 'key.pem'), 0o600);
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
