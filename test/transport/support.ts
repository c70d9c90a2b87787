/** A worker's insides in this process, with real sockets, and a browser's side made by hand. */
import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import type { Test } from 'tap';
import { DtlsClient } from 'werift';
import { classifyDatagram, DatagramKind } from '#src/rtp/demux.js';
import { Router } from '#src/router/router.js';
import type { SrtpKeying } from '#src/srtp/srtp-keying.js';
import { SrtpReceiver } from '#src/srtp/srtp-receiver.js';
import { SrtpSender } from '#src/srtp/srtp-sender.js';
import { createContext } from '#src/transport/create-context.js';
import { DtlsCertificate, type DtlsFingerprint } from '#src/transport/dtls/dtls-certificate.js';
import type { TransportContext } from '#src/transport/transport-context.js';
import { until } from '../support/until.js';
import { bindingRequest } from './ice/binding-request.js';

const clientCertificate = await DtlsCertificate.generate();

/** Time moves only by `skip`, apart from real milliseconds. */
export class Bench {
  readonly context: TransportContext;
  readonly router: Router;
  readonly notifications: { targetId: string; event: string; data: unknown }[] = [];
  private skipped = 0;

  constructor() {
    this.context = createContext({
      now: () => performance.now() + this.skipped,
      wallClockOffset: performance.timeOrigin,
      notify: (targetId, event, data) => this.notifications.push({ targetId, event, data }),
      turnEnded: () => {},
      arenaSize: 4 << 20,
    });
    this.router = new Router('router', this.context.core);
  }

  skip(ms: number): void {
    this.skipped += ms;
    this.context.core.timers.run(this.context.now());
    this.context.endTurn();
  }

  events(event: string): unknown[] {
    return this.notifications.filter((entry) => entry.event === event).map((entry) => entry.data);
  }

  /** Looks again after each round of the event loop: a datagram that is dropped tells nobody. */
  until(condition: () => boolean): Promise<void> {
    return until(condition);
  }
}

/** What a browser does on one socket: ICE checks, a DTLS handshake (werift's client), SRTP. */
export class Browser {
  readonly fingerprints: DtlsFingerprint[] = clientCertificate.fingerprints;
  readonly received: { kind: number; bytes: Buffer }[] = [];
  srtp: { sender: SrtpSender; receiver: SrtpReceiver } | null = null;
  private readonly arrivals = new EventEmitter();
  private dtls: DtlsClient | null = null;

  private constructor(
    readonly socket: Socket,
    private readonly port: number,
  ) {
    socket.on('message', (bytes) => {
      const kind = classifyDatagram(bytes, 0, bytes.length);
      this.received.push({ kind, bytes });
      if (kind === DatagramKind.Dtls) void this.dtls?.options.transport.onData(bytes, ['127.0.0.1', port]);
      this.arrivals.emit('any');
    });
  }

  static async open(t: Test, port: number): Promise<Browser> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const browser = new Browser(socket, port);
    t.teardown(() => {
      browser.quietDtls();
      socket.close();
    });
    return browser;
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes, this.port, '127.0.0.1');
  }

  /** An ICE check; resolves with the answer. */
  async check(
    parameters: { usernameFragment: string; password: string },
    useCandidate = true,
  ): Promise<void> {
    const before = this.count(DatagramKind.Stun);
    this.send(bindingRequest({ ...parameters, useCandidate }));
    await this.until(() => this.count(DatagramKind.Stun) > before);
  }

  /** Begins the handshake; resolves when this side has keys. */
  async connect(): Promise<void> {
    const dtls = new DtlsClient({
      transport: {
        type: 'udp',
        address: { address: '127.0.0.1', family: 'IPv4', port: 1 },
        closed: false,
        onData: () => {},
        send: async (datagram: Buffer) => this.send(datagram),
        close: async () => {},
      },
      cert: clientCertificate.certPem,
      key: clientCertificate.keyPem,
      signatureHash: { hash: 4, signature: 3 },
      srtpProfiles: [1],
      extendedMasterSecret: true,
    });
    this.dtls = dtls;
    const connected = dtls.onConnect.asPromise();
    dtls.connect().catch(() => {});
    await connected;
    const keys = dtls.extractSessionKeys(16, 14) as Record<string, Buffer>;
    const keying = (masterKey: Buffer, masterSalt: Buffer): SrtpKeying => ({
      profile: 'AES_CM_128_HMAC_SHA1_80',
      masterKey,
      masterSalt,
    });
    this.srtp = {
      sender: new SrtpSender(keying(keys.localKey, keys.localSalt)),
      receiver: new SrtpReceiver(keying(keys.remoteKey, keys.remoteSalt)),
    };
  }

  /** Encrypts and sends. */
  sendRtp(bytes: Uint8Array): void {
    const out = new Uint8Array(bytes.length + 32);
    out.set(bytes);
    this.send(out.subarray(0, this.srtp!.sender.protectRtp(out, 0, bytes.length)));
  }

  count(kind: number): number {
    return this.received.filter((entry) => entry.kind === kind).length;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.arrivals, 'any');
  }

  /** Decrypted RTP received so far. */
  rtp(): Buffer[] {
    return this.received
      .filter(({ kind }) => kind === DatagramKind.Rtp)
      .map(({ bytes }) => {
        const copy = Buffer.from(bytes);
        return copy.subarray(0, this.srtp!.receiver.unprotectRtp(copy, 0, copy.length));
      });
  }

  /** Ends werift's retransmissions. */
  private quietDtls(): void {
    if (this.dtls === null) return;
    this.dtls.options.transport.onData = () => {};
    this.dtls.dtls.flight = 99;
  }
}
