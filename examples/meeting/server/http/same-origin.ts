/**
 * Requests that change something must come from a page of this service. Browsers write `Origin` and `Sec-Fetch-Site`
 * themselves; no page can set them.
 */
import { refusal } from './refusal.js';

/**
 * `ownOrigin` null: not configured (development), then the host of `Origin` must be the one that was asked. Throws
 * `bad-origin`.
 */
export function requireSameOrigin(
  headers: { origin: string; host: string; secFetchSite: string },
  ownOrigin: string | null,
): void {
  const { origin, host, secFetchSite } = headers;
  if (!isOwn(origin, host, ownOrigin)) throw refusal('bad-origin');
  // Absent in browsers before 2023, and over plain http from other machines.
  if (secFetchSite !== '' && secFetchSite !== 'same-origin') throw refusal('bad-origin');
}

function isOwn(origin: string, host: string, ownOrigin: string | null): boolean {
  if (ownOrigin !== null) return origin === ownOrigin;
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
