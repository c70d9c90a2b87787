/**
 * The ephemeral half of ECDHE (RFC 8422) by node:crypto, for the two groups that WebRTC endpoints have. A key serves one
 * handshake and is not kept.
 */
import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';

/** Numbers of the TLS Supported Groups registry. */
export const NamedGroup = { Secp256r1: 23, X25519: 29 } as const;
export type NamedGroup = (typeof NamedGroup)[keyof typeof NamedGroup];

const NAMED_GROUPS: readonly number[] = Object.values(NamedGroup);

/** first byte of an uncompressed point, the only form that RFC 8422 leaves */
const UNCOMPRESSED = 4;

const PUBLIC_KEY_LENGTHS = { [NamedGroup.Secp256r1]: 65, [NamedGroup.X25519]: 32 } as const;

export interface EphemeralKey {
  readonly group: NamedGroup;
  /** as it stands in ServerKeyExchange */
  readonly publicKey: Uint8Array;
  /**
   * The premaster secret shared with a peer; null when its public key is not of the group: of another length or form,
   * off the curve, or of small order, which would make the secret all zero (RFC 8422 section 5.11).
   */
  agree(peerPublicKey: Uint8Array): Uint8Array | null;
}

/** The group that the peer likes best of those that we have. */
export function chooseGroup(offered: readonly number[]): NamedGroup | undefined {
  return offered.find((group): group is NamedGroup => NAMED_GROUPS.includes(group));
}

/** Of the length that a public key of one of the groups has. */
export function isPublicKeyLength(length: number): boolean {
  return Object.values(PUBLIC_KEY_LENGTHS).some((known) => known === length);
}

/** A fresh key; takes about 50 us. */
export function generateEphemeralKey(group: NamedGroup): EphemeralKey {
  return group === NamedGroup.X25519 ? generateX25519() : generateP256();
}

function generateX25519(): EphemeralKey {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  // As JWK and not as DER: OpenSSL's decoder and encoder of DER take longer than the curve itself.
  const own = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
  return keyOf(NamedGroup.X25519, own, (peer) => {
    const x = Buffer.from(peer).toString('base64url');
    const theirs = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
    return diffieHellman({ privateKey, publicKey: theirs });
  });
}

function generateP256(): EphemeralKey {
  const ecdh = createECDH('prime256v1');
  const own = ecdh.generateKeys();
  return keyOf(NamedGroup.Secp256r1, own, (peer) =>
    peer[0] === UNCOMPRESSED ? ecdh.computeSecret(peer) : null,
  );
}

function keyOf(
  group: NamedGroup,
  publicKey: Uint8Array,
  derive: (peer: Uint8Array) => Uint8Array | null,
): EphemeralKey {
  return {
    group,
    publicKey,
    agree(peer) {
      if (peer.length !== PUBLIC_KEY_LENGTHS[group]) return null;
      try {
        return derive(peer);
      } catch {
        // OpenSSL refuses points that are not on the curve, and secrets that come out as zero.
        return null;
      }
    },
  };
}
