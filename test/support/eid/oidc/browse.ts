/** A browser without a screen: follows the OpenID provider's redirects, fills in its form, and stops where the service begins. */
import { request } from 'node:http';

export interface Choice {
  /** `sub` of who is chosen; null: nobody, "cancel". */
  readonly person: string | null;
}

/** The URL of the service at which the browser comes back. */
export async function browse(start: string, { person }: Choice): Promise<string> {
  const { origin } = new URL(start);
  const cookies = new Map<string, string>();
  let url = new URL(start);
  for (let steps = 0; steps < 12; steps++) {
    const isForm = url.pathname.startsWith('/interaction/');
    const form = person === null ? 'action=deny' : `action=approve&person=${person}`;
    const next = await visit(url, cookies, isForm ? form : null);
    if (next.origin !== origin) return next.href;
    url = next;
  }
  throw new Error('the OpenID provider sends its browser round in circles');
}

function visit(url: URL, cookies: Map<string, string>, form: string | null): Promise<URL> {
  return new Promise((resolve, reject) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const outgoing = request(url, {
      // No connection is kept.
      agent: false,
      method: form === null ? 'GET' : 'POST',
      headers: {
        cookie,
        accept: 'text/html',
        ...(form !== null && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        for (const line of incoming.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (value) cookies.set(name, value);
          else cookies.delete(name);
        }
        const { location } = incoming.headers;
        if (location !== undefined) return resolve(new URL(location, url));
        const text = Buffer.concat(chunks)
          .toString()
          .replaceAll(/<[^>]*>/g, ' ')
          .slice(-500);
        reject(new Error(`${incoming.statusCode} at ${url.pathname}: ${text}`));
      });
    });
    outgoing.end(form ?? undefined);
  });
}
