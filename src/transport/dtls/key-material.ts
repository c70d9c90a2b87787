/**
 * The key schedule of TLS 1.2 with SHA-256 (RFC 5246 sections 5, 6.3, 7.4.9 and 8.1, RFC 7627) for AES-128-GCM, and the
 * SRTP keys that are exported from it.
 */
import { createHash, createHmac } from 'node:crypto';
import {
  DTLS_SRTP_EXPORTER_LABEL,
  dtlsSrtpExporterLength,
  splitDtlsSrtpKeying,
  type SrtpKeying,
} from '../../srtp/srtp-keying.js';
import { type SrtpProfile } from '../../srtp/srtp-profiles.js';

const MASTER_SECRET_LENGTH = 48;
const VERIFY_DATA_LENGTH = 12;
/** of AES-128-GCM (RFC 5288): the key, and the fixed part of the nonce */
const KEY_LENGTH = 16;
const SALT_LENGTH = 4;

/** What protects the records of epoch 1. */
export interface RecordKeys {
  clientKey: Uint8Array;
  serverKey: Uint8Array;
  clientSalt: Uint8Array;
  serverSalt: Uint8Array;
}

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

/** RFC 5246 section 8.1. */
export function deriveMasterSecret(
  premasterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Uint8Array {
  const seed = Buffer.concat([clientRandom, serverRandom]);
  return prf(premasterSecret, 'master secret', seed, MASTER_SECRET_LENGTH);
}

/** RFC 7627 section 4, over the concatenated handshake messages up to and including ClientKeyExchange. */
export function deriveExtendedMasterSecret(premasterSecret: Uint8Array, transcript: Uint8Array): Uint8Array {
  return prf(premasterSecret, 'extended master secret', sha256(transcript), MASTER_SECRET_LENGTH);
}

/** RFC 5246 section 6.3. */
export function deriveRecordKeys(
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): RecordKeys {
  const seed = Buffer.concat([serverRandom, clientRandom]);
  const block = prf(masterSecret, 'key expansion', seed, 2 * (KEY_LENGTH + SALT_LENGTH));
  const salts = 2 * KEY_LENGTH;
  return {
    clientKey: block.subarray(0, KEY_LENGTH),
    serverKey: block.subarray(KEY_LENGTH, salts),
    clientSalt: block.subarray(salts, salts + SALT_LENGTH),
    serverSalt: block.subarray(salts + SALT_LENGTH),
  };
}

/** RFC 5246 section 7.4.9, over the concatenated handshake messages up to, not including, the Finished itself. */
export function verifyData(
  masterSecret: Uint8Array,
  side: 'client' | 'server',
  transcript: Uint8Array,
): Uint8Array {
  return prf(masterSecret, `${side} finished`, sha256(transcript), VERIFY_DATA_LENGTH);
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

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
