/** werift's DTLS client on an in-memory link to a session of ours: every datagram can be watched, changed or lost. */
import { once, EventEmitter } from 'node:events';
import { DtlsClient } from 'werift';
import { DtlsCertificate, type DtlsFingerprint } from '#src/transport/dtls/dtls-certificate.js';
import { DtlsServerSession } from '#src/transport/dtls/dtls-server-session.js';
import { type DtlsServerSessionOptions } from '#src/transport/dtls/dtls-session-options.js';
import { type DtlsDropReason, type DtlsFailure } from '#src/transport/dtls/dtls-reasons.js';
import { type DtlsConnection } from '#src/transport/dtls/server-handshake.js';

type ClientOptions = ConstructorParameters<typeof DtlsClient>[0];

/** What becomes of a datagram on its way: these are delivered instead, in order; an empty list is a loss. */
export type Tap = (datagram: Buffer) => Buffer[];

export interface LinkOptions {
  session?: Partial<DtlsServerSessionOptions>;
  clientCertificate?: DtlsCertificate;
  /** the key that the client signs with, if it is not its certificate's */
  clientKeyPem?: string;
  client?: Partial<ClientOptions>;
  toServer?: Tap;
  toClient?: Tap;
}

/** Turns of the event loop with nothing on its way before a link counts as quiet: werift answers some promises later. */
const IDLE_TURNS = 5;

export const pass: Tap = (datagram) => [datagram];

/** shared by tests that do not care which certificate */
export const serverCertificate = await DtlsCertificate.generate();
export const clientCertificate = await DtlsCertificate.generate();

export class Link {
  readonly client: ScriptedClient;
  readonly session: DtlsServerSession;
  readonly drops = new Map<DtlsDropReason, number>();
  readonly sentToServer: Buffer[] = [];
  readonly sentToClient: Buffer[] = [];
  readonly connections: DtlsConnection[] = [];
  readonly failures: DtlsFailure[] = [];
  closes = 0;
  toServer: Tap;
  toClient: Tap;

  private readonly events = new EventEmitter();
  /** Datagrams that were sent and have not arrived. */
  private underWay = 0;

  constructor(options: LinkOptions = {}) {
    this.toServer = options.toServer ?? pass;
    this.toClient = options.toClient ?? pass;
    const own = options.clientCertificate ?? clientCertificate;
    this.session = new DtlsServerSession({
      certificate: serverCertificate,
      remoteFingerprints: [sha256Of(own)],
      srtpProfiles: ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'],
      send: (datagram) => this.deliverToClient(Buffer.from(datagram)),
      onConnected: (connection) => {
        this.connections.push(connection);
        this.events.emit('settled');
      },
      onFailed: (reason) => {
        this.failures.push(reason);
        this.events.emit('settled');
      },
      onClosed: () => {
        this.closes++;
        this.events.emit('closed');
      },
      onDrop: (reason) => this.drops.set(reason, this.dropped(reason) + 1),
      ...options.session,
    });
    this.client = new ScriptedClient({
      transport: {
        type: 'udp',
        address: { address: '127.0.0.1', family: 'IPv4', port: 1 },
        closed: false,
        onData: () => {},
        send: async (datagram: Buffer) => this.deliverToServer(datagram),
        close: async () => {},
      },
      cert: own.certPem,
      key: options.clientKeyPem ?? own.keyPem,
      signatureHash: { hash: 4, signature: own.keyType === 'rsa' ? 1 : 3 },
      srtpProfiles: [1, 7],
      extendedMasterSecret: true,
      ...options.client,
    });
  }

  dropped(reason: DtlsDropReason): number {
    return this.drops.get(reason) ?? 0;
  }

  /** Starts the handshake; resolves when the session is connected or failed. */
  async handshake(): Promise<void> {
    const settled = once(this.events, 'settled');
    // werift gives up on its own when nobody answers; what happened is read from the session.
    this.client.connect().catch(() => {});
    await settled;
  }

  async closed(): Promise<void> {
    if (this.closes === 0) await once(this.events, 'closed');
  }

  /** Past every datagram that is on its way. */
  async quiet(): Promise<void> {
    for (let idle = 0; idle < IDLE_TURNS; idle++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.underWay > 0) idle = 0;
    }
  }

  end(): void {
    this.session.close();
    this.silenceClient();
  }

  /** Ends werift's retransmissions, which would keep the process for seconds. */
  silenceClient(): void {
    this.client.options.transport.onData = () => {};
    this.client.dtls.flight = 99;
  }

  deliverToServer(datagram: Buffer): void {
    this.sentToServer.push(Buffer.from(datagram));
    for (const copy of this.toServer(datagram)) this.soon(() => this.session.receive(copy));
  }

  private deliverToClient(datagram: Buffer): void {
    this.sentToClient.push(datagram);
    for (const copy of this.toClient(datagram))
      this.soon(() => this.client.options.transport.onData(copy, ['', 0]));
  }

  private soon(deliver: () => void): void {
    this.underWay++;
    setImmediate(() => {
      this.underWay--;
      deliver();
    });
  }
}

/** The client with a way to write any record under its present keys. */
export class ScriptedClient extends DtlsClient {
  private nextRecord = 1000;

  sealed(contentType: number, plaintext: Uint8Array): Buffer {
    const sequenceNumber = this.nextRecord++;
    const header = { type: contentType, version: 0xfefd, epoch: 1, sequenceNumber };
    return record(
      contentType,
      1,
      sequenceNumber,
      this.cipher.cipher.encrypt(1, Buffer.from(plaintext), header),
    );
  }
}

export function sha256Of(certificate: DtlsCertificate): DtlsFingerprint {
  return certificate.fingerprints.find((fingerprint) => fingerprint.algorithm === 'sha-256')!;
}

export function record(
  contentType: number,
  epoch: number,
  sequenceNumber: number,
  fragment: Uint8Array,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt8(contentType, 0);
  header.writeUInt16BE(0xfefd, 1);
  header.writeUInt16BE(epoch, 3);
  header.writeUIntBE(sequenceNumber, 5, 6);
  header.writeUInt16BE(fragment.length, 11);
  return Buffer.concat([header, fragment]);
}

export function handshake(
  type: number,
  sequence: number,
  body: Uint8Array,
  part?: { offset: number; total: number },
): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(type, 0);
  header.writeUIntBE(part?.total ?? body.length, 1, 3);
  header.writeUInt16BE(sequence, 4);
  header.writeUIntBE(part?.offset ?? 0, 6, 3);
  header.writeUIntBE(body.length, 9, 3);
  return Buffer.concat([header, body]);
}

/** Type of the first handshake message of a plaintext record, or -1. */
export function handshakeTypeOf(datagram: Uint8Array): number {
  return datagram[0] === 22 && datagram[4] === 0 ? datagram[13] : -1;
}

/** Loses every nth datagram. */
export function losing(n: number): Tap {
  let count = 0;
  return (datagram) => (++count % n === 0 ? [] : [datagram]);
}

/**
 * Without what the client sends again: on a slow machine it does so after half a second, equal to the byte, although nothing
 * was lost.
 */
export function unrepeated(): Tap {
  const seen = new Set<string>();
  return (datagram) => {
    const before = seen.size;
    seen.add(datagram.toString('base64'));
    return seen.size > before ? [datagram] : [];
  };
}
