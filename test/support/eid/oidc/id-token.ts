/** Writes ID tokens anew: on the injected clock, or so that they deceive. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWK, SignJWT } from 'jose';

export const TOKEN_FORGERIES = [
  'token-unsigned',
  'token-hmac',
  'token-signed-by-another-key',
  'token-payload-swapped',
  'token-other-nonce',
  'token-without-nonce',
  'token-expired',
  'token-other-audience',
  'token-other-issuer',
  'token-without-subject',
  'token-number-of-another-form',
  'token-missing',
] as const;

/** `acr-low`: well signed, but not enough. */
export type TokenForgery = (typeof TOKEN_FORGERIES)[number] | 'acr-low' | 'acr-missing';

let stranger: KeyObject | null = null;

/** `shift`: seconds by which the injected clock is ahead. Null: no ID token at all. */
export async function rewrite(
  token: string,
  signingKey: JWK,
  shift: number,
  forgery: TokenForgery | null,
): Promise<string | null> {
  if (forgery === 'token-missing') return null;
  const claims = decodeJwt(token);
  for (const time of ['iat', 'exp', 'auth_time'] as const) {
    if (typeof claims[time] === 'number') claims[time] += shift;
  }
  const changed = { ...claims, ...changes(forgery, claims.exp ?? 0) };
  const header = { alg: 'RS256', kid: decodeProtectedHeader(token).kid! };
  const key = createPrivateKey({ key: { ...signingKey }, format: 'jwk' });
  if (forgery === 'token-unsigned') return `${encode({ ...header, alg: 'none' })}.${encode(changed)}.`;
  if (forgery === 'token-hmac') {
    const publicKey = Buffer.from(JSON.stringify({ kty: 'RSA', n: signingKey.n, e: signingKey.e }));
    return new SignJWT(changed).setProtectedHeader({ ...header, alg: 'HS256' }).sign(publicKey);
  }
  if (forgery === 'token-signed-by-another-key') {
    stranger ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    return new SignJWT(changed).setProtectedHeader(header).sign(stranger);
  }
  const signed = await new SignJWT(changed).setProtectedHeader(header).sign(key);
  if (forgery !== 'token-payload-swapped') return signed;
  const [head, , signature] = signed.split('.');
  return `${head}.${encode({ ...changed, employeeHsaId: 'SE2120000000-X999' })}.${signature}`;
}

function changes(forgery: TokenForgery | null, exp: number): Record<string, unknown> {
  switch (forgery) {
    case 'token-other-nonce':
      return { nonce: 'of-another-order' };
    case 'token-without-nonce':
      return { nonce: undefined };
    case 'token-expired':
      return { exp: exp - 2 * 3_600 };
    case 'token-other-audience':
      return { aud: 'another-client' };
    case 'token-other-issuer':
      return { iss: 'https://evil.example' };
    case 'token-without-subject':
      return { employeeHsaId: undefined };
    case 'token-number-of-another-form':
      return { employeeHsaId: 'somebody' };
    case 'acr-low':
      return { acr: 'http://id.sambi.se/loa/loa2' };
    case 'acr-missing':
      return { acr: undefined };
    default:
      return {};
  }
}

function encode(value: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
