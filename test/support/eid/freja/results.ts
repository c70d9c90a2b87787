/** What the Freja of the simulator signs, and the ways in which it can deceive. */
import { createPrivateKey } from 'node:crypto';
import { CompactSign } from 'jose';
import { jwsCertificate, thumbprint } from './freja-pki.js';

export interface FrejaPerson {
  /** Of nobody. */
  readonly ssn: string;
  readonly country: string;
  readonly name: string;
  readonly surname: string;
  readonly loaLevel: string;
  readonly registrationLevel: string;
}

export const ANNA: FrejaPerson = {
  ssn: '198001012389',
  country: 'SE',
  name: 'Anna',
  surname: 'Ängström',
  loaLevel: 'LOA3',
  registrationLevel: 'PLUS',
};
export const BERTIL: FrejaPerson = { ...ANNA, ssn: '197502036781', name: 'Bertil', surname: 'Öberg' };

export const FORGERIES = [
  'no-details',
  'not-a-jws',
  'unsigned',
  'hmac-with-the-public-key',
  'rs512',
  'signed-by-another-key',
  'other-certificate',
  'certificate-in-header',
  'no-thumbprint',
  'unknown-critical-header',
  'payload-swapped',
  'payload-not-json',
  'other-order',
  'not-approved',
  'old',
  'of-the-future',
  'no-timestamp',
  'no-attributes',
  'no-number',
  'number-of-another-form',
  'no-name',
] as const;

export type Forgery = (typeof FORGERIES)[number];

export interface ApprovedOrder {
  readonly authRef: string;
  readonly at: number;
}

/** `null`: there are no details. */
export async function signResult(
  order: ApprovedOrder,
  person: FrejaPerson,
  forgery?: Forgery,
): Promise<string | null> {
  const payload = forge(describe(order, person), forgery);
  const pinned = jwsCertificate();
  const other = jwsCertificate('other');
  const header = { x5t: thumbprint(pinned) };
  switch (forgery) {
    case 'no-details':
      return null;
    case 'not-a-jws':
      return 'SIGNED.BY-FREJA';
    case 'unsigned':
      return `${encode({ alg: 'none', ...header })}.${encode(payload)}.`;
    case 'hmac-with-the-public-key':
      return sign(payload, { alg: 'HS256', ...header }, Buffer.from(pinned.pem));
    case 'rs512':
      return sign(payload, { alg: 'RS512', ...header });
    case 'signed-by-another-key':
      return sign(payload, { alg: 'RS256', ...header }, createPrivateKey(other.key.pem));
    case 'other-certificate':
      return sign(payload, { alg: 'RS256', x5t: thumbprint(other) }, createPrivateKey(other.key.pem));
    case 'certificate-in-header':
      return sign(payload, { alg: 'RS256', ...header, x5c: [other.base64] }, createPrivateKey(other.key.pem));
    case 'no-thumbprint':
      return sign(payload, { alg: 'RS256' });
    case 'unknown-critical-header':
      return critical(payload, header);
    case 'payload-swapped': {
      const genuine = await sign(payload, { alg: 'RS256', ...header });
      const [head, , signature] = genuine.split('.');
      return `${head}.${encode(describe(order, { ...person, ssn: '190001010000' }))}.${signature}`;
    }
    case 'payload-not-json':
      return sign('approved!', { alg: 'RS256', ...header });
    default:
      return sign(payload, { alg: 'RS256', ...header });
  }
}

function describe({ authRef, at }: ApprovedOrder, person: FrejaPerson): Record<string, unknown> {
  const { name, surname, ssn, country, loaLevel, registrationLevel } = person;
  return {
    authRef,
    status: 'APPROVED',
    userInfoType: 'INFERRED',
    userInfo: 'N/A',
    minRegistrationLevel: 'PLUS',
    timestamp: at,
    requestedAttributes: {
      basicUserInfo: { name, surname },
      ssn: { ssn, country },
      loaLevel,
      registrationLevel,
    },
    signatureData: { userSignature: 'c2lnbmVk', certificateStatus: 'Z29vZA==' },
  };
}

function forge(result: Record<string, unknown>, forgery?: Forgery): Record<string, unknown> {
  const attributes = result.requestedAttributes as Record<string, unknown>;
  const at = result.timestamp as number;
  const changes: Partial<Record<Forgery, Record<string, unknown>>> = {
    'other-order': { authRef: 'another-order-of-somebody' },
    'not-approved': { status: 'DELIVERED_TO_MOBILE' },
    old: { timestamp: at - 10 * 60_000 },
    'of-the-future': { timestamp: at + 10 * 60_000 },
    'no-timestamp': { timestamp: undefined },
    'no-attributes': { requestedAttributes: undefined },
    'no-number': { requestedAttributes: { ...attributes, ssn: undefined } },
    'number-of-another-form': { requestedAttributes: { ...attributes, ssn: { ssn: '19', country: 'SE' } } },
    'no-name': { requestedAttributes: { ...attributes, basicUserInfo: undefined } },
  };
  return { ...result, ...(forgery && changes[forgery]) };
}

type Key = Parameters<CompactSign['sign']>[0];

function sign(
  payload: Record<string, unknown> | string,
  header: { alg: string; [name: string]: unknown },
  key: Key = createPrivateKey(jwsCertificate().key.pem),
): Promise<string> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return new CompactSign(Buffer.from(text)).setProtectedHeader(header).sign(key);
}

/** A header that must be understood, and that nobody knows. */
function critical(payload: Record<string, unknown>, header: Record<string, unknown>): Promise<string> {
  const name = 'https://freja.invalid/critical';
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'RS256', ...header, crit: [name], [name]: true })
    .sign(createPrivateKey(jwsCertificate().key.pem), { crit: { [name]: true } });
}

function encode(value: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
