/**
 * Stands in for sluss/client when only the page is tested: no server, no codecs. The test reaches it as
 * `window.sluss.client` and plays the other people: `fake.arrive('Anna')`, `fake.depart(id)` and so on.
 * Their pictures are canvases in different colours with a moving bar, their voices are silent.
 */
import type { ConnectionStats, QualityLevel, QualityReason } from '../../../src/client/index.js';

export { SignallingError } from '../../../src/client/signalling-error.js';
export { simulcastEncodings, videoBitrate } from '../../../src/client/simulcast.js';

export const prepareDevice = (): Promise<undefined> => Promise.resolve(undefined);

type Listener = (...values: never[]) => void;
type Source = 'microphone' | 'camera' | 'screen';
type State = 'new' | 'connecting' | 'connected' | 'reconnecting' | 'closed';

interface FakeTrack {
  id: string;
  producerId: string;
  kind: 'audio' | 'video';
  source: Source;
  track: MediaStreamTrack;
  paused: boolean;
  layers: { spatialLayer: number } | null | undefined;
  consumedAt: number;
  /** What the page says it needs. */
  displaySize: [width: number, height: number] | null;
  setDisplaySize(width: number, height: number): void;
}

interface FakePeer {
  id: string;
  displayName: string;
  participantId: string | undefined;
  info: Record<string, string | number | boolean>;
  handRaisedAt: number | null;
  tracks: Map<string, FakeTrack>;
  sources: Map<Source, { paused: boolean }>;
}

declare global {
  interface Window {
    /** What the page publishes. */
    sluss: { client: RoomClient };
    /** Set by the test before joining: the code that `join()` shall reject with. */
    fakeJoinError?: string;
    /** The same for `publish()`. */
    fakePublishError?: string;
  }
}

export class RoomClient {
  state: State = 'new';
  readonly peerId = 'me';
  readonly activeSpeakerId = null;
  handRaisedAt: number | null = null;
  readonly peers = new Map<string, FakePeer>();
  readonly localTracks = new Map<Source, FakeLocalTrack>();
  /** What the page asked for, in order. */
  readonly calls: string[] = [];
  readonly #listeners = new Map<string, Set<Listener>>();
  #nextId = 1;
  readonly #watchers = new Set<(stats: ConnectionStats) => void>();

  constructor(readonly options: { url: string; room: string; displayName: string }) {}

  on(event: string, listener: Listener): this {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return this;
  }

  async join(): Promise<void> {
    this.setState('connecting');
    if (window.fakeJoinError !== undefined) {
      this.setState('closed');
      throw Object.assign(new Error('the join was refused'), { code: window.fakeJoinError });
    }
    this.setState('connected');
  }

  async leave(): Promise<void> {
    this.calls.push('leave');
    this.setState('closed');
  }

  async publish(track: MediaStreamTrack, options: { source: Source; encodings?: unknown[]; codec?: string }) {
    this.calls.push(
      `publish ${options.source} encodings=${options.encodings?.length ?? 0} codec=${options.codec ?? ''}`,
    );
    if (window.fakePublishError !== undefined) throw new Error(window.fakePublishError);
    const local = new FakeLocalTrack(track, options.source, this.calls, this.localTracks);
    this.localTracks.set(options.source, local);
    return local;
  }

  async pin(peerIds: readonly string[]): Promise<void> {
    this.calls.push(`pin ${peerIds.join()}`);
  }

  async raiseHand(raised: boolean): Promise<void> {
    this.calls.push(`raiseHand ${raised}`);
    this.#showHand(this.peerId, raised);
  }

  /** Goes to everybody who is there; the test answers with `emit('message', ...)`. */
  async sendMessage(topic: string, payload: string, to?: readonly string[]): Promise<number> {
    this.calls.push(`sendMessage ${topic} ${payload}`);
    return to?.length ?? this.peers.size;
  }

  watchStats(listener: (stats: ConnectionStats) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** The own connection is good; the others have what is said here by their ids, with a reason, or are good too. */
  measure(troubles: Record<string, [QualityLevel, QualityReason]> = {}): void {
    const peers = [...this.peers.values()];
    const rate = (id: string): ConnectionStats['quality'] => {
      const trouble = troubles[id];
      return trouble === undefined
        ? { level: 'good', reasons: [] }
        : { level: trouble[0], reasons: [trouble[1]] };
    };
    const stats: ConnectionStats = {
      quality: rate('self'),
      roundTripMs: 34.4,
      uplink: { bitrate: 1_234_000, loss: 0.004, available: 2_400_000 },
      downlink: { bitrate: 861_000, loss: 0, available: 3_100_000 },
      sent: [
        { source: 'microphone', bitrate: 31_000, loss: 0, encodings: { active: 1, all: 1 }, codec: 'opus' },
        {
          ...{
            source: 'camera',
            bitrate: 1_203_000,
            loss: 0.004,
            framesPerSecond: 29.7,
            width: 1280,
            height: 720,
          },
          ...{ encodings: { active: 2, all: 3 }, codec: 'VP8' },
        },
      ],
      received: new Map(
        peers.flatMap(({ id, tracks }) =>
          [...tracks.values()].map((track) => [track.id, measured(id, track, rate(id))] as const),
        ),
      ),
      peers: new Map(peers.filter(({ tracks }) => tracks.size > 0).map(({ id }) => [id, rate(id)])),
    };
    for (const watcher of this.#watchers) watcher(stats);
  }

  setState(state: State, reason?: string): void {
    this.state = state;
    this.emit('state', state, reason);
  }

  /** Another person comes in with camera and microphone; returns the person's id. `info`: such as `{ role: 'host' }`. */
  arrive(
    displayName: string,
    sources: Source[] = ['microphone', 'camera'],
    info: FakePeer['info'] = {},
  ): string {
    const peer: FakePeer = {
      id: `peer-${this.#nextId++}`,
      displayName,
      participantId: undefined,
      info,
      handRaisedAt: null,
      tracks: new Map(),
      sources: new Map(sources.map((source) => [source, { paused: false }])),
    };
    this.peers.set(peer.id, peer);
    this.emit('peerjoined', peer);
    for (const source of sources) this.add(peer.id, source);
    return peer.id;
  }

  depart(peerId: string): void {
    const peer = this.#peer(peerId);
    this.peers.delete(peerId);
    this.emit('peerleft', peer, 'left');
  }

  add(peerId: string, source: Source): void {
    const peer = this.#peer(peerId);
    const number = this.#nextId++;
    const track: FakeTrack = {
      id: `track-${number}`,
      producerId: `producer-${number}`,
      kind: source === 'microphone' ? 'audio' : 'video',
      source,
      track: source === 'microphone' ? silence() : picture(number, peer.displayName),
      paused: false,
      layers: undefined,
      consumedAt: performance.now(),
      displaySize: null,
      setDisplaySize(width, height) {
        this.displaySize = [width, height];
      },
    };
    peer.sources.set(source, { paused: false });
    peer.tracks.set(track.id, track);
    this.emit('trackadded', peer, track);
  }

  remove(peerId: string, source: Source): void {
    const peer = this.#peer(peerId);
    const track = this.#track(peer, source);
    peer.tracks.delete(track.id);
    track.track.stop();
    this.emit('trackremoved', peer, track);
  }

  setPaused(peerId: string, source: Source, paused: boolean): void {
    const peer = this.#peer(peerId);
    const track = this.#track(peer, source);
    track.paused = paused;
    peer.sources.set(source, { paused });
    this.emit(paused ? 'trackpaused' : 'trackresumed', peer, track);
  }

  /** Somebody else's hand, up or down. */
  setHand(peerId: string, raised: boolean): void {
    this.#showHand(peerId, raised);
  }

  /** As when the server stops sending it (null), or goes on. */
  setLayers(peerId: string, source: Source, layers: { spatialLayer: number } | null): void {
    const peer = this.#peer(peerId);
    const track = this.#track(peer, source);
    track.layers = layers;
    this.emit('layerschanged', peer, track, layers);
  }

  /** What the page says it needs of this picture; null: nothing yet. */
  displaySize(peerId: string, source: Source): [width: number, height: number] | null {
    return this.#track(this.#peer(peerId), source).displaySize;
  }

  emit(event: string, ...values: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? [])
      (listener as (...values: unknown[]) => void)(...values);
  }

  /** The order of the hands is the server's: whoever is later has the larger number. */
  #showHand(peerId: string, raised: boolean): void {
    const at = raised ? this.#nextId++ : null;
    if (peerId === this.peerId) this.handRaisedAt = at;
    else this.#peer(peerId).handRaisedAt = at;
    this.emit('handraised', peerId, at);
  }

  #peer(id: string): FakePeer {
    const peer = this.peers.get(id);
    if (peer === undefined) throw new Error(`no peer ${id}`);
    return peer;
  }

  #track(peer: FakePeer, source: Source): FakeTrack {
    for (const track of peer.tracks.values()) if (track.source === source) return track;
    throw new Error(`${peer.displayName} has no ${source}`);
  }
}

class FakeLocalTrack {
  paused = false;
  closed = false;

  constructor(
    public track: MediaStreamTrack,
    readonly source: Source,
    private readonly calls: string[],
    private readonly owner: Map<Source, FakeLocalTrack>,
  ) {}

  async pause(): Promise<void> {
    this.paused = true;
    this.calls.push(`pause ${this.source}`);
  }

  async resume(): Promise<void> {
    this.paused = false;
    this.calls.push(`resume ${this.source}`);
  }

  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    this.track = track;
    this.calls.push(`replaceTrack ${this.source}`);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.owner.delete(this.source);
    this.calls.push(`close ${this.source}`);
  }
}

function measured(
  peerId: string,
  { source, layers }: FakeTrack,
  quality: ConnectionStats['quality'],
): ConnectionStats['received'] extends Map<string, infer T> ? T : never {
  const common = {
    peerId,
    source,
    quality,
    loss: quality.level === 'good' ? 0 : 0.062,
    jitterMs: 8,
    freezeCount: 0,
  };
  if (source === 'microphone') return { ...common, layers, bitrate: 33_000, concealed: 0.003, codec: 'opus' };
  const picture = { framesPerSecond: 30, width: 640, height: 360, codec: 'VP8' };
  return { ...common, ...picture, bitrate: 540_000, layers: layers ?? { spatialLayer: 1, temporalLayer: 2 } };
}

function silence(): MediaStreamTrack {
  return new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
}

/** A canvas that redraws itself twice a second: enough to be alive, cheap enough for 25 of them. */
function picture(number: number, name: string): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = 180;
  const context = canvas.getContext('2d')!;
  const hue = (number * 47) % 360;
  let step = 0;
  const draw = (): void => {
    context.fillStyle = `hsl(${hue} 35% 42%)`;
    context.fillRect(0, 0, 320, 180);
    context.fillStyle = `hsl(${hue} 45% 62%)`;
    context.beginPath();
    context.arc(160, 78, 34, 0, 2 * Math.PI);
    context.ellipse(160, 176, 74, 58, 0, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = `hsl(${hue} 35% 30%)`;
    context.fillRect((step++ * 16) % 320, 172, 16, 8);
    context.fillText(name, 8, 16);
  };
  draw();
  const track = canvas.captureStream(5).getVideoTracks()[0];
  const timer = setInterval(() => (track.readyState === 'ended' ? clearInterval(timer) : draw()), 500);
  return track;
}
