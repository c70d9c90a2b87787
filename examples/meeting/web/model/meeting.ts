import { batch, computed, effect, signal } from '@preact/signals';
import { type ConnectionStats, type RemotePeer, type RemoteTrack, RoomClient } from 'sluss/client';
import { publishOptions } from './camera-publishing.js';
import type { LocalMedia } from './local-media.js';
import type { Notices } from './notices.js';
import type { PageOptions } from './options.js';
import { Participant } from './participant.js';
import { detailOf } from './plain-error.js';
import { Publication } from './publication.js';
import { ScreenShare } from './screen-share.js';
import { shownPeople } from './shown-people.js';
import { texts } from '../texts.js';

export interface MeetingSetup {
  url: string;
  room: string;
  displayName: string;
  /** Proof for the server that this person may come in. */
  ticket?: ConstructorParameters<typeof RoomClient>[0]['ticket'];
  options: PageOptions;
  media: LocalMedia;
  notices: Notices;
}

/** What the server lets one person pin. */
const MAX_PINNED = 4;

/** One stay in one room: the room client's events as signals, and this person's media published into it. */
export class Meeting {
  readonly client: RoomClient;
  readonly state = signal<RoomClient['state']>('new');
  readonly participants = signal<Participant[]>([]);
  readonly count = computed(() => this.participants.value.length + 1);
  /** The people who share a screen now. */
  readonly sharing = computed(() => this.participants.value.filter((person) => person.screen.value !== null));
  readonly pinned = signal<readonly string[]>([]);
  readonly shown = computed(() => shownPeople(this.participants.value, this.pinned.value));
  /** Who is heard now. */
  readonly speaking = signal<ReadonlySet<string>>(new Set());
  /** Null before the first measurement. */
  readonly stats = signal<ConnectionStats | null>(null);
  /** Whose connection the details panel shows: a person's id, 'self', or 'people' for the list of those not shown. */
  readonly details = signal<string | null>(null);
  /** The server has said that it goes down; the client joins again by itself. */
  readonly draining = signal(false);
  readonly screenShare: ScreenShare;
  #settled = false;
  readonly #disposers: (() => void)[] = [];

  constructor(readonly setup: MeetingSetup) {
    const { url, room, displayName, ticket } = setup;
    this.client = new RoomClient({ url, room, displayName, ticket });
    this.screenShare = new ScreenShare(this.client, setup.notices);
    this.#follow();
  }

  /** Joins and starts sending; rejects with the reason when the room cannot be entered. */
  async join(): Promise<void> {
    await this.client.join();
    this.#publish();
    this.#disposers.push(this.client.watchStats((stats) => (this.stats.value = stats)));
  }

  async leave(): Promise<void> {
    for (const dispose of this.#disposers.splice(0)) dispose();
    this.screenShare.stop();
    await this.client.leave();
  }

  isSpeaking(peerId: string | undefined): boolean {
    return peerId !== undefined && this.speaking.value.has(peerId);
  }

  /** Keeps a person in view, whoever speaks; or no longer. */
  togglePin(peerId: string): void {
    // Who left must not take a place. Nobody is forgotten earlier: after a reconnect the same people come again.
    const pinned = this.pinned.value.filter((id) => this.participants.value.some((one) => one.id === id));
    this.pinned.value = pinned.includes(peerId)
      ? pinned.filter((id) => id !== peerId)
      : [...pinned, peerId].slice(-MAX_PINNED);
    void this.client.pin(this.pinned.value);
  }

  #follow(): void {
    const { client } = this;
    const { notices } = this.setup;
    client.on('state', (state) => {
      const before = this.state.value;
      this.state.value = state;
      this.#settled = false;
      if (state === 'connected') this.draining.value = false;
      // Who has fallen silent meanwhile is not told again.
      else this.speaking.value = new Set();
      // The client names everyone who is there already within this tick: that is no news.
      if (state === 'connected') queueMicrotask(() => (this.#settled = true));
      if (before === 'reconnecting' && state === 'connected') notices.news(texts.connection.reconnected);
    });
    client.on('peerjoined', (peer) => {
      this.participants.value = [...this.participants.value, new Participant(peer)];
      this.#say(texts.meeting.joined(peer.displayName));
    });
    client.on('peerleft', (peer) => {
      this.participants.value = this.participants.value.filter((person) => person.id !== peer.id);
      if (this.details.value === peer.id) this.details.value = null;
      this.#say(texts.meeting.left(peer.displayName));
    });
    client.on('peerupdated', (peer) => this.#refresh(peer));
    client.on('layerschanged', (peer) => this.#refresh(peer));
    client.on('audiolevels', (levels) => this.#heard(levels.map(({ peerId }) => peerId)));
    client.on('draining', () => (this.draining.value = true));
    client.on('trackadded', (peer, track) => {
      this.#refresh(peer);
      if (track.source === 'screen') this.#say(texts.meeting.sharesScreen(peer.displayName));
    });
    client.on('trackremoved', (peer, track) => {
      this.#refresh(peer);
      if (this.#endedByItself(peer, track)) this.#say(texts.meeting.stoppedSharing(peer.displayName));
    });
    client.on('trackpaused', (peer) => this.#refresh(peer));
    client.on('trackresumed', (peer) => this.#refresh(peer));
    client.on('error', (error) => notices.problem(texts.errors.connectionFailed(detailOf(error))));
  }

  #heard(peerIds: readonly string[]): void {
    const before = this.speaking.value;
    if (peerIds.length !== before.size || !peerIds.every((id) => before.has(id))) {
      this.speaking.value = new Set(peerIds);
    }
  }

  #say(text: string): void {
    if (this.#settled) this.setup.notices.news(text);
  }

  #endedByItself(peer: RemotePeer, track: RemoteTrack): boolean {
    return track.source === 'screen' && this.client.peers.has(peer.id);
  }

  #refresh(peer: RemotePeer): void {
    batch(() => this.participants.value.find((person) => person.id === peer.id)?.refresh());
  }

  #publish(): void {
    const { media, notices, options } = this.setup;
    const failed = (what: string) => (error: unknown) =>
      notices.problem(texts.errors.publishFailed(what, detailOf(error)));
    const camera = new Publication(
      this.client,
      (track) => publishOptions(track, options, notices),
      failed(texts.devices.camera),
    );
    const microphone = new Publication(
      this.client,
      () => ({ source: 'microphone' as const }),
      failed(texts.devices.microphone),
    );
    this.#disposers.push(
      effect(() => {
        const track = media.camera.track.value;
        camera.set(track, track !== null);
      }),
      effect(() => {
        const track = media.microphone.track.value;
        microphone.set(track, track !== null && !media.muted.value);
      }),
    );
  }
}
