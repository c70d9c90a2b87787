/** The relying party's certificate, as the bank hands it out: a .p12 file, often with ciphers that OpenSSL 3 refuses. */
import forge from 'node-forge';

export interface RpCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM; the certificate first, then its issuers. */
  readonly cert: string;
}

/** Throws a TypeError that says what is wrong with the file, without its contents. */
export function readP12(p12: Uint8Array, passphrase: string): RpCertificate {
  let store: forge.pkcs12.Pkcs12Pfx;
  try {
    const asn1 = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(p12).toString('binary')));
    store = forge.pkcs12.pkcs12FromAsn1(asn1, passphrase);
  } catch {
    throw new TypeError(
      'the RP certificate cannot be opened: expected a .p12 file (PKCS #12) and its passphrase',
    );
  }
  const { pkcs8ShroudedKeyBag, keyBag, certBag } = forge.pki.oids;
  const bags = (type: string): forge.pkcs12.Bag[] => store.getBags({ bagType: type })[type] ?? [];
  const key = [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)][0]?.key;
  const certificates = bags(certBag).flatMap(({ cert }) => (cert ? [cert] : []));
  const own =
    key && certificates.find(({ publicKey }) => (publicKey as forge.pki.rsa.PublicKey).n.equals(key.n));
  if (!own)
    throw new TypeError('the .p12 file holds no RSA key with its certificate: ask the bank for a new one');
  const chain = [own, ...certificates.filter((certificate) => certificate !== own)];
  return {
    key: forge.pki.privateKeyToPem(key),
    cert: chain.map((certificate) => forge.pki.certificateToPem(certificate)).join(''),
  };
}
