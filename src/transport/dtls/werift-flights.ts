/**
 * werift's `DtlsServer` as the builder of flight 4 (ServerHello, Certificate, ServerKeyExchange, CertificateRequest,
 * ServerHelloDone) from a ClientHello, and nothing more. Records, reassembly, retransmission, keys, verification and
 * flight 6 are ours; werift is shown one whole message that our own parser accepted, and is dropped when it has answered.
 *
 * The curve and the signature are node:crypto's: werift's own are JavaScript, which took most of the time of a handshake.
 *
 * Relied on, as of werift 0.24.4 (pinned in package-lock.json; look again before raising it):
 * - `socket.onData(record)` handles one plaintext record within the call, up to its first `await`;
 *   an error inside becomes `onError`, never an unhandled rejection;
 * - what the client can do it reads from a ClientHello without cookie, and makes the ephemeral key then; with a cookie equal
 *   to `dtls.cookie` it sends flight 4 from `cipher` and `srtp`, one message per `send`. We fill in those fields and show it
 *   the second ClientHello only: the first could have come from anybody;
 * - `cipher.generateKeySignature` is what signs ServerKeyExchange;
 * - `Flight.transmit` calls `send` before it sleeps (500 ms and more, uncancellable), so a `send` that throws
 *   leaves no timer behind.
 * Not used, because wrong: its check of the client (there is none), its record sequence numbers (fragments of one
 * message share one, and the first application data repeat the number, hence the GCM nonce, of its Finished).
 */
import { sign } from 'node:crypto';
import { DtlsServer } from 'werift';
import { CIPHER_SUITES, type ClientHello, type CommonGround } from './client-hello.js';
import { weriftSignatureHash, type DtlsCertificate } from './dtls-certificate.js';
import { buildRecord, ContentType, RecordReader } from './dtls-record.js';
import { type EphemeralKey } from './ecdhe.js';
import { buildHandshake, FragmentReader, HandshakeType, type HandshakeMessage } from './handshake-message.js';
import { srtpProfileInfo } from '../../srtp/srtp-profiles.js';

type Options = ConstructorParameters<typeof DtlsServer>[0];
type Transport = Options['transport'];
type SrtpProfileId = NonNullable<Options['srtpProfiles']>[number];

const FLIGHT_4: readonly number[] = [
  HandshakeType.ServerHello,
  HandshakeType.Certificate,
  HandshakeType.ServerKeyExchange,
  HandshakeType.CertificateRequest,
  HandshakeType.ServerHelloDone,
];

const NAMED_CURVE = 3;

/** One for all: an error of its own for each handshake would be spent on its stack trace. */
const FLIGHT_COMPLETE = new Error('the flight is built; sending and repeating it is not left to werift');

export interface Flight4Input {
  /** the ClientHello whose cookie is proven */
  message: HandshakeMessage;
  hello: ClientHello;
  common: CommonGround;
  certificate: DtlsCertificate;
  ephemeralKey: EphemeralKey;
  /** 32 bytes */
  serverRandom: Uint8Array;
}

/** The five messages of flight 4, or null if werift would not build them. */
export function buildFlight4(input: Flight4Input): HandshakeMessage[] | null {
  const { message, hello, common, certificate, ephemeralKey } = input;
  const tap = new FlightTap();
  const server = new DtlsServer({
    transport: tap,
    certificateRequest: true,
    extendedMasterSecret: hello.extendedMasterSecret,
  });
  const { cipher } = server;
  cipher.localCert = Buffer.from(certificate.der);
  cipher.signatureHashAlgorithm = weriftSignatureHash(certificate.keyType);
  cipher.cipherSuite = CIPHER_SUITES[certificate.keyType];
  cipher.namedCurve = common.group;
  cipher.localKeyPair = {
    curve: common.group,
    publicKey: Buffer.from(ephemeralKey.publicKey),
    privateKey: Buffer.alloc(0),
  };
  cipher.localRandom = weriftRandom(Buffer.from(input.serverRandom));
  cipher.generateKeySignature = () => keySignature(input);
  // werift only echoes the number; its type knows two of them
  server.srtp.srtpProfile = srtpProfileInfo(common.profile).dtlsId as SrtpProfileId;
  server.dtls.cookie = Buffer.from(hello.cookie);

  const record = buildRecord(ContentType.Handshake, 0, message.sequence, message.bytes);
  tap.onData(Buffer.from(record.buffer));
  const flight = tap.sent.map(readMessage);
  const complete = flight.length === FLIGHT_4.length && flight.every((m, i) => m?.type === FLIGHT_4[i]);
  return complete ? (flight as HandshakeMessage[]) : null;
}

/** Over both randoms and ServerECDHParams (RFC 8422 section 5.4). */
function keySignature({ hello, serverRandom, certificate, ephemeralKey }: Flight4Input): Buffer {
  const { group, publicKey } = ephemeralKey;
  const parameters = Buffer.from([NAMED_CURVE, group >>> 8, group, publicKey.length]);
  return sign(
    'sha256',
    Buffer.concat([hello.random, serverRandom, parameters, publicKey]),
    certificate.privateKey,
  );
}

type WeriftRandom = DtlsServer['cipher']['localRandom'];

function weriftRandom(bytes: Buffer): WeriftRandom {
  return {
    gmt_unix_time: bytes.readUInt32BE(0),
    random_bytes: bytes.subarray(4),
    serialize: () => Buffer.from(bytes),
  };
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
    if (record[13] === HandshakeType.ServerHelloDone) throw FLIGHT_COMPLETE;
    return Promise.resolve();
  };

  readonly close = (): Promise<void> => Promise.resolve();
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
