import { batch, computed, effect, signal } from '@preact/signals';
import { type ConnectionStats, type RemotePeer, type RemoteTrack, RoomClient } from 'sluss/client';
import type { EncryptionDemand, MeetingRole } from '../../../shared/api.js';
import { texts } from '../../service/texts/texts.js';
import { publishOptions } from './camera-publishing.js';
import { Chat } from './chat.js';
import { documentTransfer } from './document-transfer.js';
import { handQueue } from './hands.js';
import type { LocalMedia } from './local-media.js';
import { type EncryptionStatus, MeetingEncryption } from './meeting-encryption.js';
import { type MeetingMessages, openMessages } from './messages.js';
import type { Notices } from './notices.js';
import type { PageOptions } from './options.js';
import { Participant } from './participant.js';
import { deviceTroubleText, detailOf } from './plain-error.js';
import type { Prepared } from './preparation.js';
import { Publication } from './publication.js';
import { saveFile } from './save-file.js';
import { ScreenShare } from './screen-share.js';
import { SharedDocuments } from './shared-documents.js';
import { shownPeople } from './shown-people.js';
import { Stage } from './stage.js';

export interface MeetingSetup {
  url: string;
  /** Of the room, and of the meeting in the service. */
  room: string;
  displayName: string;
  /** One's own. */
  role: MeetingRole;
  encryption: EncryptionDemand;
  /** For this stay alone. */
  prepared: Prepared;
  /** Proof for the server that this person may come in. */
  ticket?: ConstructorParameters<typeof RoomClient>[0]['ticket'];
  iceServers?: ConstructorParameters<typeof RoomClient>[0]['iceServers'];
  options: PageOptions;
  media: LocalMedia;
  notices: Notices;
}

/** What can be open beside the pictures; `person` shows one connection. */
export type PanelName = 'chat' | 'documents' | 'people' | 'lobby' | 'encryption' | 'settings' | 'person';

/** One stay in one room: the room client's events as signals, and this person's media published into it. */
export class Meeting {
  readonly client: RoomClient;
  readonly encryption: MeetingEncryption;
  readonly state = signal<RoomClient['state']>('new');
  readonly participants = signal<readonly Participant[]>([]);
  readonly count = computed(() => this.participants.value.length + 1);
  /** The people who share a screen now. */
  readonly sharing = computed(() => this.participants.value.filter((person) => person.screen.value !== null));
  readonly stage = new Stage();
  /** Who may have a tile; of those as many get one as there is room for. */
  readonly shown = computed(() => shownPeople(this.participants.value, this.stage.pinned.value));
  /** Who is large now. */
  readonly large = computed(() => this.stage.large(this.shown.value));
  /** Who is heard now. */
  readonly speaking = signal<ReadonlySet<string>>(new Set());
  /** When one's own hand went up; null: it is down. */
  readonly handRaisedAt = signal<number | null>(null);
  readonly hands = computed(() =>
    handQueue([
      { id: 'self', name: this.setup.displayName, at: this.handRaisedAt.value },
      ...this.participants.value.map(({ id, name, handRaisedAt }) => ({ id, name, at: handRaisedAt.value })),
    ]),
  );
  /** Null before the first measurement. */
  readonly stats = signal<ConnectionStats | null>(null);
  readonly panel = signal<PanelName | null>(null);
  /** Whose connection the panel `person` shows: a person's id, or 'self'. */
  readonly details = signal('self');
  /** The server has said that it goes down; the client joins again by itself. */
  readonly draining = signal(false);
  readonly screenShare: ScreenShare;
  readonly chat: Chat;
  readonly documents: SharedDocuments;
  #messages: MeetingMessages | null = null;
  #settled = false;
  #wasEncrypted = false;
  #left = false;
  readonly #disposers: (() => void)[] = [];

  constructor(readonly setup: MeetingSetup) {
    const { url, room, displayName, ticket, iceServers, notices } = setup;
    const { iceTransportPolicy } = setup.options;
    const { device } = setup.prepared;
    this.client = new RoomClient({
      ...{ url, room, displayName, ticket, iceServers, iceTransportPolicy, device },
      requireEncryption: setup.encryption === 'required',
    });
    this.encryption = new MeetingEncryption(this.client);
    this.screenShare = new ScreenShare((track, options) => this.encryption.publish(track, options), notices);
    this.chat = new Chat((text) => this.#sending().sendChat(text));
    this.documents = new SharedDocuments({
      transfer: documentTransfer(room),
      offer: (offer) => this.#sending().offerDocument(offer),
      save: saveFile,
    });
    this.#follow();
  }

  /** Joins and starts sending; rejects with the reason when the room cannot be entered. */
  async join(): Promise<void> {
    const { room, role, encryption, prepared } = this.setup;
    if (encryption === 'required') {
      await this.encryption.start({ room, prepared: prepared.encryption, host: role === 'host' });
    }
    if (this.#left) {
      this.encryption.close();
      throw Object.assign(new Error('left before the join'), { code: 'closed' });
    }
    this.#listen();
    await this.client.join();
    this.#publish();
    this.#disposers.push(
      this.client.watchStats((stats) => (this.stats.value = stats)),
      effect(() => this.#encryptionIs(this.encryption.status.value)),
    );
  }

  async leave(): Promise<void> {
    this.#left = true;
    for (const dispose of this.#disposers.splice(0)) dispose();
    this.documents.close();
    this.screenShare.stop();
    await this.client.leave();
    this.encryption.close();
  }

  isSpeaking(peerId: string | undefined): boolean {
    return peerId !== undefined && this.speaking.value.has(peerId);
  }

  /** Keeps a person large and in view, whoever speaks; or no longer. */
  togglePin(person: Participant): void {
    this.stage.togglePin(person.key, this.participants.value);
    this.#tellPinned();
  }

  async raiseHand(raised: boolean): Promise<void> {
    await this.client
      .raiseHand(raised)
      .catch((error: unknown) =>
        this.setup.notices.problem(texts.peek().meeting.errors.connectionFailed(detailOf(error))),
      );
  }

  /** Opens a panel, or closes it when it is open already. */
  togglePanel(name: PanelName): void {
    this.panel.value = this.panel.value === name ? null : name;
  }

  showDetails(id: string): void {
    this.details.value = id;
    this.panel.value = 'person';
  }

  #tellPinned(): void {
    const pinned = this.participants.value.filter(({ key }) => this.stage.pinned.value.includes(key));
    void this.client.pin(pinned.map(({ id }) => id));
  }

  #sending(): MeetingMessages {
    if (this.#messages === null) throw new Error('chat and documents are there after join()');
    return this.#messages;
  }

  #encryptionIs(status: EncryptionStatus): void {
    const { notices } = this.setup;
    const { encryption } = texts.peek().meeting;
    if (status === 'encrypted') void this.chat.sendWaiting();
    if (status === 'encrypted' && !this.#wasEncrypted) {
      this.#wasEncrypted = true;
      notices.news(encryption.nowEncrypted);
    }
    if (status === 'failed') notices.problem(encryption.nowFailed);
    if (status === 'off') notices.news(encryption.status.off);
  }

  /** Chat and documents of the others. */
  #listen(): void {
    const { notices } = this.setup;
    const words = () => texts.peek().meeting;
    this.#messages = openMessages(this.client, this.encryption.room, {
      chat: ({ id, displayName }, text, messageId) => {
        const news = this.chat.receive({ id, name: displayName }, text, messageId);
        if (news && this.panel.peek() !== 'chat') notices.news(words().chat.news(displayName));
      },
      document: ({ id, displayName }, offer) => {
        const news = this.documents.receive({ id, name: displayName }, offer);
        if (news && this.panel.peek() !== 'documents') notices.news(words().documents.news(displayName));
      },
    });
  }

  #follow(): void {
    const { client } = this;
    const { notices, media } = this.setup;
    const words = () => texts.peek().meeting;
    client.on('state', (state) => {
      const before = this.state.value;
      this.state.value = state;
      this.#settled = false;
      if (state === 'connected') this.draining.value = false;
      // Who has fallen silent meanwhile is not told again.
      else this.speaking.value = new Set();
      // The client names everyone who is there already within this tick: that is no news.
      if (state === 'connected') queueMicrotask(() => (this.#settled = true));
      if (before === 'reconnecting' && state === 'connected') notices.news(words().connection.reconnected);
    });
    client.on('peerjoined', (peer) => {
      const person = new Participant(peer);
      this.participants.value = [...this.participants.value, person];
      // Back after a broken connection, by another id.
      if (this.stage.pinned.value.includes(person.key)) this.#tellPinned();
      this.#say(words().people.joined(peer.displayName));
    });
    client.on('peerleft', (peer) => {
      this.participants.value = this.participants.value.filter((person) => person.id !== peer.id);
      if (this.panel.value === 'person' && this.details.value === peer.id) this.panel.value = null;
      this.#say(words().people.left(peer.displayName));
    });
    client.on('peerupdated', (peer) => this.#refresh(peer));
    client.on('layerschanged', (peer) => this.#refresh(peer));
    client.on('audiolevels', (levels) => this.#heard(levels.map(({ peerId }) => peerId)));
    client.on('activespeaker', (peerId) => this.#speaks(peerId));
    client.on('draining', () => (this.draining.value = true));
    client.on('trackadded', (peer, track) => {
      this.#refresh(peer);
      if (track.source === 'screen') this.#say(words().stage.sharesScreen(peer.displayName));
    });
    client.on('trackremoved', (peer, track) => {
      this.#refresh(peer);
      if (this.#endedByItself(peer, track)) this.#say(words().stage.stoppedSharing(peer.displayName));
    });
    client.on('trackpaused', (peer) => this.#refresh(peer));
    client.on('trackresumed', (peer) => this.#refresh(peer));
    client.on('handraised', (peerId, at) => this.#handRaised(peerId, at));
    client.on('localtrackclosed', ({ source }, reason) => {
      if (reason !== 'muted' || source !== 'microphone') return;
      media.muted.value = true;
      notices.problem(words().people.mutedByHost);
    });
    client.on('error', (error) => notices.problem(words().errors.connectionFailed(detailOf(error))));
  }

  #handRaised(peerId: string, at: number | null): void {
    if (peerId === this.client.peerId) {
      this.handRaisedAt.value = at;
      return;
    }
    const peer = this.client.peers.get(peerId);
    if (peer === undefined) return;
    this.#refresh(peer);
    if (at !== null) this.#say(texts.peek().meeting.hand.raisedBy(peer.displayName));
  }

  #heard(peerIds: readonly string[]): void {
    const before = this.speaking.value;
    if (peerIds.length !== before.size || !peerIds.every((id) => before.has(id))) {
      this.speaking.value = new Set(peerIds);
    }
  }

  #speaks(peerId: string | null): void {
    const person = this.participants.value.find(({ id }) => id === peerId);
    if (person !== undefined) this.stage.speaker.value = person.key;
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
    const failed = (what: () => string) => (error: unknown) =>
      notices.problem(texts.peek().meeting.errors.publishFailed(what(), detailOf(error)));
    const publish: RoomClient['publish'] = (track, how) => this.encryption.publish(track, how);
    const camera = new Publication(
      this.client,
      publish,
      (track) => publishOptions(track, options, notices, this.encryption.room !== null),
      failed(() => texts.peek().devices.camera),
    );
    const microphone = new Publication(
      this.client,
      publish,
      () => ({ source: 'microphone' as const }),
      failed(() => texts.peek().devices.microphone),
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
      effect(() => {
        const trouble = media.camera.error.value;
        if (trouble !== null) notices.problem(deviceTroubleText(texts.peek().devices.camera, trouble));
      }),
      effect(() => {
        const trouble = media.microphone.error.value;
        if (trouble !== null) notices.problem(deviceTroubleText(texts.peek().devices.microphone, trouble));
      }),
    );
  }
}
