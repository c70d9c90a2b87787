/** Chat and offers of documents on their way: sealed when there is a key, and held back until their key is there. */
import { SignallingError } from '../signalling-error.js';
import { MessageCrypto, type MessageEpoch } from './message-crypto.js';

export type MessageKind = 'chat' | 'document';

const TOPIC = 'e2ee.';
/** A key comes within a second or two of the first message under it. */
const HELD = 64;

interface Held {
  from: string;
  topic: string;
  payload: string;
  keyId: number;
  tell: Tell;
}

type Tell = (kind: MessageKind, text: string, id: string) => void;

export interface SealedMessagesSettings {
  epochs(): readonly MessageEpoch[];
  sending(): MessageEpoch | null;
  selfId(): string;
  send(topic: string, payload: string): Promise<unknown>;
  /** A message came under a key that is not here. */
  missing(): void;
}

export class SealedMessages {
  readonly #crypto: MessageCrypto;
  #held: Held[] = [];
  #queue: Promise<void> = Promise.resolve();

  constructor(
    room: string,
    private readonly settings: SealedMessagesSettings,
  ) {
    this.#crypto = new MessageCrypto(room);
  }

  /** Resolves with the message's id. */
  async send(kind: MessageKind, text: string): Promise<string> {
    const epoch = this.settings.sending();
    if (!epoch) throw new SignallingError('no-key', 'there is no key yet: wait for the state "encrypted"');
    const topic = TOPIC + kind;
    const { payload, id } = await this.#crypto.seal(epoch, this.settings.selfId(), topic, text);
    await this.settings.send(topic, payload);
    return id;
  }

  /** Other topics are not ours. What cannot be opened is not told. */
  receive(from: string, topic: string, payload: string, tell: Tell): void {
    if (!topic.startsWith(TOPIC)) return;
    this.#queue = this.#queue.then(() => this.#open({ from, topic, payload, keyId: 0, tell }));
  }

  /** There may be new keys. */
  retry(): void {
    const known = new Set(this.settings.epochs().map(({ keyId }) => keyId));
    const ready = this.#held.filter(({ keyId }) => known.has(keyId));
    if (ready.length === 0) return;
    this.#held = this.#held.filter((held) => !ready.includes(held));
    for (const held of ready) this.#queue = this.#queue.then(() => this.#open(held));
  }

  forget(peerId: string): void {
    this.#held = this.#held.filter(({ from }) => from !== peerId);
  }

  async #open(message: Held): Promise<void> {
    const { from, topic, payload, tell } = message;
    const opened = await this.#crypto.open(this.settings.epochs(), from, topic, payload);
    if ('unknownKey' in opened) {
      this.#held = [...this.#held, { ...message, keyId: opened.unknownKey }].slice(-HELD);
      this.settings.missing();
    } else if ('text' in opened) {
      tell(topic.slice(TOPIC.length) as MessageKind, opened.text, opened.id);
    }
  }
}
