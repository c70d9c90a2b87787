/** A service with a certificate of its own speaks TLS 1.2 and 1.3, nothing older, and says that it is to be asked by TLS only. */
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect, type SecureVersion } from 'node:tls';
import t from 'tap';
import { selfSignedCertificate } from '../../support/certificate.js';
import { newFolder, startTestService } from '../meetings/test-service.js';

function selfSigned(folder: string): { TLS_KEY_FILE: string; TLS_CERT_FILE: string; pem: string } {
  const { key, certificate: pem } = selfSignedCertificate();
  const [TLS_KEY_FILE, TLS_CERT_FILE] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  writeFileSync(TLS_KEY_FILE, key);
  writeFileSync(TLS_CERT_FILE, pem);
  return { TLS_KEY_FILE, TLS_CERT_FILE, pem };
}

/** The version that was agreed upon, or the error's code. */
function handshake(port: number, ca: string, version: SecureVersion): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(
      // Without the security level this side would refuse old versions before it says a word.
      { port, host: '127.0.0.1', ca, minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' },
      () => {
        resolve(socket.getProtocol() ?? 'none');
        socket.destroy();
      },
    );
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

t.test('versions of TLS, and HSTS', async (t) => {
  const folder = newFolder(t);
  const { pem, ...tls } = selfSigned(folder);
  const { service } = await startTestService(t, { folder }, tls);
  const { port } = service;
  t.equal(await handshake(port, pem, 'TLSv1.3'), 'TLSv1.3');
  t.equal(await handshake(port, pem, 'TLSv1.2'), 'TLSv1.2');
  for (const old of ['TLSv1.1', 'TLSv1'] as const) {
    t.equal(await handshake(port, pem, old), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', old);
  }
  const headers = await new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/api/session', ca: pem, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.headers));
    })
      .on('error', reject)
      .end();
  });
  t.match(headers['strict-transport-security'], /^max-age=\d{8}/);
});
