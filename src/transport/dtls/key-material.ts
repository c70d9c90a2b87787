/**
 * Everything derived from the master secret that werift does not compute or does not check:
 * the PRF of TLS 1.2 with SHA-256 (RFC 5246 section 5), verify_data and exported SRTP keys.
 */
import { createHash, createHmac } from 'node:crypto';
import {
  DTLS_SRTP_EXPORTER_LABEL,
  dtlsSrtpExporterLength,
  splitDtlsSrtpKeying,
  type SrtpKeying,
} from '../../srtp/srtp-keying.js';
import { type SrtpProfile } from '../../srtp/srtp-profiles.js';

const VERIFY_DATA_LENGTH = 12;

/** P_SHA256(secret, label + seed), `length` bytes. */
export function prf(secret: Uint8Array, label: string, seed: Uint8Array, length: number): Uint8Array {
  const labelAndSeed = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  const output = new Uint8Array(length);
  let a: Uint8Array = labelAndSeed;
  for (let offset = 0; offset < length;) {
    a = createHmac('sha256', secret).update(a).digest();
    const block = createHmac('sha256', secret).update(a).update(labelAndSeed).digest();
    const take = Math.min(block.length, length - offset);
    output.set(block.subarray(0, take), offset);
    offset += take;
  }
  return output;
}

/** RFC 5246 section 7.4.9, over the concatenated handshake messages up to, not including, the Finished itself. */
export function verifyData(
  masterSecret: Uint8Array,
  side: 'client' | 'server',
  transcript: Uint8Array,
): Uint8Array {
  const hash = createHash('sha256').update(transcript).digest();
  return prf(masterSecret, `${side} finished`, hash, VERIFY_DATA_LENGTH);
}

/** SRTP master keys and salts of both directions, seen from the server (RFC 5764 section 4.2). */
export function exportSrtpKeying(
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  profile: SrtpProfile,
): { localKeying: SrtpKeying; remoteKeying: SrtpKeying } {
  const seed = Buffer.concat([clientRandom, serverRandom]);
  const block = prf(masterSecret, DTLS_SRTP_EXPORTER_LABEL, seed, dtlsSrtpExporterLength(profile));
  const { client, server } = splitDtlsSrtpKeying(profile, block);
  return { localKeying: server, remoteKeying: client };
}
