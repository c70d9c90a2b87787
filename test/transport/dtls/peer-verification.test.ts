/** Who gets in: nobody but the holder of the key behind the announced certificate. */
import { createECDH } from 'node:crypto';
import t, { type Test } from 'tap';
import { DtlsCertificate } from '#src/transport/dtls/dtls-certificate.js';
import { type DtlsFailure } from '#src/transport/dtls/dtls-reasons.js';
import { NamedGroup } from '#src/transport/dtls/ecdhe.js';
import {
  clientCertificate,
  handshake,
  handshakeTypeOf,
  Link,
  record,
  type LinkOptions,
} from './scripted-client.js';

/** Runs a handshake that has to fail, and checks that nothing was given away. */
async function refused(t: Test, reason: DtlsFailure, options: LinkOptions, prepare?: (link: Link) => void) {
  const link = new Link(options);
  prepare?.(link);
  await link.handshake();
  await link.quiet();
  t.same(link.failures, [reason]);
  t.same(link.connections, []);
  t.equal(link.session.state, 'failed');
  t.notOk(link.client.connected);
  // ChangeCipherSpec or an encrypted Finished would have told the peer that we trust it.
  t.notOk(
    link.sentToClient.some((datagram) => datagram[0] === 20 || datagram.readUInt16BE(3) > 0),
    'flight 6 was not sent',
  );
  const alert = link.sentToClient.at(-1)!;
  t.equal(alert[0], 21, 'the peer is told');
  t.equal(alert[13], 2, 'by a fatal alert');
  const sent = link.sentToClient.length;
  for (const datagram of [...link.sentToServer]) link.session.receive(datagram);
  t.equal(link.sentToClient.length, sent, 'a failed session answers nothing');
  t.same(link.failures, [reason], 'and fails once');
  link.end();
}

await t.test('impersonation: the announced certificate, signed with another key', async (t) => {
  const impostor = await DtlsCertificate.generate();
  await refused(t, 'bad-certificate-verify', { clientKeyPem: impostor.keyPem });
  await refused(t, 'bad-certificate-verify', {
    clientKeyPem: impostor.keyPem,
    client: { extendedMasterSecret: false },
  });
});

await t.test('impersonation: the announced certificate and no signature at all', async (t) => {
  // The message is left out on the wire only. The Finished then comes where the CertificateVerify belongs.
  await refused(t, 'bad-certificate-verify', {}, (link) => {
    link.toServer = (datagram) => (handshakeTypeOf(datagram) === 15 ? [] : [datagram]);
    renumberFinished(link);
  });
});

await t.test('impersonation: somebody else’s signature, taken from another handshake', async (t) => {
  const honest = new Link();
  await honest.handshake();
  const stolen = honest.sentToServer.find((datagram) => handshakeTypeOf(datagram) === 15)!;
  honest.end();
  const impostor = await DtlsCertificate.generate();
  await refused(t, 'bad-certificate-verify', {
    clientKeyPem: impostor.keyPem,
    toServer: (datagram) => [handshakeTypeOf(datagram) === 15 ? stolen : datagram],
  });
});

await t.test('a signature algorithm that was not offered', async (t) => {
  for (const algorithm of [0x0203 /* ecdsa_sha1 */, 0x0401 /* RSA for an ECDSA key */, 0x0503, 0x0000]) {
    await refused(t, 'bad-certificate-verify', {
      toServer: (datagram) => {
        if (handshakeTypeOf(datagram) === 15) datagram.writeUInt16BE(algorithm, 25);
        return [datagram];
      },
    });
  }
});

await t.test('a wrong Finished', async (t) => {
  await refused(t, 'bad-finished', {}, (link) => {
    const verifyData = link.client.cipher.verifyData.bind(link.client.cipher);
    link.client.cipher.verifyData = (transcript) => {
      const bytes = verifyData(transcript);
      bytes[11] ^= 1;
      return bytes;
    };
  });
});

await t.test('a Finished of the wrong length', async (t) => {
  for (const length of [0, 11, 13]) {
    await refused(t, 'bad-finished', {}, (link) => {
      const verifyData = link.client.cipher.verifyData.bind(link.client.cipher);
      link.client.cipher.verifyData = (transcript) =>
        Buffer.concat([verifyData(transcript), Buffer.alloc(1)], length);
    });
  }
});

await t.test('no certificate: an empty list, and no message', async (t) => {
  await refused(t, 'no-certificate', {
    toServer: (datagram) => [
      handshakeTypeOf(datagram) === 11 ? record(22, 0, 3, handshake(11, 2, Buffer.alloc(3))) : datagram,
    ],
  });
  await refused(t, 'no-certificate', {}, (link) => {
    Object.defineProperty(link.client.dtls, 'requestedCertificateTypes', { get: () => [], set: () => {} });
  });
});

await t.test('a certificate that signalling did not announce', async (t) => {
  const other = await DtlsCertificate.generate();
  await refused(t, 'fingerprint-mismatch', { session: { remoteFingerprints: other.fingerprints } });
  await refused(t, 'fingerprint-mismatch', { session: { remoteFingerprints: [] } });
  const mixed = other.fingerprints.map(({ value }, i) => ({
    algorithm: clientCertificate.fingerprints[i].algorithm,
    value,
  }));
  await refused(t, 'fingerprint-mismatch', { session: { remoteFingerprints: mixed } });
});

await t.test('an announced certificate that is none', async (t) => {
  const garbage = Buffer.from('not a certificate');
  const { fingerprintValue } = await import('#src/transport/dtls/dtls-certificate.js');
  const list = Buffer.concat([Buffer.from([0, 0, garbage.length + 3, 0, 0, garbage.length]), garbage]);
  await refused(t, 'bad-certificate', {
    session: { remoteFingerprints: [{ algorithm: 'sha-256', value: fingerprintValue(garbage, 'sha-256') }] },
    toServer: (datagram) => [
      handshakeTypeOf(datagram) === 11 ? record(22, 0, 3, handshake(11, 2, list)) : datagram,
    ],
  });
});

/** Lets the client offer one curve only. */
const offers = (group: number) => (link: Link) => {
  link.client.extensions = link.client.extensions.map((extension) =>
    extension.type === 10 ? { type: 10, data: Buffer.from([0, 2, 0, group]) } : extension,
  );
};

/** Another public key in the place of the client's. */
const withKey = (key: Uint8Array): LinkOptions => {
  const body = Buffer.concat([Buffer.from([key.length]), key]);
  return {
    toServer: (datagram) => [
      handshakeTypeOf(datagram) === 16 ? record(22, 0, 4, handshake(16, 3, body)) : datagram,
    ],
  };
};

await t.test('a public key that is no point on the curve', async (t) => {
  const offCurve = Buffer.alloc(65, 7);
  offCurve[0] = 4;
  const infinity = Buffer.alloc(65);
  const hybrid = Buffer.from(createECDH('prime256v1').generateKeys('hex', 'hybrid'), 'hex');
  for (const key of [offCurve, infinity, hybrid]) {
    await refused(t, 'bad-key-exchange', withKey(key), offers(NamedGroup.Secp256r1));
  }
});

await t.test('an X25519 key of small order', async (t) => {
  for (const first of [0, 1]) {
    const key = Buffer.alloc(32);
    key[0] = first;
    await refused(t, 'bad-key-exchange', withKey(key), offers(NamedGroup.X25519));
  }
});

await t.test('a public key of the other curve', async (t) => {
  const p256 = createECDH('prime256v1').generateKeys();
  await refused(t, 'bad-key-exchange', withKey(p256), offers(NamedGroup.X25519));
  await refused(t, 'bad-key-exchange', withKey(Buffer.alloc(32, 9)), offers(NamedGroup.Secp256r1));
});

await t.test('no common ground', async (t) => {
  await refused(t, 'no-common-srtp-profile', {
    session: { srtpProfiles: ['AEAD_AES_128_GCM'] },
    client: { srtpProfiles: [1] },
  });
  await refused(t, 'no-common-srtp-profile', { client: { srtpProfiles: [] } });
  const replace = (type: number, data: number[]) => (link: Link) => {
    link.client.extensions = [
      ...link.client.extensions.filter((extension) => extension.type !== type),
      { type, data: Buffer.from(data) },
    ];
  };
  await refused(t, 'no-common-curve', {}, replace(10, [0, 2, 0, 24]));
  await refused(t, 'no-common-signature-algorithm', {}, replace(13, [0, 2, 2, 3]));
  await refused(t, 'unsupported-version', {}, replace(43, [2, 0xfe, 0xfc]));
});

/** Gives the client's Finished the message number that its suppressed CertificateVerify had. */
function renumberFinished(link: Link): void {
  const { dtls } = link.client;
  let sequence = 0;
  Object.defineProperty(dtls, 'sequenceNumber', {
    get: () => (dtls.epoch === 1 ? sequence - 1 : sequence),
    set: (value: number) => {
      sequence = value;
    },
  });
}
