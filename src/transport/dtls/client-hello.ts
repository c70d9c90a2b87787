/** Reads a ClientHello and decides whether a common ground exists (RFC 5246 7.4.1.2, 5764 4.1, 7627, 8422). */
import { ByteCursor } from './byte-cursor.js';
import { type DtlsFailure } from './dtls-reasons.js';
import { chooseGroup, type NamedGroup } from './ecdhe.js';
import { srtpProfileInfo, type SrtpProfile } from '../../srtp/srtp-profiles.js';

export interface ClientHello {
  /** legacy client_version */
  version: number;
  random: Uint8Array;
  cookie: Uint8Array;
  cipherSuites: number[];
  /** empty unless the extension is there */
  supportedVersions: number[];
  supportedGroups: number[];
  signatureAlgorithms: number[];
  srtpProfileIds: number[];
  nullCompression: boolean;
  extendedMasterSecret: boolean;
}

const DTLS_1_2 = 0xfefd;
const DTLS_1_0 = 0xfeff;

const Extension = {
  SupportedGroups: 10,
  SignatureAlgorithms: 13,
  UseSrtp: 14,
  ExtendedMasterSecret: 23,
  SupportedVersions: 43,
} as const;

/** Null for anything that is not exactly one well-formed ClientHello. */
export function parseClientHello(body: Uint8Array): ClientHello | null {
  const cursor = new ByteCursor(body);
  const version = cursor.u16();
  const random = cursor.take(32);
  if (cursor.take(cursor.u8()).length > 32) return null; // session_id
  const cookie = cursor.take(cursor.u8());
  const cipherSuites = cursor.u16List(cursor.u16());
  const compressionMethods = cursor.take(cursor.u8());
  if (cursor.failed || version >>> 8 !== 0xfe) return null;
  const hello: ClientHello = {
    version,
    random,
    cookie,
    cipherSuites,
    supportedVersions: [],
    supportedGroups: [],
    signatureAlgorithms: [],
    srtpProfileIds: [],
    nullCompression: compressionMethods.includes(0),
    extendedMasterSecret: false,
  };
  if (cursor.done) return hello;
  const extensions = new ByteCursor(cursor.take(cursor.u16()));
  if (cursor.failed || !cursor.done) return null;
  const seen = new Set<number>();
  while (!extensions.done) {
    const type = extensions.u16();
    const data = new ByteCursor(extensions.take(extensions.u16()));
    if (extensions.failed || seen.has(type)) return null;
    seen.add(type);
    readExtension(hello, type, data);
    if (data.failed) return null;
  }
  return hello;
}

function readExtension(hello: ClientHello, type: number, data: ByteCursor): void {
  switch (type) {
    case Extension.SupportedGroups:
      hello.supportedGroups = data.u16List(data.u16());
      break;
    case Extension.SignatureAlgorithms:
      hello.signatureAlgorithms = data.u16List(data.u16());
      break;
    case Extension.UseSrtp:
      hello.srtpProfileIds = data.u16List(data.u16());
      data.take(data.u8()); // srtp_mki: not used in WebRTC
      break;
    case Extension.SupportedVersions:
      hello.supportedVersions = data.u16List(data.u8());
      break;
    case Extension.ExtendedMasterSecret:
      hello.extendedMasterSecret = true;
      return;
    default:
      return;
  }
  if (!data.done) data.failed = true;
}

/** TLS_ECDHE_x_WITH_AES_128_GCM_SHA256 and x_SHA256 signatures: what werift implements and RFC 8827 requires. */
export const CIPHER_SUITES = { ecdsa: 0xc02b, rsa: 0xc02f } as const;
const SIGNATURE_ALGORITHMS = { ecdsa: 0x0403, rsa: 0x0401 } as const;

export interface CommonGround {
  /** the first of ours that the client offers too */
  profile: SrtpProfile;
  /** the first of the client's that we have too */
  group: NamedGroup;
}

/** What both sides can do, or why there can be no session. */
export function negotiate(
  hello: ClientHello,
  keyType: 'ecdsa' | 'rsa',
  srtpProfiles: readonly SrtpProfile[],
): CommonGround | { failure: DtlsFailure } {
  const versions = hello.supportedVersions;
  // Versions of DTLS count downward: 1.0 is 0xfeff, and a client that speaks 1.3 still says 1.2 here.
  if (hello.version === DTLS_1_0 || (versions.length > 0 && !versions.includes(DTLS_1_2))) {
    return { failure: 'unsupported-version' };
  }
  if (!hello.nullCompression || !hello.cipherSuites.includes(CIPHER_SUITES[keyType])) {
    return { failure: 'no-common-cipher-suite' };
  }
  const group = chooseGroup(hello.supportedGroups);
  if (group === undefined) return { failure: 'no-common-curve' };
  if (!hello.signatureAlgorithms.includes(SIGNATURE_ALGORITHMS[keyType])) {
    return { failure: 'no-common-signature-algorithm' };
  }
  const profile = srtpProfiles.find((candidate) =>
    hello.srtpProfileIds.includes(srtpProfileInfo(candidate).dtlsId),
  );
  return profile ? { profile, group } : { failure: 'no-common-srtp-profile' };
}
