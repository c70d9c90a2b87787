/**
 * Stands in for sluss/client when only the page is tested: no server, no codecs. The test reaches it as
 * `window.sluss.client` and plays the other people: `fake.arrive('Anna')`, `fake.depart(id)` and so on.
 * Their pictures are canvases in different colours with a moving bar, their voices are silent.
 */
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
  consumedAt: number;
}

interface FakePeer {
  id: string;
  displayName: string;
  tracks: Map<string, FakeTrack>;
}

declare global {
  interface Window {
    /** What the page publishes. */
    sluss: { client: RoomClient };
    /** Set by the test before joining: what `join()` shall reject with. */
    fakeJoinError?: string;
    /** The same for `publish()`. */
    fakePublishError?: string;
  }
}

export class RoomClient {
  state: State = 'new';
  readonly peerId = 'me';
  readonly peers = new Map<string, FakePeer>();
  readonly localTracks = new Map<Source, FakeLocalTrack>();
  /** What the page asked for, in order. */
  readonly calls: string[] = [];
  readonly #listeners = new Map<string, Set<Listener>>();
  #nextId = 1;

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
      throw new Error(window.fakeJoinError);
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

  setState(state: State, reason?: string): void {
    this.state = state;
    this.emit('state', state, reason);
  }

  /** Another person comes in with camera and microphone; returns the person's id. */
  arrive(displayName: string, sources: Source[] = ['microphone', 'camera']): string {
    const peer: FakePeer = { id: `peer-${this.#nextId++}`, displayName, tracks: new Map() };
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
      consumedAt: performance.now(),
    };
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
    this.emit(paused ? 'trackpaused' : 'trackresumed', peer, track);
  }

  emit(event: string, ...values: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? [])
      (listener as (...values: unknown[]) => void)(...values);
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
