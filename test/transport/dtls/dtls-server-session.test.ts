import t from 'tap';
import { verify, X509Certificate } from 'node:crypto';
import { CipherContext } from 'werift';
import { DtlsCertificate } from '#src/transport/dtls/dtls-certificate.js';
import { type SrtpProfile } from '#src/srtp/srtp-profiles.js';
import {
  clientCertificate,
  handshakeTypeOf,
  Link,
  record,
  serverCertificate,
  sha256Of,
  unrepeated,
} from './scripted-client.js';

await t.test('connects, and both sides export the same SRTP keys', async (t) => {
  const cases: { ours: SrtpProfile[]; theirs: (1 | 7)[]; agreed: SrtpProfile; salt: number }[] = [
    {
      ours: ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'],
      theirs: [1, 7],
      agreed: 'AEAD_AES_128_GCM',
      salt: 12,
    },
    {
      ours: ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'],
      theirs: [7, 1],
      agreed: 'AES_CM_128_HMAC_SHA1_80',
      salt: 14,
    },
    {
      ours: ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'],
      theirs: [1],
      agreed: 'AES_CM_128_HMAC_SHA1_80',
      salt: 14,
    },
  ];
  for (const { ours, theirs, agreed, salt } of cases) {
    for (const extendedMasterSecret of [true, false]) {
      const link = new Link({
        session: { srtpProfiles: ours, retransmissionTimeoutMs: 60_000 },
        toServer: unrepeated(),
        client: { srtpProfiles: theirs, extendedMasterSecret },
      });
      t.equal(link.session.state, 'new');
      const clientConnected = link.client.onConnect.asPromise();
      await link.handshake();
      await clientConnected;
      t.same(link.failures, []);
      t.equal(link.session.state, 'connected');
      const [connection] = link.connections;
      t.equal(connection.profile, agreed);
      const keys = link.client.extractSessionKeys(16, salt) as Record<string, Buffer>;
      t.same(Buffer.from(connection.remoteKeying.masterKey), keys.localKey);
      t.same(Buffer.from(connection.remoteKeying.masterSalt), keys.localSalt);
      t.same(Buffer.from(connection.localKeying.masterKey), keys.remoteKey);
      t.same(Buffer.from(connection.localKeying.masterSalt), keys.remoteSalt);
      t.equal(
        new X509Certificate(connection.remoteCertificatePem).fingerprint256,
        sha256Of(clientCertificate).value,
      );
      t.same([...link.drops], []);
      link.end();
    }
  }
});

await t.test('both curves, chosen by the client', async (t) => {
  for (const [offered, expected] of [
    [[29], 29],
    [[23], 23],
    [[23, 29], 23],
    [[24, 29, 23], 29],
  ] as const) {
    for (const extendedMasterSecret of [true, false]) {
      const link = new Link({ client: { extendedMasterSecret } });
      const data = Buffer.from([0, 2 * offered.length, ...offered.flatMap((group) => [0, group])]);
      link.client.extensions = link.client.extensions.map((extension) =>
        extension.type === 10 ? { type: 10, data } : extension,
      );
      await link.handshake();
      t.same(link.failures, []);
      t.equal(link.client.cipher.remoteKeyPair.curve, expected);
      const keys = link.client.extractSessionKeys(16, 12) as Record<string, Buffer>;
      t.same(Buffer.from(link.connections[0].localKeying.masterKey), keys.remoteKey);
      link.end();
    }
  }
});

await t.test(
  'ServerKeyExchange is signed by the key of our certificate (RFC 8422 section 5.4)',
  async (t) => {
    const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey({
      signature: 1,
      hash: 4,
    });
    const rsa = DtlsCertificate.fromPem(certPem, keyPem);
    // The client here does not look at the signature; browsers do.
    for (const [certificate, algorithm] of [
      [serverCertificate, 0x0403],
      [rsa, 0x0401],
    ] as const) {
      const link = new Link({ session: { certificate } });
      await link.handshake();
      const body = link.sentToClient
        .flatMap(recordsOf)
        .find(({ epoch, fragment }) => epoch === 0 && fragment[0] === 12)!
        .fragment.subarray(12);
      const parametersEnd = 4 + body[3];
      t.equal(body.readUInt16BE(parametersEnd), algorithm);
      const signature = body.subarray(parametersEnd + 4);
      t.equal(body.readUInt16BE(parametersEnd + 2), signature.length);
      const { localRandom, remoteRandom } = link.client.cipher;
      const signed = Buffer.concat([
        localRandom.serialize(),
        remoteRandom.serialize(),
        body.subarray(0, parametersEnd),
      ]);
      const { publicKey } = new X509Certificate(certificate.certPem);
      t.ok(verify('sha256', signed, publicKey, signature));
      link.end();
    }
  },
);

await t.test('no two handshakes share a random or an ephemeral key', async (t) => {
  const seen = new Set<string>();
  for (let i = 0; i < 4; i++) {
    const link = new Link();
    await link.handshake();
    const { remoteRandom, remoteKeyPair } = link.client.cipher;
    seen.add(remoteRandom.serialize().toString('hex'));
    seen.add(remoteKeyPair.publicKey!.toString('hex'));
    link.end();
  }
  t.equal(seen.size, 8);
});

await t.test('no delay of ours: every answer is given within the call that asks for it', async (t) => {
  const link = new Link({ session: { retransmissionTimeoutMs: 60_000 }, toServer: unrepeated() });
  const answered: number[] = [];
  const receive = link.session.receive.bind(link.session);
  link.session.receive = (datagram) => {
    const before = link.sentToClient.length;
    receive(datagram);
    answered.push(link.sentToClient.length - before);
  };
  await link.handshake();
  // ClientHello, ClientHello with cookie, Certificate, ClientKeyExchange, CertificateVerify, CCS, Finished
  t.same(answered, [1, 1, 0, 0, 0, 0, 1]);
  link.end();
});

await t.test('on a busy thread flight 4 is not repeated while its answer waits to be read', async (t) => {
  const timeout = 60_000;
  const { setTimeout } = globalThis;
  let repeat = () => {};
  t.intercept(globalThis, 'setTimeout', {
    value: (callback: () => void, delay: number) => {
      if (delay === timeout) repeat = callback;
      return setTimeout(callback, delay);
    },
  });
  const link = new Link({ session: { retransmissionTimeoutMs: timeout } });
  const once = unrepeated();
  link.toServer = (datagram) => {
    // The whole flight is on its way and nothing of it was read when the time is up.
    if (datagram.readUInt16BE(3) === 1) queueMicrotask(() => repeat());
    return once(datagram);
  };
  await link.handshake();
  await link.quiet();
  t.same(link.failures, []);
  t.equal(link.sentToClient.length, 3, 'HelloVerifyRequest, flight 4, flight 6');
  link.end();
});

await t.test('flight 4 is repeated when there is no answer', async (t) => {
  let lost = 0;
  const link = new Link({
    session: { retransmissionTimeoutMs: 10 },
    toClient: (datagram) => (handshakeTypeOf(datagram) === 2 && ++lost < 3 ? [] : [datagram]),
  });
  await link.handshake();
  t.same(link.failures, []);
  t.ok(lost >= 3);
  link.end();
});

await t.test('every fingerprint algorithm is understood, and one of several suffices', async (t) => {
  for (const fingerprint of clientCertificate.fingerprints) {
    const other = { algorithm: 'sha-256' as const, value: '00:11' };
    const lower = { algorithm: fingerprint.algorithm, value: fingerprint.value.toLowerCase() };
    const link = new Link({ session: { remoteFingerprints: [other, lower] } });
    await link.handshake();
    t.equal(link.session.state, 'connected', fingerprint.algorithm);
    link.end();
  }
});

await t.test('an authenticated close_notify ends the session once', async (t) => {
  const link = new Link();
  await link.handshake();
  link.deliverToServer(link.client.sealed(21, Uint8Array.of(1, 0)));
  link.deliverToServer(link.client.sealed(21, Uint8Array.of(1, 0)));
  await link.closed();
  await link.quiet();
  t.equal(link.closes, 1);
  t.equal(link.session.state, 'closed');
  t.equal(link.sentToClient.at(-1)![0], 21, 'answered with our own');
  const sent = link.sentToClient.length;
  link.session.close();
  t.equal(link.sentToClient.length, sent, 'a closed session says nothing more');
  link.end();
});

await t.test('an authenticated fatal alert ends the session, a warning does not', async (t) => {
  const link = new Link();
  await link.handshake();
  link.deliverToServer(link.client.sealed(21, Uint8Array.of(1, 90)));
  await link.quiet();
  t.equal(link.session.state, 'connected');
  t.equal(link.dropped('warning-alert'), 1);
  link.deliverToServer(link.client.sealed(21, Uint8Array.of(2, 80)));
  await link.closed();
  t.equal(link.session.state, 'closed');
  link.end();
});

await t.test('close tells a connected peer, and nobody else', async (t) => {
  const link = new Link();
  await link.handshake();
  await link.quiet();
  link.session.close();
  const last = link.sentToClient.at(-1)!;
  t.equal(last[0], 21);
  t.equal(last.readUInt16BE(3), 1, 'encrypted');
  const header = { type: 21, version: 0xfefd, epoch: 1, sequenceNumber: last.readUIntBE(5, 6) };
  t.same([...link.client.cipher.cipher.decrypt(1, last.subarray(13), header)], [1, 0]);
  t.equal(link.closes, 0, 'our own close is not reported back');
  link.session.receive(record(22, 0, 0, Buffer.alloc(20)));
  t.same([...link.drops], []);
  link.end();

  const fresh = new Link();
  fresh.session.close();
  t.equal(fresh.session.state, 'closed');
  t.equal(fresh.sentToClient.length, 0);
});

await t.test('application data is dropped and counted; a replay is told apart', async (t) => {
  const link = new Link();
  await link.handshake();
  const data = link.client.sealed(23, Buffer.from('hello'));
  link.session.receive(data);
  link.session.receive(data);
  link.session.receive(record(23, 0, 9, Buffer.from('hello')));
  t.equal(link.dropped('application-data'), 1);
  t.equal(link.dropped('replayed-record'), 1);
  t.equal(link.dropped('plaintext-application-data'), 1);
  t.equal(link.session.state, 'connected');
  link.end();
});

await t.test('no record number of epoch 1 is ever used twice', async (t) => {
  // Every copy of flight 6 that the peer asks for, and the farewell, take a fresh GCM nonce.
  const link = new Link();
  await link.handshake();
  const finished = link.sentToServer.find((datagram) => datagram.readUInt16BE(3) === 1)!;
  for (let i = 0; i < 5; i++) link.session.receive(finished);
  link.session.close();
  const numbers = link.sentToClient.flatMap(recordsOf).filter((r) => r.epoch === 1);
  t.equal(numbers.length, 7);
  t.equal(new Set(numbers.map((r) => r.sequenceNumber)).size, numbers.length);
  link.end();
});

await t.test('RSA certificates on either side', async (t) => {
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey({
    signature: 1,
    hash: 4,
  });
  const rsa = DtlsCertificate.fromPem(certPem, keyPem);
  t.equal(rsa.keyType, 'rsa');
  for (const [server, client] of [
    [undefined, rsa],
    [rsa, undefined],
    [rsa, rsa],
  ]) {
    const link = new Link({ clientCertificate: client, session: server ? { certificate: server } : {} });
    await link.handshake();
    t.equal(
      link.session.state,
      'connected',
      `${server ? 'rsa' : 'ecdsa'} server, ${client ? 'rsa' : 'ecdsa'} client`,
    );
    t.same(link.failures, []);
    link.end();
  }
});

await t.test('flights travel in few datagrams', async (t) => {
  const link = new Link();
  await link.handshake();
  t.equal(link.sentToClient.length, 3, 'HelloVerifyRequest, flight 4, flight 6');
  t.equal(handshakeTypeOf(link.sentToClient[1]), 2);
  t.ok(link.sentToClient.every((datagram) => datagram.length <= 1200));
  link.end();
});

function recordsOf(datagram: Buffer): { epoch: number; sequenceNumber: number; fragment: Buffer }[] {
  const found = [];
  for (let at = 0, end; at < datagram.length; at = end) {
    end = at + 13 + datagram.readUInt16BE(at + 11);
    const epoch = datagram.readUInt16BE(at + 3);
    const sequenceNumber = datagram.readUIntBE(at + 5, 6);
    found.push({ epoch, sequenceNumber, fragment: datagram.subarray(at + 13, end) });
  }
  return found;
}
