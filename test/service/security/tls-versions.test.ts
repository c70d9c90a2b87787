/** A service with a certificate of its own speaks TLS 1.2 and 1.3, nothing older, and says that it is to be asked by TLS only. */
import { request } from 'node:https';
import { connect, type SecureVersion } from 'node:tls';
import t from 'tap';
import { newFolder, startTestService } from '../meetings/test-service.js';
import { ownCertificate } from './own-certificate.js';

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
  const { pem, ...tls } = ownCertificate(folder);
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
