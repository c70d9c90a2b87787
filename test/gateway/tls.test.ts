import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { SUBPROTOCOL_JSON } from '#src/signalling/protocol.js';
import { selfSignedCertificate } from '../support/certificate.js';
import { startGateway } from './test-client.js';

/** A certificate of its own for 127.0.0.1, as files. */
async function selfSigned(t: Test): Promise<{ key: string; cert: string; pem: string }> {
  const made = selfSignedCertificate();
  const folder = await mkdtemp(join(tmpdir(), 'sluss-tls-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await writeFile(key, made.key, { mode: 0o600 });
  await writeFile(cert, made.certificate);
  return { key, cert, pem: made.certificate };
}

t.test('with a certificate of its own it serves HTTPS and WSS', async (t) => {
  const { key, cert, pem } = await selfSigned(t);
  const { gateway } = await startGateway(t, { tls: { key, cert } });
  const { port } = gateway;
  const health = await new Promise<string>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/healthz', ca: pem, agent: false }, (answer) => {
      answer.setEncoding('utf8').on('data', resolve);
    });
    sent.on('error', reject).end();
  });
  t.match(health, /"status":"ok"/);

  const socket = new WebSocket(`wss://127.0.0.1:${port}/signalling`, [SUBPROTOCOL_JSON], { ca: pem });
  t.teardown(() => socket.terminate());
  const welcome = await new Promise<string>((resolve, reject) => {
    socket.on('message', (data: Buffer) => resolve(data.toString())).on('error', reject);
  });
  t.match(welcome, /"notification":"welcome"/);

  await t.rejects(fetch(`http://127.0.0.1:${port}/healthz`), 'nothing without TLS');
});

t.test('files that cannot work are named', async (t) => {
  const { key, cert } = await selfSigned(t);
  const other = await selfSigned(t);
  const start = (tls: { key: string; cert: string }) => startGateway(t, { tls });
  await t.rejects(
    start({ key: '/nowhere/key.pem', cert }),
    /option "tls.key": cannot read \/nowhere\/key.pem/,
  );
  await t.rejects(start({ key, cert: '/nowhere/cert.pem' }), /option "tls.cert": cannot read/);
  await t.rejects(start({ key: other.key, cert }), /are no pair of key and certificate/);
  await t.rejects(start({ key: cert, cert: key }), /are no pair of key and certificate/);
});
