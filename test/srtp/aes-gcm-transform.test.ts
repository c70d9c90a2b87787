/** RFC 7714 16 and 17: the vectors give session keys, so they meet the transform below key derivation. */
import t from 'tap';
import { AesGcmTransform } from '#src/srtp/aes-gcm-transform.js';
import { hex, inPlace, succeed, toHex } from './support.js';

const salt = hex('51756964 2070726f 2071756f');
const rtp = hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
  69736120 696e2070 61727465 73207472 6573`);
const rtcp = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
  deadbeef deadbeef deadbeef deadbeef deadbeef`);
const RTCP_INDEX = 0x5d4;

const vectors = [
  {
    name: 'AEAD_AES_128_GCM',
    key: hex('000102030405060708090a0b0c0d0e0f'),
    srtp: hex(`8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
      0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`),
    srtcp: hex(`81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1
      730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`),
    srtcpTagOnly: hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
      deadbeef deadbeef deadbeef deadbeef deadbeef 841dd968 3dd78ec9 2ae58790 125f62b3 000005d4`),
  },
  {
    name: 'AEAD_AES_256_GCM',
    key: hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'),
    srtp: hex(`8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3
      b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13`),
    srtcp: hex(`81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1
      110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4`),
    srtcpTagOnly: hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
      deadbeef deadbeef deadbeef deadbeef deadbeef 91db4afb feee5a97 8fab4393 ed2615fe 000005d4`),
  },
];

for (const { name, key, srtp, srtcp, srtcpTagOnly } of vectors) {
  t.test(name, (t) => {
    const keys = { encryptionKey: key, salt, authenticationKey: new Uint8Array(0) };
    const transform = new AesGcmTransform({ rtp: keys, rtcp: keys });
    const openRtcp = (bytes: Uint8Array, offset: number, length: number) =>
      transform.unprotectRtcp(bytes, offset, length) ? length - transform.rtcpTrailerLength : -1;

    t.equal(toHex(succeed((b, o, n) => transform.protectRtp(b, o, n, 12, 0), rtp)), toHex(srtp), 'RTP out');
    t.equal(
      toHex(succeed((b, o, n) => (transform.unprotectRtp(b, o, n, 12, 0) ? n - 16 : -1), srtp)),
      toHex(rtp),
      'RTP in',
    );
    t.equal(
      toHex(succeed((b, o, n) => transform.protectRtcp(b, o, n, RTCP_INDEX), rtcp)),
      toHex(srtcp),
      'RTCP out',
    );
    t.equal(toHex(succeed(openRtcp, srtcp)), toHex(rtcp), 'RTCP in');
    t.equal(toHex(succeed(openRtcp, srtcpTagOnly)), toHex(rtcp), 'RTCP in, tagged but not encrypted');

    const damaged = srtcpTagOnly.slice();
    damaged[20] ^= 1;
    const refused = inPlace(openRtcp, damaged);
    t.equal(refused.code, -1, 'the clear part of a tagged packet is authenticated');
    t.equal(toHex(refused.bytes), toHex(damaged), 'and left as it came');
    t.end();
  });
}
