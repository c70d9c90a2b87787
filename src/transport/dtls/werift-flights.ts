/**
 * werift's `DtlsServer` as the engine of the key exchange, and nothing more: it builds flight 4 (ServerHello,
 * Certificate, ServerKeyExchange, CertificateRequest, ServerHelloDone), does the ECDHE, derives the master secret
 * and holds the record cipher. Records, reassembly, retransmission, verification and flight 6 are ours; werift is
 * shown only whole, ordered messages that our own parsers accepted, each once, and is dropped when keys exist.
 *
 * Relied on, as of werift 0.24.4 (pinned in package-lock.json; look again before raising it):
 * - `socket.onData(record)` handles one plaintext record within the call, up to its first `await`;
 *   an error inside becomes `onError`, never an unhandled rejection;
 * - a ClientHello without cookie makes it read the client's parameters and send a HelloVerifyRequest with
 *   `dtls.cookie` if that is set; with the cookie it sends flight 4, one message per `send`;
 * - `Flight.transmit` calls `send` before it sleeps (500 ms and more, uncancellable), so a `send` that throws
 *   leaves no timer behind;
 * - Certificate and ClientKeyExchange are handled without waiting, and fill `cipher.masterSecret` and
 *   `cipher.cipher`; the extended master secret is used if both options and ClientHello say so.
 * Not used, because wrong: its check of the client (there is none), its record sequence numbers (fragments of one
 * message share one, and the first application data repeat the number, hence the GCM nonce, of its Finished).
 */
import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { DtlsServer, type CipherContext } from 'werift';
import { weriftSignatureHash, type DtlsCertificate } from './dtls-certificate.js';
import { buildRecord, ContentType, RecordReader } from './dtls-record.js';
import {
  buildHandshake,
  FragmentReader,
  handshakeBody,
  HandshakeType,
  type HandshakeMessage,
} from './handshake-message.js';
import { type ClientHello } from './client-hello.js';
import { RecordCipher } from './record-cipher.js';
import { srtpProfileInfo, type SrtpProfile } from '../../srtp/srtp-profiles.js';

type Options = ConstructorParameters<typeof DtlsServer>[0];
type Transport = Options['transport'];

const FLIGHT_4: readonly number[] = [
  HandshakeType.ServerHello,
  HandshakeType.Certificate,
  HandshakeType.ServerKeyExchange,
  HandshakeType.CertificateRequest,
  HandshakeType.ServerHelloDone,
];

const X25519_KEY_LENGTH = 32;
/** SubjectPublicKeyInfo of RFC 8410 up to the key itself */
const X25519_SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const { privateKey: probe } = generateKeyPairSync('x25519');

export class WeriftFlights {
  private readonly tap = new FlightTap();
  private readonly server: DtlsServer;

  /** @throws when werift cannot read the certificate; `DtlsCertificate.fromPem` has seen to that it can */
  constructor(certificate: DtlsCertificate, profile: SrtpProfile, extendedMasterSecret: boolean) {
    this.server = new DtlsServer({
      transport: this.tap,
      cert: certificate.certPem,
      key: certificate.keyPem,
      signatureHash: weriftSignatureHash(certificate.keyType),
      // werift only echoes the number; its type knows two of them
      srtpProfiles: [srtpProfileInfo(profile).dtlsId] as Options['srtpProfiles'],
      certificateRequest: true,
      extendedMasterSecret,
    });
  }

  /** The five messages of flight 4, or null if werift would not build them. */
  answer(message: HandshakeMessage, hello: ClientHello): HandshakeMessage[] | null {
    // werift takes the client's parameters from the ClientHello without cookie, which anybody could have sent.
    // It gets that message made from the one whose cookie is proven.
    this.server.dtls.cookie = Buffer.from(hello.cookie);
    this.feed(buildHandshake(HandshakeType.ClientHello, 0, withoutCookie(message, hello)));
    this.tap.sent.length = 0;
    this.feed(message);
    const flight = this.tap.sent.splice(0).map(readMessage);
    const complete = flight.length === FLIGHT_4.length && flight.every((m, i) => m?.type === FLIGHT_4[i]);
    return complete ? (flight as HandshakeMessage[]) : null;
  }

  clientCertificate(message: HandshakeMessage): void {
    this.feed(message);
  }

  /** Secrets of the session, or null when the client's public key is no point on the curve. */
  clientKeyExchange(message: HandshakeMessage): { masterSecret: Uint8Array; cipher: RecordCipher } | null {
    const publicKey = handshakeBody(message).subarray(1);
    if (publicKey.length === X25519_KEY_LENGTH && hasSmallOrder(publicKey)) return null;
    this.feed(message);
    const context = this.server.cipher as Partial<CipherContext>;
    if (!context.masterSecret || !context.cipher) return null;
    return { masterSecret: context.masterSecret, cipher: new RecordCipher(context.cipher) };
  }

  private feed(message: HandshakeMessage): void {
    const record = buildRecord(ContentType.Handshake, 0, message.sequence, message.bytes);
    this.tap.onData(Buffer.from(record.buffer));
  }
}

/**
 * X25519 public keys that make every shared secret zero, which has to be refused (RFC 8422 section 5.11) and is not
 * by werift. Any private key tells: clamped scalars are multiples of the small orders.
 */
function hasSmallOrder(publicKey: Uint8Array): boolean {
  const spki = Buffer.concat([X25519_SPKI_PREFIX, publicKey]);
  try {
    diffieHellman({
      privateKey: probe,
      publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    });
    return false;
  } catch {
    return true;
  }
}

/** The `Transport` that werift writes to: keeps what it sends and stops it before it goes to sleep. */
class FlightTap implements Transport {
  readonly type = 'udp';
  readonly address: Transport['address'] = { address: '0.0.0.0', family: 'IPv4', port: 0 };
  readonly closed = false;
  readonly sent: Uint8Array[] = [];
  onData: (data: Buffer) => void = () => {};

  readonly send = (record: Buffer): Promise<void> => {
    this.sent.push(record);
    if (record[13] === HandshakeType.ServerHelloDone) throw new FlightComplete();
    return Promise.resolve();
  };

  readonly close = (): Promise<void> => Promise.resolve();
}

class FlightComplete extends Error {
  constructor() {
    super('the flight is built; sending and repeating it is not left to werift');
  }
}

function withoutCookie(message: HandshakeMessage, hello: ClientHello): Uint8Array {
  const body = handshakeBody(message);
  const after = hello.cookieOffset + 1 + hello.cookie.length;
  const shorter = new Uint8Array(body.length - hello.cookie.length);
  shorter.set(body.subarray(0, hello.cookieOffset));
  shorter.set(body.subarray(after), hello.cookieOffset + 1);
  return shorter;
}

/** The one whole message of a record; a fragmented one counts as none. */
function readMessage(record: Uint8Array): HandshakeMessage | null {
  const reader = new RecordReader();
  reader.begin(record);
  if (!reader.next()) return null;
  const fragment = new FragmentReader();
  fragment.begin(record, reader.fragmentOffset, reader.fragmentLength);
  if (!fragment.next() || fragment.fragmentLength !== fragment.messageLength) return null;
  const { type, sequence, dataOffset, fragmentLength } = fragment;
  return buildHandshake(type, sequence, record.subarray(dataOffset, dataOffset + fragmentLength));
}
