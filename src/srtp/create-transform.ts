import { AesCmTransform } from './aes-cm-transform.js';
import { AesGcmTransform } from './aes-gcm-transform.js';
import { deriveSessionKeys } from './key-derivation.js';
import type { SrtpKeying } from './srtp-keying.js';
import { srtpProfileInfo } from './srtp-profiles.js';
import type { SrtpTransform } from './srtp-transform.js';

/**
 * The transform of a profile with its session keys.
 * @throws TypeError when the keying has not the lengths of its profile.
 */
export function createSrtpTransform(keying: SrtpKeying): SrtpTransform {
  const keys = deriveSessionKeys(keying);
  const { aead, rtpTagLength } = srtpProfileInfo(keying.profile);
  return aead ? new AesGcmTransform(keys) : new AesCmTransform(keys, rtpTagLength);
}
