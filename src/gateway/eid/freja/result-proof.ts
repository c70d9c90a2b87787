/**
 * Whether Freja's signed result proves who somebody is: signed by a pinned certificate, for our order, now, at the level that
 * was asked for. Only what is signed is read. The reasons are words for logs: nothing of the person is in them.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { compactVerify, decodeProtectedHeader } from 'jose';
import type { EidIdentity, SubjectType } from '../eid-provider.js';
import { makeEvidence } from '../evidence.js';

export type FrejaProofReason =
  | 'jws-missing'
  | 'jws-malformed'
  | 'jws-algorithm'
  | 'jws-unknown-certificate'
  | 'jws-signature'
  | 'other-order'
  | 'not-approved'
  | 'stale'
  | 'level-too-low'
  | 'person-incomplete'
  | 'country-not-served';

export type ProvenPerson = Pick<
  EidIdentity,
  'subjectType' | 'subject' | 'name' | 'givenName' | 'surname' | 'evidence' | 'evidenceHash'
>;

export interface ResultContext {
  readonly authRef: string;
  readonly startedAt: number;
  readonly now: number;
  readonly pinned: PinnedKeys;
}

/** By the `x5t` of their certificates. */
export type PinnedKeys = ReadonlyMap<string, KeyObject>;

type Proof = { person: ProvenPerson; reason?: never } | { person?: never; reason: FrejaProofReason };

/** Clocks differ. */
const CLOCK_TOLERANCE_MS = 60_000;
const MAX_JWS_CHARACTERS = 64 * 1024;
/** Official levels, as Freja names them. `LOA3_NR` is not among them: it does not lead to a Swedish personal number. */
const SUFFICIENT_LEVELS = new Set(['LOA3', 'LOA4']);
const NUMBERS: Readonly<Record<string, { type: SubjectType; form: RegExp }>> = {
  SE: { type: 'personal-number-se', form: /^(19|20)\d{10}$/ },
  NO: { type: 'personal-number-no', form: /^\d{11}$/ },
  FI: { type: 'personal-number-fi', form: /^\d{6}[-+A-FU-Y]\d{3}[\dA-Y]$/ },
};

/** `pem`: one certificate or several. Throws a TypeError that says what is wrong. */
export function readPinnedKeys(pem: string): PinnedKeys {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0)
    throw new TypeError("Freja's JWS certificates: expected PEM certificates, found none");
  return new Map(
    blocks.map((block) => {
      let certificate: X509Certificate;
      try {
        certificate = new X509Certificate(block);
      } catch {
        throw new TypeError("Freja's JWS certificates: one of them cannot be read");
      }
      const { publicKey, fingerprint } = certificate;
      if (
        publicKey.asymmetricKeyType !== 'rsa' ||
        (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < 2048
      ) {
        throw new TypeError("Freja's JWS certificates: expected RSA keys of 2048 bits or more");
      }
      return [Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url'), publicKey];
    }),
  );
}

/** Never rejects. */
export async function verifyResult(jws: string | null, context: ResultContext): Promise<Proof> {
  if (jws === null) return { reason: 'jws-missing' };
  const signed = await verifySignature(jws, context.pinned);
  return typeof signed === 'string' ? { reason: signed } : judge(signed, jws, context);
}

async function verifySignature(
  jws: string,
  pinned: PinnedKeys,
): Promise<Record<string, unknown> | FrejaProofReason> {
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    if (jws.length > MAX_JWS_CHARACTERS) return 'jws-malformed';
    header = decodeProtectedHeader(jws);
  } catch {
    return 'jws-malformed';
  }
  if (header.alg !== 'RS256') return 'jws-algorithm';
  // A key within the message, or an address of one, is of no interest: only what was pinned counts.
  const key = typeof header.x5t === 'string' ? pinned.get(header.x5t) : undefined;
  if (!key) return 'jws-unknown-certificate';
  let payload: Uint8Array;
  try {
    ({ payload } = await compactVerify(jws, key, { algorithms: ['RS256'] }));
  } catch {
    return 'jws-signature';
  }
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString());
    return isObject(value) ? value : 'jws-malformed';
  } catch {
    return 'jws-malformed';
  }
}

function judge(signed: Record<string, unknown>, jws: string, context: ResultContext): Proof {
  const { authRef, startedAt, now } = context;
  if (signed.authRef !== authRef) return { reason: 'other-order' };
  if (signed.status !== 'APPROVED') return { reason: 'not-approved' };
  const { timestamp } = signed;
  const isFresh =
    typeof timestamp === 'number' &&
    timestamp >= startedAt - CLOCK_TOLERANCE_MS &&
    timestamp <= now + CLOCK_TOLERANCE_MS;
  if (!isFresh) return { reason: 'stale' };
  const { requestedAttributes: attributes } = signed;
  if (!isObject(attributes)) return { reason: 'person-incomplete' };
  const { loaLevel, registrationLevel } = attributes;
  const isSufficient =
    typeof loaLevel === 'string' &&
    SUFFICIENT_LEVELS.has(loaLevel) &&
    (registrationLevel === undefined || registrationLevel === 'PLUS');
  return isSufficient ? readPerson(attributes, jws) : { reason: 'level-too-low' };
}

function readPerson({ basicUserInfo, ssn }: Record<string, unknown>, jws: string): Proof {
  if (!isObject(ssn) || typeof ssn.country !== 'string') return { reason: 'person-incomplete' };
  if (!Object.hasOwn(NUMBERS, ssn.country)) return { reason: 'country-not-served' };
  const { type, form } = NUMBERS[ssn.country];
  const subject = ssn.ssn;
  const givenName = isObject(basicUserInfo) ? basicUserInfo.name : undefined;
  const surname = isObject(basicUserInfo) ? basicUserInfo.surname : undefined;
  const isWhole = typeof subject === 'string' && form.test(subject) && isName(givenName) && isName(surname);
  if (!isWhole) return { reason: 'person-incomplete' };
  const name = `${givenName} ${surname}`;
  return { person: { subjectType: type, subject, name, givenName, surname, ...makeEvidence(jws) } };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 200 && !/\p{Cc}/u.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
