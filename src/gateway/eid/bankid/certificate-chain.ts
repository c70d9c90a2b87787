/**
 * From a leaf to a pinned root (RFC 5280, section 6, as far as BankID's certificates use it): each certificate names, and is
 * signed by, the next; all are valid now; issuers are CAs; nothing critical is left unread.
 */
import { hasKeyUsage, isValidAt, type ReadCertificate } from './certificate.js';
import { ensure } from './proof-error.js';

const MAX_LENGTH = 6;
const MIN_RSA_BITS = 2048;

/** sha256/384/512WithRSAEncryption, ecdsa-with-SHA256/384/512. */
const SIGNATURE_HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

/** Critical extensions that are read here, or that only narrow what a policy means. */
const KNOWN_CRITICAL = new Set([
  '2.5.29.15', // keyUsage
  '2.5.29.19', // basicConstraints
  '2.5.29.32', // certificatePolicies
  '2.5.29.37', // extKeyUsage
]);

/** The hash of a signature algorithm that is strong enough; null for others. */
export function signatureHash(oid: string): string | null {
  return Object.hasOwn(SIGNATURE_HASHES, oid) ? SIGNATURE_HASHES[oid] : null;
}

/**
 * `certificates`: the leaf first, each followed by its issuer; the root may be left out. Returns the leaf's issuer. Throws a
 * `ProofError`.
 */
export function verifyChain(
  certificates: readonly ReadCertificate[],
  roots: readonly ReadCertificate[],
  now: number,
): ReadCertificate {
  ensure(certificates.length > 0 && certificates.length <= MAX_LENGTH, 'chain-broken');
  const path = [...certificates];
  const last = path.at(-1)!;
  const isPinned = roots.some(({ raw }) => raw.equals(last.raw));
  if (!isPinned) {
    const root = roots.find((candidate) => isIssuedBy(last, candidate));
    ensure(root !== undefined, 'chain-untrusted');
    path.push(root);
  }
  // A pinned certificate is an issuer, never a person.
  ensure(path.length > 1, 'chain-untrusted');

  for (const [index, certificate] of path.entries()) {
    ensure(isValidAt(certificate, now), 'chain-expired');
    ensure(
      certificate.parsed.extensions.every(({ critical, oid }) => !critical || KNOWN_CRITICAL.has(oid)),
      'chain-constraint',
    );
    ensure(isStrongKey(certificate), 'chain-algorithm');
    if (index === 0) continue;
    // As many CAs may stand below this one, before the leaf.
    const { isCA, maxPathLen } = certificate.parsed;
    ensure(isCA && hasKeyUsage(certificate, 'keyCertSign'), 'chain-constraint');
    ensure(maxPathLen < 0 || maxPathLen >= index - 1, 'chain-constraint');
    const child = path[index - 1];
    ensure(signatureHash(child.parsed.signatureOID) !== null, 'chain-algorithm');
    ensure(isIssuedBy(child, certificate), 'chain-broken');
  }
  return path[1];
}

/** By name and by signature. */
export function isIssuedBy(child: ReadCertificate, issuer: ReadCertificate): boolean {
  return Buffer.compare(child.issuer, issuer.subject) === 0 && child.x509.verify(issuer.x509.publicKey);
}

function isStrongKey({ x509 }: ReadCertificate): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = x509.publicKey;
  return type === 'ec' || (type === 'rsa' && (details?.modulusLength ?? 0) >= MIN_RSA_BITS);
}
