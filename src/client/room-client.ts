/** A participant in a room: joins, publishes, receives, and comes back after whatever happens to the connection. */
import type { Device } from 'mediasoup-client';
import type { JoinResponse, NotificationMessage, RequestName, Requests } from '../signalling/messages.js';
import { CloseCode, type ProducerSource } from '../signalling/protocol.js';
import { connect, type Connection, leftMeanwhile } from './connection-attempt.js';
import { Devices } from './devices.js';
import { IceServers } from './ice-servers.js';
import type { LocalTrack, PublishOptions } from './local-track.js';
import { MediaSession } from './media-session.js';
import { forgetPage, listenToPage } from './platform.js';
import { Publisher } from './publisher.js';
import { RaisedHand } from './raised-hand.js';
import { Receiver } from './receiver.js';
import { Reconnection } from './reconnection.js';
import type { RemotePeers } from './remote-peers.js';
import type { RemotePeer } from './remote-peer.js';
import type { RoomClientEvents, RoomClientOptions, RoomClientState } from './room-client-types.js';
import { errorCode, isConnectionLost, SignallingError } from './signalling-error.js';
import type { SignallingSocket } from './signalling-socket.js';
import { STATS_INTERVAL_MS, type StatsListener, StatsWatch } from './stats-watch.js';
import { TypedEmitter } from './typed-emitter.js';

/** The session that a socket carries or may resume. */
interface Session {
  resumeToken: string;
  media: MediaSession;
}

export class RoomClient extends TypedEmitter<RoomClientEvents> {
  #state: RoomClientState = 'new';
  #peerId: string | undefined;
  #socket: SignallingSocket | null = null;
  #session: Session | null = null;
  /** Of the stay that is looking for a connection. */
  #reconnecting: AbortSignal | null = null;
  readonly #publisher: Publisher;
  readonly #receiver: Receiver;
  readonly #stats: StatsWatch;
  readonly #devices: Devices;
  readonly #iceServers: IceServers;
  readonly #reconnection: Reconnection;
  #pinnedIds: string[] = [];
  readonly #hand: RaisedHand;
  /** From a join to its end, which aborts all that belongs to it. */
  #stay = new AbortController();

  constructor(private readonly options: RoomClientOptions) {
    super();
    this.#devices = new Devices(options.device);
    this.#iceServers = new IceServers(options.iceServers, options.iceServersLifetimeMs);
    this.#reconnection = new Reconnection(options.reconnect);
    this.#publisher = new Publisher({
      preferredVideoCodec: options.preferredVideoCodec,
      requireEncryption: options.requireEncryption ?? false,
      media: () => this.#session?.media ?? null,
      connected: () => this.#connected(),
      tell: (request, data) => this.#tell(request, data),
      onClosed: (track) => this.#trackClosed(track),
      onError: (error) => this.#report(error),
    });
    this.#hand = new RaisedHand({
      tell: (raised) => this.#request('raiseHand', { raised }),
      onChanged: (at) => this.emit('handraised', this.#peerId!, at),
    });
    this.#stats = new StatsWatch({
      media: () => this.#session?.media ?? null,
      connected: () => this.#state === 'connected',
      localTracks: () => this.#publisher.tracks,
      remote: () => this.#receiver.remote,
      serverStats: (id) => this.getServerStats(id),
    });
    this.#receiver = new Receiver({
      emit: this.emit.bind(this) as RemotePeers['emit'],
      requireEncryption: options.requireEncryption ?? false,
      media: () => this.#session?.media ?? null,
      tell: (request, data) => this.#tell(request, data),
      onError: (error) => this.#report(error),
    });
  }

  get state(): RoomClientState {
    return this.#state;
  }

  /** Changes when the session was lost and the client joined anew. */
  get peerId(): string | undefined {
    return this.#peerId;
  }

  get peers(): ReadonlyMap<string, RemotePeer> {
    return this.#receiver.remote.peers;
  }

  /** Who leads the conversation, which may be this client. */
  get activeSpeakerId(): string | null {
    return this.#receiver.remote.activeSpeakerId;
  }

  get localTracks(): ReadonlyMap<ProducerSource, LocalTrack> {
    return this.#publisher.tracks;
  }

  /** This client's own hand, as in `handraised`. */
  get handRaisedAt(): number | null {
    return this.#hand.at;
  }

  /**
   * Once; rejects with a coded error when the first attempt fails, at once with `closed` when the client is left meanwhile.
   * It may then be called again.
   */
  async join(): Promise<void> {
    if (this.#state !== 'new' && this.#state !== 'closed') throw new Error(`join() in state ${this.#state}`);
    const stay = (this.#stay = new AbortController());
    this.#setState('connecting');
    try {
      await this.#connect(stay.signal);
    } catch (error) {
      // Left meanwhile, and perhaps joined again: that is not ours to end.
      if (!stay.signal.aborted) this.#end(errorCode(error), closeText(error));
      throw error;
    }
    listenToPage('pagehide', this.#onPageHide);
    listenToPage('online', this.#onOnline);
  }

  /** Resolves when it is being sent, also across a reconnect. One track per source: publishing again replaces it. */
  async publish(track: MediaStreamTrack, options: PublishOptions): Promise<LocalTrack> {
    if (this.#state === 'new' || this.#state === 'closed') {
      throw new SignallingError('closed', 'join() before publish()');
    }
    return this.#publisher.publish(track, options);
  }

  /** Which simulcast or SVC layers of a stream to receive; the server may send lower ones. */
  async setPreferredLayers(
    trackId: string,
    layers: { spatialLayer: number; temporalLayer?: number },
  ): Promise<void> {
    await this.#tell('setPreferredLayers', { consumerId: trackId, ...layers });
  }

  /** Stops or goes on receiving a stream, whatever its `setDisplaySize`. For what is out of sight that is enough. */
  async setReceiving(trackId: string, receiving: boolean): Promise<void> {
    await this.#receiver.remote.setReceiving(trackId, receiving);
  }

  /** Receives these peers always, also in a large room where only the last speakers are; replaces the list before. */
  async pin(peerIds: readonly string[]): Promise<void> {
    this.#pinnedIds = [...peerIds];
    await this.#tell('pin', { peerIds: this.#pinnedIds });
  }

  /**
   * To everybody else in the room, or to those peers; resolves with to how many it went. `topic`: 1-32 characters,
   * `payload`: up to 48 KiB. Rejects with a coded error, also while reconnecting: nothing is sent again by itself.
   */
  async sendMessage(topic: string, payload: string, to?: readonly string[]): Promise<number> {
    return (await this.#request('message', { topic, payload, to: to && [...to] })).recipients;
  }

  /** Stays so over lost connections, though after a rejoin at the end of the line. */
  async raiseHand(raised: boolean): Promise<void> {
    await this.#hand.set(raised).catch((error: unknown) => {
      // The next join makes good for a lost connection.
      if (!isConnectionLost(error)) throw error;
    });
  }

  async requestKeyFrame(trackId: string): Promise<void> {
    await this.#tell('requestKeyFrame', { consumerId: trackId });
  }

  /** The server's statistics of a producer, consumer or transport of this client. */
  async getServerStats(id: string): Promise<unknown[]> {
    return (await this.#request('getStats', { id })).stats;
  }

  /**
   * Calls back with how this connection, and what comes through it, does: at once and then every `intervalMs` (those of
   * the first watcher count). Rates and qualities are there from the second call on. Nothing is measured while nobody
   * watches. Returns a function that ends it.
   */
  watchStats(listener: StatsListener, intervalMs = STATS_INTERVAL_MS): () => void {
    return this.#stats.watch(listener, intervalMs);
  }

  /** Never rejects. The others see it at once. */
  async leave(): Promise<void> {
    const socket = this.#socket;
    const { signal } = this.#stay;
    if (socket && !socket.closed && this.#session) {
      await socket.request('leave', {}, 1_000).catch(() => {});
    }
    if (!signal.aborted) this.#end('left');
  }

  // ---- connecting ---------------------------------------------------------------------------------------------

  async #connect(signal: AbortSignal): Promise<void> {
    const connection = await connect(
      {
        options: this.options,
        devices: this.#devices,
        iceServers: this.#iceServers,
        resumeToken: () => this.#session?.resumeToken,
        dropSession: () => this.#dropSession(),
        onClosed: (closed, code, reason) => this.#socketClosed(closed, code, reason),
      },
      signal,
    );
    const { socket } = connection;
    try {
      // Either can happen in the very turn in which the answer came.
      signal.throwIfAborted();
      if (socket.closed) throw new SignallingError('connection-lost', 'lost right after the join');
      this.#joined(connection);
    } catch (error) {
      if (this.#socket === socket) this.#socket = null;
      socket.close();
      throw error;
    }
  }

  #joined({ socket, device, joined }: Connection): void {
    if (!joined.resumed) this.#dropSession();
    this.#peerId = joined.peerId;
    this.#socket = socket;
    this.#reconnection.connected();
    const media = this.#session?.media ?? this.#createMedia(device, joined);
    this.#session = { resumeToken: joined.resumeToken, media };
    this.#setState('connected');
    this.#receiver.joined(joined, media);
    if (joined.resumed) media.recover(joined.transports);
    for (const { producerId, reason } of joined.closedProducers ?? [])
      this.#publisher.endedByServer(producerId, reason);
    this.#publisher.reconcile(joined.producers, media);
    if (this.#pinnedIds.length > 0) void this.#tell('pin', { peerIds: this.#pinnedIds });
    this.#hand.joined(joined.handRaisedAt ?? null).catch((error: unknown) => this.#reportUnlessLost(error));
    socket.start((message) => this.#handle(message, media));
  }

  #createMedia(device: Device, joined: JoinResponse): MediaSession {
    const media: MediaSession = new MediaSession(
      device,
      joined.transports,
      { servers: this.#iceServers, policy: this.options.iceTransportPolicy },
      (request, data) => this.#request(request, data),
      {
        onBroken: (error) => {
          // A lost socket is no fault of the transports: the resume repeats the request.
          if (!isConnectionLost(error)) this.#rebuild(media);
        },
      },
    );
    return media;
  }

  #handle(message: NotificationMessage, media: MediaSession): void {
    const { notification: name, data } = message;
    switch (name) {
      case 'producerEncodings':
        return this.#publisher.wantedEncodings(data.producerId, data.encodings);
      case 'producerClosed':
        return this.#publisher.endedByServer(data.producerId, data.reason);
      case 'transportFailed':
        return this.#rebuild(media);
      case 'closing':
        if (data.reason === 'draining') this.emit('draining', data.deadlineMs);
        return;
      default:
        return this.#receiver.handle(message, media);
    }
  }

  // ---- losing and finding the connection -------------------------------------------------------------------------

  #socketClosed(socket: SignallingSocket, code: number, reason: string): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    if (code === CloseCode.Policy || code === CloseCode.Replaced) return this.#end(reason || 'refused');
    if (code === CloseCode.Removed) return this.#end('removed', reason);
    if (code === CloseCode.Ended) return this.#end('ended', reason);
    // The server said that the session is over, so only what we publish is kept.
    if (code === CloseCode.RoomClosed || code === CloseCode.Draining) this.#dropSession();
    void this.#reconnect(reason || 'connection-lost');
  }

  /** Leaves the session for a fresh one: its transports cannot be saved. */
  #rebuild(media: MediaSession): void {
    if (this.#session?.media !== media || this.#state !== 'connected') return;
    this.#socket?.close();
    this.#socket = null;
    this.#dropSession();
    void this.#reconnect('transport-failed');
  }

  async #reconnect(reason: string): Promise<void> {
    const { signal } = this.#stay;
    this.#setState('reconnecting', reason);
    // It was lost again before it could be called found.
    if (this.#reconnecting === signal) return;
    this.#reconnecting = signal;
    try {
      while (this.#state === 'reconnecting' && !signal.aborted) {
        await this.#reconnection.run(() => this.#connect(signal), signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#report(error);
      this.#end(errorCode(error), closeText(error));
    } finally {
      if (this.#reconnecting === signal) this.#reconnecting = null;
    }
  }

  readonly #onOnline = (): void => this.#reconnection.wake();

  readonly #onPageHide = (): void => this.#end('left');

  #dropSession(): void {
    const session = this.#session;
    this.#session = null;
    if (!session) return;
    this.#publisher.detach();
    session.media.close();
    this.#receiver.remote.clear('rejoin');
  }

  #end(reason: string, text?: string): void {
    if (this.#state === 'closed') return;
    this.#stay.abort(leftMeanwhile());
    this.#pinnedIds = [];
    this.#hand.forget();
    this.#setState('closed', reason, text);
    this.#socket?.close();
    this.#socket = null;
    const session = this.#session;
    this.#session = null;
    session?.media.close();
    this.#receiver.remote.clear(reason);
    this.#publisher.close();
    forgetPage('pagehide', this.#onPageHide);
    forgetPage('online', this.#onOnline);
  }

  // ---- small things -----------------------------------------------------------------------------------------------

  #setState(state: RoomClientState, reason?: string, text?: string): void {
    this.#state = state;
    if (text === undefined) this.emit('state', state, reason);
    else this.emit('state', state, reason, text);
  }

  #trackClosed(track: LocalTrack): void {
    const { closedReason } = track;
    if (closedReason === undefined) this.emit('localtrackclosed', track);
    else this.emit('localtrackclosed', track, closedReason);
  }

  /** Resolves with the media of the present or next connection. */
  #connected(): Promise<MediaSession> {
    if (this.#state === 'connected' && this.#session) return Promise.resolve(this.#session.media);
    return new Promise((resolve, reject) => {
      const check = (state: RoomClientState): void => {
        if (state === 'connecting' || state === 'reconnecting') return;
        this.off('state', check);
        // The session is there right after the state, within the same tick.
        queueMicrotask(() => {
          if (this.#session) resolve(this.#session.media);
          else reject(new SignallingError('closed', 'the client is closed'));
        });
      };
      this.on('state', check);
    });
  }

  #request<K extends RequestName>(request: K, data: Requests[K]['data']): Promise<Requests[K]['response']> {
    if (!this.#socket) return Promise.reject(new SignallingError('connection-lost', 'not connected'));
    return this.#socket.request(request, data);
  }

  /** A request whose loss the next resume makes good; what has closed meanwhile is no error. Never rejects. */
  async #tell<K extends RequestName>(request: K, data: Requests[K]['data']): Promise<void> {
    try {
      await this.#request(request, data);
    } catch (error) {
      if (errorCode(error) !== 'not-found') this.#reportUnlessLost(error);
    }
  }

  #reportUnlessLost(error: unknown): void {
    // What was under way when the client was left ends with it: that is no trouble of anybody's.
    if (!isConnectionLost(error) && this.#state !== 'closed') this.#report(error);
  }

  #report(error: unknown): void {
    this.emit('error', error instanceof Error ? error : new Error(String(error)));
  }
}

/** What the server says to people about the end. */
function closeText(error: unknown): string | undefined {
  const code = errorCode(error);
  return code === 'removed' || code === 'ended' ? (error as Error).message : undefined;
}
