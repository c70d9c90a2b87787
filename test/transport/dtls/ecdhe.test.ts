import t from 'tap';
import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import {
  chooseGroup,
  generateEphemeralKey,
  isPublicKeyLength,
  NamedGroup,
} from '#src/transport/dtls/ecdhe.js';

/** SubjectPublicKeyInfo of RFC 8410 up to the key itself. */
const X25519_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

t.test('X25519: both sides come to the same secret', (t) => {
  const key = generateEphemeralKey(NamedGroup.X25519);
  t.equal(key.group, 29);
  t.equal(key.publicKey.length, 32);
  const peer = generateKeyPairSync('x25519');
  const spki = peer.publicKey.export({ format: 'der', type: 'spki' });
  const ours = createPublicKey({
    key: Buffer.concat([X25519_PREFIX, key.publicKey]),
    format: 'der',
    type: 'spki',
  });
  t.same(
    key.agree(spki.subarray(X25519_PREFIX.length)),
    diffieHellman({ privateKey: peer.privateKey, publicKey: ours }),
  );
  t.end();
});

t.test('P-256: both sides come to the same secret', (t) => {
  const key = generateEphemeralKey(NamedGroup.Secp256r1);
  t.equal(key.group, 23);
  t.equal(key.publicKey.length, 65);
  t.equal(key.publicKey[0], 4);
  const peer = createECDH('prime256v1');
  t.same(key.agree(peer.generateKeys()), peer.computeSecret(key.publicKey));
  t.end();
});

t.test('no key is handed out twice', (t) => {
  for (const group of [NamedGroup.X25519, NamedGroup.Secp256r1]) {
    const keys = Array.from({ length: 20 }, () =>
      Buffer.from(generateEphemeralKey(group).publicKey).toString('hex'),
    );
    t.equal(new Set(keys).size, keys.length);
  }
  t.end();
});

t.test('X25519: every point of small order is refused (RFC 7748 section 7, RFC 8422 section 5.11)', (t) => {
  const key = generateEphemeralKey(NamedGroup.X25519);
  // The points of order 1, 2, 4 and 8, and those that reduce to them modulo 2^255 - 19.
  for (const hex of [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ]) {
    t.equal(key.agree(Buffer.from(hex, 'hex')), null, hex);
  }
  t.end();
});

t.test('P-256: what is no uncompressed point of the curve is refused', (t) => {
  const key = generateEphemeralKey(NamedGroup.Secp256r1);
  const peer = createECDH('prime256v1');
  const valid = peer.generateKeys();
  const offCurve = Buffer.from(valid);
  offCurve[64] ^= 1;
  const tooLarge = Buffer.alloc(65, 0xff);
  tooLarge[0] = 4;
  t.equal(key.agree(offCurve), null, 'off the curve');
  t.equal(key.agree(tooLarge), null, 'coordinates beyond the field');
  t.equal(key.agree(Buffer.alloc(65)), null, 'zeros');
  t.equal(key.agree(peer.getPublicKey(null, 'hybrid')), null, 'hybrid form');
  t.equal(key.agree(peer.getPublicKey(null, 'compressed')), null, 'compressed form');
  t.equal(key.agree(valid.subarray(0, 64)), null, 'cut short');
  t.equal(key.agree(Buffer.alloc(0)), null, 'nothing');
  t.equal(key.agree(Buffer.from([0])), null, 'the point at infinity');
  t.ok(key.agree(valid), 'the point itself is good');
  t.end();
});

t.test('the first group of the peer that we have', (t) => {
  t.equal(chooseGroup([0x11ec, 24, 23, 29]), 23);
  t.equal(chooseGroup([29, 23]), 29);
  t.equal(chooseGroup([24, 25]), undefined);
  t.equal(chooseGroup([]), undefined);
  t.end();
});

t.test('lengths of public keys', (t) => {
  t.same(
    Array.from({ length: 256 }, (_, length) => length).filter((length) => isPublicKeyLength(length)),
    [32, 65],
  );
  t.end();
});
