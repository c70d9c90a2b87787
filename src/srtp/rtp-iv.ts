/** The counter of AES-CM for SRTP. Hot path: allocates nothing. */

/** Bytes of the counter that are equal in all blocks of a packet; the block number follows in two more. */
export const RTP_IV_LENGTH = 14;

/** RFC 3711 4.1.1: SSRC in bytes 4-7, rollover counter in 8-11, sequence number in 12-13, all XOR the salt. */
export function writeRtpIv(
  target: Uint8Array,
  at: number,
  salt: Uint8Array,
  ssrc: number,
  roc: number,
  sequenceNumber: number,
): void {
  for (let i = 0; i < 4; i++) target[at + i] = salt[i];
  target[at + 4] = salt[4] ^ (ssrc >>> 24);
  target[at + 5] = salt[5] ^ (ssrc >>> 16);
  target[at + 6] = salt[6] ^ (ssrc >>> 8);
  target[at + 7] = salt[7] ^ ssrc;
  target[at + 8] = salt[8] ^ (roc >>> 24);
  target[at + 9] = salt[9] ^ (roc >>> 16);
  target[at + 10] = salt[10] ^ (roc >>> 8);
  target[at + 11] = salt[11] ^ roc;
  target[at + 12] = salt[12] ^ (sequenceNumber >>> 8);
  target[at + 13] = salt[13] ^ sequenceNumber;
}
