/** SRTP protection of one packet after another: `node bench/srtp/protect.js`. */
import { SRTP_MAX_TRAILER } from '../../dist/srtp/srtp-profiles.js';
import { SrtpSender } from '../../dist/srtp/srtp-sender.js';
import { nanosecondsPerPacket, secondsPerCase } from '../support/measure.js';

const seconds = secondsPerCase();
const profiles = { AES_CM_128_HMAC_SHA1_80: 14, AEAD_AES_128_GCM: 12 };

for (const [profile, saltLength] of Object.entries(profiles)) {
  for (const size of [112, 1142]) {
    const keying = { profile, masterKey: new Uint8Array(16).fill(1), masterSalt: new Uint8Array(saltLength) };
    const sender = new SrtpSender(keying);
    const bytes = new Uint8Array(size + SRTP_MAX_TRAILER);
    let sequence = 0;
    const cost = nanosecondsPerPacket(() => {
      bytes.fill(0);
      bytes[0] = 0x80;
      bytes[1] = 96;
      bytes[2] = sequence >> 8;
      bytes[3] = sequence;
      sequence = (sequence + 1) & 0xffff;
      sender.protectRtp(bytes, 0, size);
      return 1;
    }, seconds);
    console.log(
      `${profile.padEnd(24)} ${String(size).padStart(5)} bytes ${String(cost).padStart(6)} ns per packet`,
    );
  }
}
