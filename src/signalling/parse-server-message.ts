/**
 * The client's edge. The envelope is checked; the data is taken as the server's word, because a client that
 * connects to a server lets it decide about its media anyway.
 */
import type { ServerMessage } from './messages.js';

/** Null: not a message of this protocol. */
export function parseServerMessage(value: unknown): ServerMessage | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const message = value as Record<string, unknown>;
  if (typeof message.notification === 'string') {
    return isMap(message.data) ? (value as ServerMessage) : null;
  }
  if (message.ok === true) {
    return typeof message.id === 'number' && isMap(message.data) ? (value as ServerMessage) : null;
  }
  if (message.ok === false && isMap(message.error)) {
    return typeof message.error.code === 'string' ? (value as ServerMessage) : null;
  }
  return null;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
