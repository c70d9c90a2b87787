import { randomBytes } from 'node:crypto';
import { alertFor, AlertLevel, CLOSE_NOTIFY, encodeAlert } from './dtls-alert.js';
import { buildRecord, ContentType, packRecords, RecordReader } from './dtls-record.js';
import { type DtlsFailure } from './dtls-reasons.js';
import { resolveLimits, type DtlsLimits, type DtlsServerSessionOptions } from './dtls-session-options.js';
import {
  FragmentReader,
  HandshakeType,
  isClientMessage,
  readFinished,
  type HandshakeMessage,
} from './handshake-message.js';
import { HandshakeReassembler } from './handshake-reassembler.js';
import { type RecordCipher } from './record-cipher.js';
import { ServerHandshake, type DtlsConnection, type HandshakeStep } from './server-handshake.js';

export type DtlsSessionState = 'new' | 'connecting' | 'connected' | 'failed' | 'closed';

/** The largest message a client sends is its Certificate: room for a chain. */
const MAX_MESSAGE_BYTES = 16384;
const MAX_BUFFERED_BYTES = 20480;
/** A reordered Finished, and company: encrypted records kept until the keys are there. */
const MAX_EARLY_RECORDS = 4;
const MAX_EARLY_RECORD_BYTES = 256;
const COOKIE_BYTES = 20;
const CHANGE_CIPHER_SPEC = Uint8Array.of(1);

interface EarlyRecord {
  sequenceNumber: number;
  fragment: Uint8Array;
}

/**
 * One DTLS 1.2 server session over datagrams of a peer whose address was validated (by ICE): hand every DTLS
 * datagram of that peer to `receive`. Everything happens within the call; only the timeout and the repetition of
 * flight 4 have timers. Nothing that the peer sends makes `receive` throw.
 */
export class DtlsServerSession {
  state: DtlsSessionState = 'new';

  private readonly limits: DtlsLimits;

  private readonly records = new RecordReader();
  private readonly fragments = new FragmentReader();

  // Of the handshake: released when it ends.
  private handshake: ServerHandshake | null;
  private reassembler: HandshakeReassembler | null;
  private earlyRecords: EarlyRecord[] = [];
  private pendingFinished: HandshakeMessage | null = null;
  private flight4: HandshakeMessage[] | null = null;
  private handshakeDatagrams = 0;

  // Of the connection.
  private cipher: RecordCipher | null = null;
  private ourFinished: HandshakeMessage | null = null;
  private peerFinishedSequence = -1;

  private epoch0SequenceNumber = 0;
  private flightsSent = 0;
  private handshakeTimer: NodeJS.Timeout | null = null;
  private retransmissionTimer: NodeJS.Timeout | null = null;

  constructor(private readonly options: DtlsServerSessionOptions) {
    this.limits = resolveLimits(options);
    const { certificate, remoteFingerprints, srtpProfiles } = options;
    const cookie = randomBytes(COOKIE_BYTES);
    this.handshake = new ServerHandshake({ certificate, remoteFingerprints, srtpProfiles, cookie });
    this.reassembler = new HandshakeReassembler(MAX_MESSAGE_BYTES, MAX_BUFFERED_BYTES);
  }

  /** Handles one datagram; its bytes may be reused afterwards. Ignored when failed or closed. */
  receive(datagram: Uint8Array): void {
    if (this.ended) return;
    if (datagram.length > this.limits.maxDatagramBytes) {
      this.options.onDrop('datagram-too-large');
      return;
    }
    const { records } = this;
    const storedBefore = this.reassembler?.storedBytes ?? 0;
    records.begin(datagram);
    // A callback may close the session between two records.
    while (!this.ended && records.next()) {
      if (records.epoch === 0) this.plainRecord();
      else if (records.epoch === 1) this.protectedRecord();
      else this.options.onDrop('bad-epoch');
    }
    if (this.ended) return;
    if (records.malformed) this.options.onDrop('malformed-record');
    if (this.reassembler && this.reassembler.storedBytes > storedBefore) this.countHandshakeDatagram();
  }

  /** Ends the session without further callbacks; a connected peer is told. */
  close(): void {
    if (this.ended) return;
    const { cipher } = this;
    this.release('closed');
    if (cipher) this.sendCloseNotify(cipher);
  }

  private get ended(): boolean {
    return this.state === 'failed' || this.state === 'closed';
  }

  // ---- epoch 0 -------------------------------------------------------------------------------------------

  private plainRecord(): void {
    const { records } = this;
    switch (records.contentType) {
      case ContentType.Handshake:
        return this.plainHandshake();
      case ContentType.Alert:
        return this.options.onDrop('plaintext-alert');
      case ContentType.ApplicationData:
        return this.options.onDrop('plaintext-application-data');
      default:
        // ChangeCipherSpec: the epoch in the record header says the same. One that says anything else is nonsense.
        if (this.records.fragmentLength !== 1 || this.records.bytes[this.records.fragmentOffset] !== 1) {
          this.options.onDrop('bad-change-cipher-spec');
        }
        return;
    }
  }

  private plainHandshake(): void {
    const { records, fragments, options } = this;
    fragments.begin(records.bytes, records.fragmentOffset, records.fragmentLength);
    while (!this.ended && fragments.next()) {
      if (this.reassembler) this.handshakeFragment(this.reassembler);
      else
        options.onDrop(
          fragments.type === HandshakeType.ClientHello ? 'renegotiation' : 'duplicate-handshake',
        );
    }
    if (fragments.malformed && !this.ended) options.onDrop('malformed-handshake');
  }

  private handshakeFragment(reassembler: HandshakeReassembler): void {
    const { fragments } = this;
    if (!isClientMessage(fragments.type)) {
      this.options.onDrop('unexpected-message');
      return;
    }
    const reason = reassembler.add(fragments, this.records.bytes);
    if (reason !== null) {
      this.options.onDrop(reason);
      if (reason === 'duplicate-handshake') this.answerRepetition(reassembler.next);
      return;
    }
    if (reassembler.storedBytes > this.limits.maxHandshakeBytes) this.fail('handshake-limit');
    else this.takeMessages(reassembler);
  }

  /** Hands over every message that is complete and in order. */
  private takeMessages(reassembler: HandshakeReassembler): void {
    for (let message = reassembler.peek(); message; message = reassembler.peek()) {
      const step = this.handshake!.receivePlain(message);
      if (step.kind === 'drop') reassembler.discard();
      else reassembler.advance();
      this.follow(step);
      if (!this.handshake) return;
      if (step.kind === 'drop') break;
    }
    if (this.handshake?.cipher) this.openEarlyRecords(this.handshake.cipher);
    this.tryPendingFinished();
  }

  /** The peer repeats a flight because it has not seen our answer: give it again. */
  private answerRepetition(next: number): void {
    const { fragments, handshake } = this;
    if (!handshake || fragments.type !== HandshakeType.ClientHello || fragments.fragmentOffset !== 0) return;
    // Only the ClientHello that we answered last; an older one overtook its successor.
    if (fragments.sequence !== next - 1) return;
    if (this.flight4) this.sendFlight(this.plainRecords(this.flight4));
    else if (next === 1) this.sendFlight(this.plainRecords([handshake.helloVerifyRequest()]));
  }

  // ---- epoch 1 -------------------------------------------------------------------------------------------

  private protectedRecord(): void {
    const { records } = this;
    const end = records.fragmentOffset + records.fragmentLength;
    const fragment = records.bytes.subarray(records.fragmentOffset, end);
    const cipher = this.cipher ?? this.handshake?.cipher ?? null;
    if (cipher) this.openRecord(cipher, records.contentType, records.sequenceNumber, fragment);
    else this.keepEarlyRecord(fragment);
  }

  private keepEarlyRecord(fragment: Uint8Array): void {
    const { contentType, sequenceNumber } = this.records;
    const wanted =
      contentType === ContentType.Handshake &&
      fragment.length <= MAX_EARLY_RECORD_BYTES &&
      this.flight4 !== null &&
      this.earlyRecords.length < MAX_EARLY_RECORDS;
    if (!wanted) this.options.onDrop('early-record');
    else this.earlyRecords.push({ sequenceNumber, fragment: fragment.slice() });
  }

  private openEarlyRecords(cipher: RecordCipher): void {
    for (const { sequenceNumber, fragment } of this.earlyRecords.splice(0)) {
      if (this.ended) return;
      this.openRecord(cipher, ContentType.Handshake, sequenceNumber, fragment);
    }
  }

  private openRecord(
    cipher: RecordCipher,
    contentType: number,
    sequenceNumber: number,
    fragment: Uint8Array,
  ): void {
    const { onDrop } = this.options;
    const replayed = cipher.replay.check(sequenceNumber) !== 0;
    // Some clients repeat their last flight byte by byte; it still has to be answered.
    if (replayed && contentType !== ContentType.Handshake) return onDrop('replayed-record');
    const plaintext = cipher.open(contentType, sequenceNumber, fragment);
    if (!plaintext) return onDrop('bad-record-mac');
    if (!replayed) cipher.replay.accept(sequenceNumber);
    switch (contentType) {
      case ContentType.Handshake:
        return this.protectedHandshake(plaintext, replayed);
      case ContentType.Alert:
        return this.authenticatedAlert(plaintext);
      case ContentType.ApplicationData:
        return onDrop('application-data');
      default:
        return onDrop('unexpected-message');
    }
  }

  private protectedHandshake(plaintext: Uint8Array, replayed: boolean): void {
    const message = readFinished(plaintext);
    if (this.state === 'connected') {
      // Flight 6 got lost, and the peer repeats flight 5: its plaintext part is ignored, this part is authentic.
      if (message?.sequence === this.peerFinishedSequence) this.sendFlight6();
      else this.options.onDrop(replayed ? 'replayed-record' : 'renegotiation');
      return;
    }
    if (!message) this.options.onDrop('unexpected-message');
    else if (message.sequence < this.reassembler!.next) this.options.onDrop('duplicate-handshake');
    else {
      this.pendingFinished = message;
      this.tryPendingFinished();
    }
  }

  /** A Finished that overtook its flight waits until the messages before it are there. */
  private tryPendingFinished(): void {
    const message = this.pendingFinished;
    if (!message || message.sequence !== this.reassembler?.next) return;
    this.pendingFinished = null;
    this.peerFinishedSequence = message.sequence;
    this.follow(this.handshake!.receiveFinished(message));
  }

  private authenticatedAlert(plaintext: Uint8Array): void {
    const { onDrop, onClosed } = this.options;
    if (this.state !== 'connected') return onDrop('early-alert');
    const [level, description] = plaintext;
    if (plaintext.length !== 2) return onDrop('malformed-record');
    if (level !== AlertLevel.Fatal && description !== CLOSE_NOTIFY) return onDrop('warning-alert');
    const { cipher } = this;
    this.release('closed');
    // RFC 5246 section 7.2.1: answered in kind.
    if (description === CLOSE_NOTIFY) this.sendCloseNotify(cipher!);
    onClosed();
  }

  // ---- flights -------------------------------------------------------------------------------------------

  private follow(step: HandshakeStep): void {
    switch (step.kind) {
      case 'wait':
        return;
      case 'drop':
        return this.options.onDrop(step.reason);
      case 'fail':
        return this.fail(step.reason);
      case 'flight':
        return this.answer(step.messages);
      case 'connected':
        return this.connected(step.finished, step.connection);
    }
  }

  private answer(messages: HandshakeMessage[]): void {
    if (this.state === 'new') {
      this.state = 'connecting';
      this.handshakeTimer = setTimeout(() => this.fail('handshake-timeout'), this.limits.handshakeTimeoutMs);
    }
    if (messages[0].type === HandshakeType.ServerHello) {
      this.flight4 = messages;
      this.scheduleRetransmission(this.limits.retransmissionTimeoutMs);
    }
    this.sendFlight(this.plainRecords(messages));
  }

  private scheduleRetransmission(delayMs: number): void {
    const repeat = () => {
      if (!this.flight4) return;
      this.sendFlight(this.plainRecords(this.flight4));
      this.scheduleRetransmission(2 * delayMs);
    };
    // Timers run before sockets are read: on a busy thread the answer may lie there already.
    this.retransmissionTimer = setTimeout(() => setImmediate(repeat), delayMs);
  }

  private connected(finished: HandshakeMessage, connection: DtlsConnection): void {
    this.cipher = this.handshake!.cipher;
    this.ourFinished = finished;
    this.state = 'connected';
    // However often the handshake had to repeat itself, its end gets through.
    this.flightsSent = 0;
    this.releaseHandshake();
    this.sendFlight6();
    this.options.onConnected(connection);
  }

  private sendFlight6(): void {
    const changeCipherSpec = this.plainRecord0(ContentType.ChangeCipherSpec, CHANGE_CIPHER_SPEC);
    this.sendFlight([changeCipherSpec, this.cipher!.seal(ContentType.Handshake, this.ourFinished!.bytes)]);
  }

  /** Records under new numbers, also when repeated: a receiver discards numbers that it has seen. */
  private plainRecords(messages: readonly HandshakeMessage[]): Uint8Array[] {
    return messages.map((message) => this.plainRecord0(ContentType.Handshake, message.bytes));
  }

  private plainRecord0(contentType: number, fragment: Uint8Array): Uint8Array {
    return buildRecord(contentType, 0, this.epoch0SequenceNumber++, fragment);
  }

  /** Every answer goes through here, so that nobody can make us send without end. */
  private sendFlight(records: readonly Uint8Array[]): void {
    if (this.flightsSent >= this.limits.maxFlights) {
      this.options.onDrop('retransmission-limit');
      return;
    }
    this.flightsSent++;
    for (const datagram of packRecords(records)) this.options.send(datagram);
  }

  // ---- the end -------------------------------------------------------------------------------------------

  private countHandshakeDatagram(): void {
    if (++this.handshakeDatagrams > this.limits.maxHandshakeDatagrams) this.fail('handshake-limit');
  }

  private fail(reason: DtlsFailure): void {
    if (this.ended || this.state === 'connected') return;
    this.release('failed');
    // Tells an honest peer not to wait; our epoch is still 0, so it cannot be encrypted.
    this.options.send(this.plainRecord0(ContentType.Alert, encodeAlert(AlertLevel.Fatal, alertFor(reason))));
    this.options.onFailed(reason);
  }

  private sendCloseNotify(cipher: RecordCipher): void {
    this.options.send(cipher.seal(ContentType.Alert, encodeAlert(AlertLevel.Warning, CLOSE_NOTIFY)));
  }

  private release(state: 'failed' | 'closed'): void {
    this.state = state;
    this.releaseHandshake();
    this.cipher = null;
    this.ourFinished = null;
  }

  private releaseHandshake(): void {
    if (this.handshakeTimer) clearTimeout(this.handshakeTimer);
    if (this.retransmissionTimer) clearTimeout(this.retransmissionTimer);
    this.handshakeTimer = null;
    this.retransmissionTimer = null;
    this.handshake = null;
    this.reassembler = null;
    this.earlyRecords = [];
    this.pendingFinished = null;
    this.flight4 = null;
  }
}
