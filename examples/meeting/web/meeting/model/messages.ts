/** How chat and documents travel: sealed from page to page, or, in a meeting without that, through the server in the clear. */
import type { RemotePeer, RoomClient } from 'sluss/client';
import type { DocumentOffer, EncryptedRoom } from 'sluss/client/e2ee';

export type { DocumentOffer };

export interface MeetingMessages {
  /** Resolve with the message's id when the server has it. */
  sendChat(text: string): Promise<string>;
  offerDocument(offer: DocumentOffer): Promise<string>;
}

export interface MessageListener {
  chat(peer: RemotePeer, text: string, id: string): void;
  document(peer: RemotePeer, offer: DocumentOffer, id: string): void;
}

export const CHAT_TOPIC = 'meeting.chat';
export const DOCUMENT_TOPIC = 'meeting.document';

export function openMessages(
  client: RoomClient,
  encrypted: EncryptedRoom | null,
  listener: MessageListener,
): MeetingMessages {
  if (encrypted === null) return plainMessages(client, listener);
  encrypted.on('chat', (peer, text, id) => listener.chat(peer, text, id));
  encrypted.on('document', (peer, offer, id) => listener.document(peer, offer, id));
  return encrypted;
}

function plainMessages(client: RoomClient, listener: MessageListener): MeetingMessages {
  client.on('message', (peer, topic, payload) => {
    const message = parseMessage(payload);
    if (message === null) return;
    const id = `${peer.id} ${message.id}`;
    if (topic === CHAT_TOPIC && typeof message.content === 'string') listener.chat(peer, message.content, id);
    const offer = topic === DOCUMENT_TOPIC ? readOffer(message.content) : null;
    if (offer !== null) listener.document(peer, offer, id);
  });
  const send = async (topic: string, content: string | DocumentOffer): Promise<string> => {
    const id = crypto.randomUUID();
    await client.sendMessage(topic, JSON.stringify({ v: 1, id, content }));
    return id;
  };
  return {
    sendChat: (text) => send(CHAT_TOPIC, text),
    offerDocument: (offer) => send(DOCUMENT_TOPIC, offer),
  };
}

/** Null: not what this page sends. */
export function parseMessage(payload: string): { id: string; content: unknown } | null {
  try {
    const { v, id, content } = JSON.parse(payload) as { v: unknown; id: unknown; content: unknown };
    return v === 1 && typeof id === 'string' && id.length <= 64 ? { id, content } : null;
  } catch {
    return null;
  }
}

/** Null: not an offer. */
export function readOffer(content: unknown): DocumentOffer | null {
  if (typeof content !== 'object' || content === null) return null;
  const { id, name, type, size, key } = content as Record<string, unknown>;
  if (typeof id !== 'string' || typeof name !== 'string' || typeof type !== 'string') return null;
  if (typeof key !== 'string' || !Number.isSafeInteger(size) || (size as number) < 0) return null;
  return { id, name, type, size: size as number, key };
}
