import fc from 'fast-check';
import t from 'tap';
import type { SrtpParameters } from '#src/rtp/rtp-parameters.js';
import {
  dtlsSrtpExporterLength,
  fromSrtpParameters,
  splitDtlsSrtpKeying,
  toSrtpParameters,
} from '#src/srtp/srtp-keying.js';
import {
  isSrtpProfile,
  srtpProfileFromDtlsId,
  srtpProfileInfo,
  srtpProfileNames,
} from '#src/srtp/srtp-profiles.js';
import { anyProfile, hex, keyingOf } from './support.js';

t.test('srtpParameters: the libsrtp test key', (t) => {
  const keying = fromSrtpParameters({
    cryptoSuite: 'AES_CM_128_HMAC_SHA1_80',
    keyBase64: '4fl6DT4Bi+DWT6MsBt5BOQ7Gda1Jiv7rtpYLOqvm',
  });
  t.same(keying.masterKey, hex('e1f97a0d3e018be0d64fa32c06de4139'));
  t.same(keying.masterSalt, hex('0ec675ad498afeebb6960b3aabe6'));
  t.end();
});

t.test('srtpParameters there and back', (t) => {
  fc.assert(
    fc.property(anyProfile, fc.nat(255), (profile, seed) => {
      const keying = keyingOf(profile, seed);
      t.same(fromSrtpParameters(toSrtpParameters(keying)), keying);
    }),
    { numRuns: 20 },
  );
  t.end();
});

t.test('srtpParameters that cannot be used say why', (t) => {
  const refused: [unknown, RegExp][] = [
    [
      { cryptoSuite: 'NULL', keyBase64: 'AAAA' },
      /cryptoSuite is "NULL", expected one of AES_CM_128_HMAC_SHA1_80/,
    ],
    [{ keyBase64: 'AAAA' }, /cryptoSuite is undefined/],
    [{ cryptoSuite: 'toString', keyBase64: 'AAAA' }, /cryptoSuite is "toString"/],
    [{ cryptoSuite: 'AEAD_AES_128_GCM' }, /keyBase64 must be a base64 string/],
    [{ cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: '' }, /keyBase64 must be a base64 string/],
    [{ cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: 'not base64!' }, /keyBase64 must be a base64 string/],
    [
      { cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: Buffer.alloc(30).toString('base64') },
      /holds 30 bytes, AEAD_AES_128_GCM needs 28: a master key of 16 and a master salt of 12/,
    ],
    [{ cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: Buffer.alloc(28).toString('base64') }, /needs 44/],
  ];
  for (const [parameters, message] of refused)
    t.throws(() => fromSrtpParameters(parameters as SrtpParameters), { name: 'TypeError', message });
  t.end();
});

t.test('the exporter block is client key, server key, client salt, server salt', (t) => {
  const block = Uint8Array.from({ length: 60 }, (_, i) => i);
  const { client, server } = splitDtlsSrtpKeying('AES_CM_128_HMAC_SHA1_80', block);
  t.same(client.masterKey, block.slice(0, 16));
  t.same(server.masterKey, block.slice(16, 32));
  t.same(client.masterSalt, block.slice(32, 46));
  t.same(server.masterSalt, block.slice(46, 60));
  block.fill(0);
  t.equal(server.masterSalt[13], 59, 'the keys are copies');

  const gcm = splitDtlsSrtpKeying('AEAD_AES_256_GCM', new Uint8Array(88));
  t.equal(gcm.server.masterKey.length, 32);
  t.equal(gcm.server.masterSalt.length, 12);
  t.throws(() => splitDtlsSrtpKeying('AEAD_AES_128_GCM', new Uint8Array(60)), {
    name: 'TypeError',
    message: /has 60 bytes, AEAD_AES_128_GCM needs 56/,
  });
  t.end();
});

t.test('profiles and their DTLS numbers', (t) => {
  const numbers = {
    AES_CM_128_HMAC_SHA1_80: 1,
    AES_CM_128_HMAC_SHA1_32: 2,
    AEAD_AES_128_GCM: 7,
    AEAD_AES_256_GCM: 8,
  };
  for (const name of srtpProfileNames) {
    t.equal(srtpProfileInfo(name).dtlsId, numbers[name]);
    t.equal(srtpProfileFromDtlsId(numbers[name]), name);
    t.ok(isSrtpProfile(name));
    const { keyLength, saltLength } = srtpProfileInfo(name);
    t.equal(dtlsSrtpExporterLength(name), 2 * (keyLength + saltLength));
  }
  t.equal(srtpProfileFromDtlsId(5), undefined);
  t.notOk(isSrtpProfile('constructor'));
  t.end();
});
