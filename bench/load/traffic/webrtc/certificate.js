// @ts-check
/** One certificate for all load clients: making one each would measure this side. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { CipherContext } from 'werift';

const SHA256 = 4;
const ECDSA = 3;
const P256 = 23;

/** @returns {Promise<import('./dtls-client.js').ClientCertificate & { fingerprint: string }>} */
export async function makeCertificate() {
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(
    { hash: SHA256, signature: ECDSA },
    P256,
  );
  const der = new X509Certificate(certPem).raw;
  const hex = createHash('sha256').update(der).digest('hex').toUpperCase();
  return {
    der,
    key: createPrivateKey(keyPem),
    fingerprint: /** @type {string[]} */ (hex.match(/../g)).join(':'),
  };
}
