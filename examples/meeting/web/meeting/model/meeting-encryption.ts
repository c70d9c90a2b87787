import { computed, signal } from '@preact/signals';
import { type PublishOptions, type LocalTrack, type RoomClient, SignallingError } from 'sluss/client';
import { EncryptedRoom, type PreparedEncryption } from 'sluss/client/e2ee';

/**
 * `off`: the meeting is held without it. `waiting`: nobody has handed out a key yet. `failed`: nothing is sent any more; only
 * a new page helps.
 */
export type EncryptionStatus = 'off' | 'waiting' | 'encrypted' | 'failed';

/** Newcomers take a moment to say hello: only whoever is silent for longer does not encrypt. */
const SILENT_MS = 5_000;

export interface EncryptionSetup {
  room: string;
  /** Null: this browser cannot encrypt. */
  prepared: PreparedEncryption | null;
  /** This person hands out the keys. */
  host: boolean;
}

/** The end-to-end encryption of one stay as the page shows it, and the way through which media is published. */
export class MeetingEncryption {
  readonly status = signal<EncryptionStatus>('off');
  /** Six groups of digits; null: not known yet. */
  readonly code = signal<readonly string[] | null>(null);
  /** Peer ids of those who hear and see nothing, as they do not encrypt. */
  readonly silent = signal<readonly string[]>([]);
  /** Peer ids for whom a second key was announced: somebody tampers with the keys. */
  readonly conflicts = signal<readonly string[]>([]);
  /** The code that this person has compared with the others. */
  readonly compared = signal<string | null>(null);
  readonly comparison = computed<'none' | 'same' | 'changed'>(() => {
    const compared = this.compared.value;
    if (compared === null) return 'none';
    return this.code.value === null || this.code.value.join() === compared ? 'same' : 'changed';
  });
  #room: EncryptedRoom | null = null;
  #silentTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: RoomClient) {}

  /** Null: nothing is encrypted from page to page. */
  get room(): EncryptedRoom | null {
    return this.#room;
  }

  /** Before the client joins. Rejects with the code `encryption-missing` when this browser cannot. */
  async start({ room, prepared, host }: EncryptionSetup): Promise<void> {
    if (prepared === null) {
      throw Object.assign(new Error('this browser cannot encrypt media'), { code: 'encryption-missing' });
    }
    const encrypted = await EncryptedRoom.create(this.client, { room, worker: prepared, host });
    this.#room = encrypted;
    this.status.value = 'waiting';
    this.#follow(encrypted);
  }

  /** Everything goes through here: in an encrypted meeting nothing leaves the page in the clear. */
  publish(track: MediaStreamTrack, options: PublishOptions): Promise<LocalTrack> {
    if (this.status.peek() === 'failed') {
      return Promise.reject(new SignallingError('closed', 'the encryption has failed'));
    }
    return (this.#room ?? this.client).publish(track, options);
  }

  markCompared(compared: boolean): void {
    this.compared.value = compared && this.code.value !== null ? this.code.value.join() : null;
  }

  /** After the client has left. */
  close(): void {
    clearTimeout(this.#silentTimer);
    this.#room?.close();
  }

  #follow(encrypted: EncryptedRoom): void {
    encrypted.on('state', (state) => {
      this.status.value = state === 'waiting-for-key' ? 'waiting' : state;
    });
    encrypted.on('epoch', () => (this.code.value = null));
    encrypted.on('code', (groups) => (this.code.value = groups));
    encrypted.on('conflict', (peerId) => {
      if (!this.conflicts.peek().includes(peerId)) {
        this.conflicts.value = [...this.conflicts.peek(), peerId];
      }
    });
    encrypted.on('unencrypted', (peerIds) => {
      clearTimeout(this.#silentTimer);
      // Who is not silent any more goes at once.
      this.silent.value = this.silent.peek().filter((id) => peerIds.includes(id));
      this.#silentTimer = setTimeout(() => (this.silent.value = peerIds), SILENT_MS);
    });
  }
}
