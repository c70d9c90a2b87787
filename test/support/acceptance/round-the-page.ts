/** What somebody with a browser's console tries: the service's requests and its WebSocket, without the page's leave. */
import type { Attendee } from './attendee.js';

/** `200`, or `403 not-admitted`. With the session that the browser has. */
export function post({ page }: Attendee, path: string, body: unknown = {}): Promise<string> {
  return page.evaluate(
    async ([url, text]) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body: text });
      if (response.ok) return String(response.status);
      const { error } = (await response.json()) as { error: { code: string } };
      return `${response.status} ${error.code}`;
    },
    [path, JSON.stringify(body)] as const,
  );
}

/** Into the room by a WebSocket of one's own: `joined`, or the code of the refusal. */
export function joinRaw({ page }: Attendee, room: string, ticket?: string): Promise<string> {
  return page.evaluate(
    ([data, url]) =>
      new Promise<string>((resolve, reject) => {
        const socket = new WebSocket(url, 'sluss.json.1');
        socket.onopen = () => socket.send(JSON.stringify({ id: 1, request: 'join', data }));
        socket.onclose = ({ code }) => reject(new Error(`closed with ${code}`));
        socket.onmessage = ({ data }) => {
          const answer = JSON.parse(data as string) as {
            id?: number;
            ok?: boolean;
            error?: { code: string };
          };
          if (answer.id !== 1) return;
          socket.onclose = null;
          socket.close();
          resolve(answer.ok === true ? 'joined' : (answer.error?.code ?? 'no code'));
        };
      }),
    [{ room, displayName: 'Round the page', ticket }, signalling(page.url())] as const,
  );
}

/** A ticket of one's own beside the one that the page went in with. */
export function takeTicket({ page }: Attendee, meetingId: string): Promise<string> {
  return page.evaluate(async (url) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: '{}' });
    return ((await response.json()) as { ticket: string }).ticket;
  }, `/api/meetings/${meetingId}/me/ticket`);
}

function signalling(page: string): string {
  return `${new URL(page).origin.replace(/^http/, 'ws')}/signalling`;
}
