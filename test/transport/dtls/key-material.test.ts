import t from 'tap';
import { prf } from '#src/transport/dtls/key-material.js';

t.test('the PRF gives the published TLS 1.2 P_SHA256 test vector', (t) => {
  // "Test vectors for the TLS 1.2 PRF", IETF TLS mailing list, 2009.
  const secret = Buffer.from('9bbe436ba940f017b17652849a71db35', 'hex');
  const seed = Buffer.from('a0ba9f936cda311827a6f796ffd5198c', 'hex');
  const expected =
    'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a' +
    '6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab' +
    '4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701' +
    '87347b66';
  t.equal(Buffer.from(prf(secret, 'test label', seed, 100)).toString('hex'), expected);
  t.equal(Buffer.from(prf(secret, 'test label', seed, 12)).toString('hex'), expected.slice(0, 24));
  t.end();
});
