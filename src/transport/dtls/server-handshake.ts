/**
 * The server's side of one DTLS 1.2 handshake as a state machine without clock or socket: whole, ordered messages
 * go in, and a step comes out. Flights 2 and 6 are built here, flight 4 by werift from our ephemeral key; every proof of
 * the peer's identity is checked here, and flight 6 does not exist before the last of them.
 */
import { randomBytes } from 'node:crypto';
import { type SrtpKeying } from '../../srtp/srtp-keying.js';
import { type SrtpProfile } from '../../srtp/srtp-profiles.js';
import {
  equalBytes,
  identifyClient,
  parseCertificateList,
  verifiesCertificate,
  type ClientIdentity,
} from './client-authentication.js';
import { negotiate, parseClientHello, type ClientHello } from './client-hello.js';
import { type DtlsCertificate, type DtlsFingerprint } from './dtls-certificate.js';
import { concatBytes } from './dtls-record.js';
import { type DtlsDropReason, type DtlsFailure } from './dtls-reasons.js';
import { generateEphemeralKey, isPublicKeyLength, type EphemeralKey } from './ecdhe.js';
import { buildHandshake, handshakeBody, HandshakeType, type HandshakeMessage } from './handshake-message.js';
import {
  deriveExtendedMasterSecret,
  deriveMasterSecret,
  deriveRecordKeys,
  exportSrtpKeying,
  verifyData,
} from './key-material.js';
import { RecordCipher } from './record-cipher.js';
import { buildFlight4 } from './werift-flights.js';

export interface DtlsConnection {
  profile: SrtpProfile;
  /** protects what we send */
  localKeying: SrtpKeying;
  /** opens what the peer sends */
  remoteKeying: SrtpKeying;
  remoteCertificatePem: string;
}

export type HandshakeStep =
  /** taken, nothing to answer yet */
  | { kind: 'wait' }
  /** not taken: another message under the same number may still come */
  | { kind: 'drop'; reason: DtlsDropReason }
  | { kind: 'fail'; reason: DtlsFailure }
  /** taken; answer with these plaintext messages */
  | { kind: 'flight'; messages: HandshakeMessage[] }
  /** taken; the peer is verified. Answer with ChangeCipherSpec and this Finished, which goes into epoch 1. */
  | { kind: 'connected'; finished: HandshakeMessage; connection: DtlsConnection };

export interface ServerHandshakeOptions {
  certificate: DtlsCertificate;
  remoteFingerprints: readonly DtlsFingerprint[];
  srtpProfiles: readonly SrtpProfile[];
  /** HelloVerifyRequest cookie, 1 to 255 bytes that cannot be guessed */
  cookie: Uint8Array;
}

type Phase = 'hello' | 'certificate' | 'key-exchange' | 'certificate-verify' | 'finished' | 'done';

const WAIT: HandshakeStep = { kind: 'wait' };
const MALFORMED: HandshakeStep = { kind: 'drop', reason: 'malformed-handshake' };
const UNEXPECTED: HandshakeStep = { kind: 'drop', reason: 'unexpected-message' };

const RANDOM_LENGTH = 32;

export class ServerHandshake {
  /** present as soon as the keys of epoch 1 are, which is before the peer is verified */
  cipher: RecordCipher | null = null;

  private phase: Phase = 'hello';
  private transcript: Uint8Array[] = [];
  private hello: ClientHello | null = null;
  private profile: SrtpProfile | null = null;
  private readonly serverRandom = randomBytes(RANDOM_LENGTH);
  /** gone as soon as it was used */
  private ephemeralKey: EphemeralKey | null = null;
  private masterSecret: Uint8Array | null = null;
  private identity: ClientIdentity | null = null;
  private nextServerSequence = 0;

  constructor(private readonly options: ServerHandshakeOptions) {}

  /** A message that came in plaintext. */
  receivePlain(message: HandshakeMessage): HandshakeStep {
    switch (message.type) {
      case HandshakeType.ClientHello:
        return this.phase === 'hello' ? this.clientHello(message) : UNEXPECTED;
      case HandshakeType.Certificate:
        return this.phase === 'certificate' ? this.certificate(message) : UNEXPECTED;
      case HandshakeType.ClientKeyExchange:
        if (this.phase === 'certificate') return { kind: 'fail', reason: 'no-certificate' };
        return this.phase === 'key-exchange' ? this.clientKeyExchange(message) : UNEXPECTED;
      case HandshakeType.CertificateVerify:
        return this.phase === 'certificate-verify' ? this.certificateVerify(message) : UNEXPECTED;
      default:
        return UNEXPECTED;
    }
  }

  /** A Finished from an encrypted record, once its message_seq is the next. */
  receiveFinished(message: HandshakeMessage): HandshakeStep {
    // The peer went on without proving that it holds the key of its certificate.
    if (this.phase === 'certificate-verify') return { kind: 'fail', reason: 'bad-certificate-verify' };
    if (this.phase !== 'finished') return UNEXPECTED;
    const masterSecret = this.masterSecret!;
    const expected = verifyData(masterSecret, 'client', concatBytes(this.transcript));
    if (!equalBytes(handshakeBody(message), expected)) return { kind: 'fail', reason: 'bad-finished' };
    this.transcript.push(message.bytes);
    const ours = verifyData(masterSecret, 'server', concatBytes(this.transcript));
    const finished = buildHandshake(HandshakeType.Finished, this.nextServerSequence, ours);
    const profile = this.profile!;
    const keying = exportSrtpKeying(masterSecret, this.hello!.random, this.serverRandom, profile);
    this.phase = 'done';
    const remoteCertificatePem = this.identity!.certificatePem;
    return { kind: 'connected', finished, connection: { profile, ...keying, remoteCertificatePem } };
  }

  /** The stateless answer to a first ClientHello (RFC 6347 section 4.2.1); also to its repetitions. */
  helloVerifyRequest(): HandshakeMessage {
    const { cookie } = this.options;
    const body = new Uint8Array(3 + cookie.length);
    body.set([0xfe, 0xfd, cookie.length]);
    body.set(cookie, 3);
    return buildHandshake(HandshakeType.HelloVerifyRequest, 0, body);
  }

  private clientHello(message: HandshakeMessage): HandshakeStep {
    const hello = parseClientHello(handshakeBody(message));
    if (!hello) return MALFORMED;
    if (message.sequence === 0) return { kind: 'flight', messages: [this.helloVerifyRequest()] };
    if (!equalBytes(hello.cookie, this.options.cookie)) return { kind: 'drop', reason: 'bad-cookie' };
    const { certificate, srtpProfiles } = this.options;
    const common = negotiate(hello, certificate.keyType, srtpProfiles);
    if ('failure' in common) return { kind: 'fail', reason: common.failure };

    const { serverRandom } = this;
    const ephemeralKey = generateEphemeralKey(common.group);
    const messages = buildFlight4({ message, hello, common, certificate, ephemeralKey, serverRandom });
    if (!messages) return { kind: 'fail', reason: 'engine-failure' };
    this.ephemeralKey = ephemeralKey;
    // A copy: the record that the random lies in need not live as long as the handshake.
    this.hello = { ...hello, random: hello.random.slice() };
    this.profile = common.profile;
    this.nextServerSequence = messages[messages.length - 1].sequence + 1;
    this.transcript = [message.bytes, ...messages.map((m) => m.bytes)];
    this.phase = 'certificate';
    return { kind: 'flight', messages };
  }

  private certificate(message: HandshakeMessage): HandshakeStep {
    const list = parseCertificateList(handshakeBody(message));
    if (!list) return MALFORMED;
    if (!list.leaf) return { kind: 'fail', reason: 'no-certificate' };
    const identity = identifyClient(list.leaf, this.options.remoteFingerprints);
    if (typeof identity === 'string') return { kind: 'fail', reason: identity };
    this.identity = identity;
    this.transcript.push(message.bytes);
    this.phase = 'key-exchange';
    return WAIT;
  }

  private clientKeyExchange(message: HandshakeMessage): HandshakeStep {
    const body = handshakeBody(message);
    const publicKey = body.subarray(1);
    if (body[0] !== publicKey.length || !isPublicKeyLength(publicKey.length)) return MALFORMED;
    const premasterSecret = this.ephemeralKey!.agree(publicKey);
    this.ephemeralKey = null;
    if (!premasterSecret) return { kind: 'fail', reason: 'bad-key-exchange' };
    this.transcript.push(message.bytes);
    const { random, extendedMasterSecret } = this.hello!;
    this.masterSecret = extendedMasterSecret
      ? deriveExtendedMasterSecret(premasterSecret, concatBytes(this.transcript))
      : deriveMasterSecret(premasterSecret, random, this.serverRandom);
    this.cipher = new RecordCipher(deriveRecordKeys(this.masterSecret, random, this.serverRandom));
    this.phase = 'certificate-verify';
    return WAIT;
  }

  private certificateVerify(message: HandshakeMessage): HandshakeStep {
    if (!verifiesCertificate(handshakeBody(message), this.identity!, concatBytes(this.transcript))) {
      return { kind: 'fail', reason: 'bad-certificate-verify' };
    }
    this.transcript.push(message.bytes);
    this.phase = 'finished';
    return WAIT;
  }
}
