/** ICE user name fragments and passwords (RFC 8445 5.3): 32 characters of 5 random bits each. */
import { randomBytes } from 'node:crypto';

export interface IceCredentials {
  usernameFragment: string;
  password: string;
}

// 32 characters divide 256 evenly, so the low bits are unbiased; letters and digits survive SDP, URLs and logs.
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 32;

export function generateIceCredentials(): IceCredentials {
  return { usernameFragment: randomText(), password: randomText() };
}

function randomText(): string {
  let text = '';
  for (const byte of randomBytes(LENGTH)) text += ALPHABET[byte & 31];
  return text;
}
