/** End-to-end encryption of one client's stay in a room: what the page holds. docs/e2ee.md tells the whole story. */
import type { LocalTrack, PublishOptions } from '../local-track.js';
import type { RemotePeer } from '../remote-peer.js';
import type { RoomClient } from '../room-client.js';
import type { RoomClientEvents } from '../room-client-types.js';
import { SignallingError } from '../signalling-error.js';
import { TypedEmitter } from '../typed-emitter.js';
import { ENCRYPTED_CODECS, encryptedCodec } from './clear-bytes.js';
import { type EncryptionFailure, EncryptionWorker } from './encryption-worker.js';
import { Identity } from './key-exchange.js';
import { KEY_TOPIC } from './key-messages.js';
import { PreparedEncryption } from './prepared-encryption.js';
import { SealedMessages } from './sealed-messages.js';
import { type Epoch, RoomKeys } from './room-keys.js';
import { shortCode } from './short-code.js';
import type { FrameCounters } from './worker-messages.js';

/**
 * `waiting-for-key`: nothing is sent or shown yet. `failed`: nothing can be encrypted any more, so nothing is sent or
 * shown; but for a worker that was only `worker-silent` a new page alone helps.
 */
export type EncryptionState = 'waiting-for-key' | 'encrypted' | 'failed';

/** Of a `RoomClient`, what an encrypted room uses. */
export type EncryptedClient = Pick<
  RoomClient,
  'state' | 'peerId' | 'peers' | 'publish' | 'sendMessage' | 'on' | 'off'
>;

export interface EncryptedRoomOptions {
  /** As the client's. */
  room: string;
  /**
   * Of the bundled `e2ee-worker.js`, or what `prepareEncryption` made of it ahead of time; the room ends it. One worker
   * serves one room.
   */
  worker: Worker | PreparedEncryption;
  /** This client's own role, as the others see it in `RemotePeer.info`. Default: not a host. */
  host?: boolean;
  /** Hosts hand out the keys. Default: `info.role` is `host`. */
  isHost?: (peer: RemotePeer) => boolean;
}

/** To whom a document's address and key go. */
export interface DocumentOffer {
  /** Where the sealed bytes can be had; a word of the service. */
  id: string;
  name: string;
  /** MIME type. */
  type: string;
  /** Bytes, unsealed. */
  size: number;
  /** `createDocumentKey`. */
  key: string;
}

export interface EncryptedRoomEvents {
  /** `failure` says why it is `failed`; the words for developers come by `error`. */
  state: [state: EncryptionState, failure?: EncryptionFailure];
  /** Six groups of digits, to be compared between people. It follows `epoch` half a second to a second later. */
  code: [groups: readonly string[]];
  /** Another room key: somebody came or left. */
  epoch: [epoch: { number: number; members: readonly string[] }];
  /** `id` is the same for everybody, and in the order of sending for one sender. */
  chat: [peer: RemotePeer, text: string, id: string];
  document: [peer: RemotePeer, offer: DocumentOffer, id: string];
  /** At most once a second, while media flows. */
  counters: [counters: FrameCounters];
  /** The server or somebody in the room announced a second key for this peer: somebody tampers with the keys. */
  conflict: [peerId: string];
  /** Who is here without encryption, or has not said hello yet: they hear and see nothing. */
  unencrypted: [peerIds: readonly string[]];
  error: [error: SignallingError];
}

/** The code takes a tenth of a second of computing or more, which the first sound and picture of a newcomer need first. */
const CODE_DELAY_MS = 500;

/** Whether this browser can take part in an encrypted meeting. */
export function supportsEncryption(): boolean {
  return (
    typeof RTCRtpScriptTransform === 'function' &&
    typeof Worker === 'function' &&
    typeof crypto === 'object' &&
    typeof (crypto as Partial<Crypto>).subtle === 'object'
  );
}

export class EncryptedRoom extends TypedEmitter<EncryptedRoomEvents> {
  #state: EncryptionState = 'waiting-for-key';
  #code: readonly string[] | null = null;
  #counters: FrameCounters | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #codeTimer: ReturnType<typeof setTimeout> | undefined;
  #shown: { keys: string; epoch: Epoch | null; silent: string } = { keys: '', epoch: null, silent: '' };
  #peerId: string | undefined;
  #closed = false;
  readonly #worker: EncryptionWorker;
  readonly #messages: SealedMessages;
  readonly #listening: (() => void)[] = [];

  private constructor(
    private readonly client: EncryptedClient,
    private readonly options: EncryptedRoomOptions,
    private readonly keys: RoomKeys,
    worker: Worker,
  ) {
    super();
    this.#worker = new EncryptionWorker(worker, {
      onMessage: (message) => {
        if (message.type === 'counters') this.emit('counters', (this.#counters = message.counters));
        else if (message.type === 'unknown-key') keys.missing(performance.now());
        else
          this.emit(
            'error',
            unsupported(`${message.mimeType} cannot be sent encrypted: nothing of it is sent`),
          );
      },
      onFailure: () => this.#showState(),
    });
    this.#messages = new SealedMessages(options.room, {
      epochs: () => keys.epochs,
      sending: () => keys.sending,
      selfId: () => keys.selfId,
      send: (topic, payload) => client.sendMessage(topic, payload),
      missing: () => keys.missing(performance.now()),
    });
  }

  /**
   * Before the client joins. Rejects with `encryption-unsupported` where `supportsEncryption` is false, with
   * `encryption-failed` for a `PreparedEncryption` that is not ready.
   */
  static async create(client: EncryptedClient, options: EncryptedRoomOptions): Promise<EncryptedRoom> {
    if (!supportsEncryption())
      throw unsupported('this browser cannot encrypt media: RTCRtpScriptTransform is missing');
    if (client.state !== 'new')
      throw new Error(`EncryptedRoom.create() in state ${client.state}: create it before join()`);
    const { worker, identity } = taken(options.worker);
    const keys = new RoomKeys({
      room: options.room,
      identity: await identity,
      send: (payload, to) =>
        client.sendMessage(KEY_TOPIC, payload, to).then(
          () => true,
          () => false,
        ),
      onChanged: () => room.changed(),
      onConflict: (peerId) => room.emit('conflict', peerId),
    });
    const room: EncryptedRoom = new EncryptedRoom(client, options, keys, worker);
    room.listen();
    return room;
  }

  get state(): EncryptionState {
    return this.#state;
  }

  /** Why the state is `failed`; else null. */
  get failure(): EncryptionFailure | null {
    return this.#worker.failure;
  }

  /** Null: not computed yet for who is here now. */
  get code(): readonly string[] | null {
    return this.#code;
  }

  get counters(): FrameCounters | null {
    return this.#counters;
  }

  /**
   * As `RoomClient.publish`, encrypted. Nothing is sent while there is no key. Rejects with `encryption-unsupported` for a
   * codec other than ENCRYPTED_CODECS, with `encryption-failed` in that state.
   */
  async publish(track: MediaStreamTrack, options: PublishOptions): Promise<LocalTrack> {
    this.#checkWorker();
    const { codec, source } = options;
    if (codec !== undefined && !encryptedCodec(codec)) {
      const possible = ENCRYPTED_CODECS.join(', ');
      throw unsupported(`${codec} cannot be sent encrypted; take one of ${possible}`);
    }
    return this.client.publish(track, {
      // The first that both sides have could be one that would not pass.
      codec: track.kind === 'audio' ? 'audio/opus' : 'video/VP8',
      ...options,
      onSender: (sender) => {
        sender.transform = this.#worker.transform({ side: 'send', source });
        options.onSender?.(sender);
      },
    });
  }

  /** Resolves with its id when the server has it; rejects with `no-key` before the first key, and when it is over 32 KiB. */
  async sendChat(text: string): Promise<string> {
    this.#checkWorker();
    return this.#messages.send('chat', text);
  }

  async offerDocument(offer: DocumentOffer): Promise<string> {
    this.#checkWorker();
    return this.#messages.send('document', JSON.stringify(offer));
  }

  /** Ends the worker. Leave the client first. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#codeTimer);
    for (const forget of this.#listening) forget();
    this.#worker.close();
  }

  // ---- wiring ---------------------------------------------------------------------------------------------------

  private listen(): void {
    const { client, keys } = this;
    this.#on('state', (state) => {
      if (state === 'connected') this.#connected();
    });
    this.#on('peerjoined', (peer) => {
      if (client.peerId === this.#peerId) keys.peerJoined(performance.now(), this.#describe(peer));
    });
    this.#on('peerleft', ({ id }) => {
      this.#messages.forget(id);
      keys.peerLeft(performance.now(), id);
    });
    this.#on('receivercreated', ({ peerId, source, consumerId: trackId }, receiver) => {
      receiver.transform = this.#worker.transform({ side: 'receive', source, peerId, trackId });
    });
    this.#on('message', (peer, topic, payload) => this.#hear(peer, topic, payload));
  }

  #on<K extends keyof RoomClientEvents>(event: K, listener: (...args: RoomClientEvents[K]) => void): void {
    this.client.on(event, listener);
    this.#listening.push(() => this.client.off(event, listener));
  }

  /** The client tells of the others within the same turn; then the list is whole. */
  #connected(): void {
    const { client, keys, options } = this;
    const peerId = client.peerId!;
    if (peerId === this.#peerId) return keys.resumed(performance.now());
    this.#peerId = undefined;
    queueMicrotask(() => {
      if (client.peerId !== peerId) return;
      this.#peerId = peerId;
      const before = [...client.peers.values()].map((peer) => this.#describe(peer));
      keys.enter(performance.now(), { peerId, host: options.host ?? false }, before);
    });
  }

  #describe(peer: RemotePeer): { peerId: string; host: boolean } {
    const { isHost = ({ info }: RemotePeer) => info.role === 'host' } = this.options;
    return { peerId: peer.id, host: isHost(peer) };
  }

  #hear(peer: RemotePeer, topic: string, payload: string): void {
    if (topic === KEY_TOPIC) return this.keys.receive(performance.now(), peer.id, payload);
    this.#messages.receive(peer.id, topic, payload, (kind, text, id) => {
      if (kind === 'chat') return this.emit('chat', peer, text, id);
      const offer = parseOffer(text);
      if (offer) this.emit('document', peer, offer, id);
    });
  }

  /** By the keys. */
  private changed(): void {
    if (this.#closed) return;
    const { keys } = this;
    clearTimeout(this.#timer);
    if (keys.next < Infinity) {
      this.#timer = setTimeout(
        () => keys.tick(performance.now()),
        Math.max(0, keys.next - performance.now()) + 1,
      );
    }
    this.#tellWorker();
    this.#messages.retry();
    this.#showState();
    const { newest, silent } = keys;
    if (newest && newest !== this.#shown.epoch) this.#showEpoch(newest);
    if (silent.join() !== this.#shown.silent) {
      this.#shown.silent = silent.join();
      this.emit('unencrypted', silent);
    }
  }

  #tellWorker(): void {
    const { epochs, sending, selfId } = this.keys;
    const now = `${epochs.map(({ keyId }) => keyId).join()} ${sending?.keyId} ${selfId}`;
    if (now === this.#shown.keys) return;
    this.#shown.keys = now;
    this.#worker.setKeys({
      epochs: epochs.map(({ keyId, roomKey, members }) => ({ keyId, roomKey, members })),
      sending: sending && { keyId: sending.keyId, peerId: selfId },
    });
  }

  #showEpoch(epoch: Epoch): void {
    this.#shown.epoch = epoch;
    this.#code = null;
    const { number, members } = epoch;
    this.emit('epoch', { number, members: members.map(({ peerId }) => peerId) });
    clearTimeout(this.#codeTimer);
    this.#codeTimer = setTimeout(() => void this.#showCode(epoch), CODE_DELAY_MS);
  }

  async #showCode(epoch: Epoch): Promise<void> {
    const publicKeys = epoch.members.map(({ publicKey }) => publicKey);
    const code = await shortCode(this.options.room, publicKeys);
    if (this.#closed || this.#shown.epoch !== epoch) return;
    this.#code = code;
    this.emit('code', code);
  }

  #checkWorker(): void {
    const { error } = this.#worker;
    if (error) throw error;
  }

  #showState(): void {
    const { error, failure } = this.#worker;
    const keyed = this.keys.sending ? 'encrypted' : 'waiting-for-key';
    const state = failure ? 'failed' : keyed;
    if (state === this.#state) return;
    this.#state = state;
    if (!failure) return this.emit('state', state);
    this.emit('state', state, failure);
    this.emit('error', error!);
  }
}

function taken(worker: EncryptedRoomOptions['worker']): { worker: Worker; identity: Promise<Identity> } {
  return worker instanceof PreparedEncryption ? worker.take() : { worker, identity: Identity.create() };
}

function unsupported(message: string): SignallingError {
  return new SignallingError('encryption-unsupported', message);
}

/** Null: not what `offerDocument` sends. */
function parseOffer(text: string): DocumentOffer | null {
  try {
    const { id, name, type, size, key } = JSON.parse(text) as Record<keyof DocumentOffer, unknown>;
    const texts = [id, name, type, key].every((value) => typeof value === 'string');
    if (!texts || !Number.isSafeInteger(size) || (size as number) < 0) return null;
    return { id, name, type, size, key } as DocumentOffer;
  } catch {
    return null;
  }
}
