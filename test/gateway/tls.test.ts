import { mkdtemp, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { SUBPROTOCOL_JSON } from '#src/signalling/protocol.js';
import { startGateway } from './test-client.js';

/** A certificate that vouches for itself, for 127.0.0.1, as files. */
async function selfSigned(t: Test): Promise<{ key: string; cert: string; pem: string }> {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - 3_600_000);
  certificate.validity.notAfter = new Date(Date.now() + 3_600_000);
  const name = [{ name: 'commonName', value: 'sluss test' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  const folder = await mkdtemp(join(tmpdir(), 'sluss-tls-'));
  t.teardown(() => import('node:fs/promises').then(({ rm }) => rm(folder, { recursive: true })));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const pem = forge.pki.certificateToPem(certificate);
  await writeFile(key, forge.pki.privateKeyToPem(keys.privateKey), { mode: 0o600 });
  await writeFile(cert, pem);
  return { key, cert, pem };
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
