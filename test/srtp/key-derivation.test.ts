import t from 'tap';
import { deriveSessionKey, deriveSessionKeys, keyGenerator, SrtpKeyLabel } from '#src/srtp/key-derivation.js';
import { hex, keyingOf, toHex } from './support.js';

t.test('RFC 3711 B.3: AES-128', (t) => {
  const key = hex('E1F97A0D3E018BE0D64FA32C06DE4139');
  const salt = hex('0EC675AD498AFEEBB6960B3AABE6');
  const generator = keyGenerator(key);
  const derive = (label: number, length: number) => toHex(deriveSessionKey(generator, salt, label, length));
  t.equal(derive(SrtpKeyLabel.RtpEncryption, 16), 'c61e7a93744f39ee10734afe3ff7a087');
  t.equal(derive(SrtpKeyLabel.RtpSalt, 14), '30cbbc08863d8c85d49db34a9ae1');
  t.equal(
    derive(SrtpKeyLabel.RtpAuthentication, 94),
    toHex(
      hex(`CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE
           E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25
           6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2`),
    ),
    'several blocks of the generator',
  );
  t.end();
});

t.test('RFC 6188 7.2: AES-256', (t) => {
  const key = hex('f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6');
  const salt = hex('3b04803de51ee7c96423ab5b78d2');
  const generator = keyGenerator(key);
  const derive = (label: number, length: number) => toHex(deriveSessionKey(generator, salt, label, length));
  t.equal(derive(0, 32), '5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4');
  t.equal(derive(2, 14), 'fa31791685ca444a9e07c6c64e93');
  t.equal(derive(1, 20), 'fd9c32d39ed5fbb5a9dc96b30818454d1313dc05');
  t.end();
});

t.test('RTP and RTCP keys of a session are all different, and as long as the profile says', (t) => {
  const cm = deriveSessionKeys(keyingOf('AES_CM_128_HMAC_SHA1_80'));
  const parts = [cm.rtp, cm.rtcp].flatMap((set) => [set.encryptionKey, set.salt, set.authenticationKey]);
  t.same(
    parts.map((part) => part.length),
    [16, 14, 20, 16, 14, 20],
  );
  t.equal(new Set(parts.map((part) => toHex(part.subarray(0, 14)))).size, 6);
  const gcm = deriveSessionKeys(keyingOf('AEAD_AES_256_GCM'));
  t.equal(gcm.rtp.encryptionKey.length, 32);
  t.equal(gcm.rtcp.salt.length, 12);
  t.equal(gcm.rtp.authenticationKey.length, 0, 'GCM needs none');
  t.end();
});

t.test('a key of the wrong length is refused with both lengths', (t) => {
  const keying = { ...keyingOf('AES_CM_128_HMAC_SHA1_80'), masterSalt: new Uint8Array(12) };
  t.throws(
    () => deriveSessionKeys(keying),
    new TypeError('SRTP master key and salt have 16 and 12 bytes, AES_CM_128_HMAC_SHA1_80 needs 16 and 14'),
  );
  t.end();
});
