/** Where the page is. Every address that the server answers with the page is one of these. */
export type Route =
  | { page: 'start' | 'device-test' | 'accessibility' | 'support' | 'not-found' | 'operator' }
  | { page: 'portal'; view: 'upcoming' | 'earlier' | 'book' }
  | { page: 'portal-meeting'; id: string }
  | { page: 'admin'; view: AdminView }
  | { page: 'invitation'; token: string }
  | { page: 'meeting'; id: string };

export const ADMIN_VIEWS = [
  'organisation',
  'organisers',
  'meeting-types',
  'api-keys',
  'audit',
  'erase',
] as const;
export type AdminView = (typeof ADMIN_VIEWS)[number];

export function parseRoute(path: string): Route {
  const [first = '', second, third, ...more] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  if (more.length > 0) return { page: 'not-found' };
  if (first === 'portal') return parsePortal(second, third);
  if (third !== undefined) return { page: 'not-found' };
  switch (first) {
    case 'i':
      return second === undefined ? { page: 'not-found' } : { page: 'invitation', token: second };
    case 'meeting':
      return second === undefined ? { page: 'not-found' } : { page: 'meeting', id: second };
    case 'admin':
      return parseAdmin(second);
  }
  if (second !== undefined) return { page: 'not-found' };
  switch (first) {
    case '':
      return { page: 'start' };
    case 'test':
      return { page: 'device-test' };
    case 'operator':
    case 'accessibility':
    case 'support':
      return { page: first };
    default:
      return { page: 'not-found' };
  }
}

export function adminPath(view: AdminView): string {
  return view === 'organisation' ? '/admin' : `/admin/${view}`;
}

export function meetingPath(id: string): string {
  return `/meeting/${encodeURIComponent(id)}`;
}

export function portalMeetingPath(id: string): string {
  return `/portal/meetings/${encodeURIComponent(id)}`;
}

/** The token of an invitation out of what somebody pasted: a whole link, or its path; null when there is none. */
export function invitationToken(pasted: string): string | null {
  return /(?:^|\/)i\/([A-Za-z0-9_-]{16,})(?:[/?#]|$)/.exec(pasted.trim())?.[1] ?? null;
}

function parsePortal(second: string | undefined, third: string | undefined): Route {
  if (second === 'meetings' && third !== undefined) return { page: 'portal-meeting', id: third };
  if (third !== undefined) return { page: 'not-found' };
  if (second === undefined) return { page: 'portal', view: 'upcoming' };
  return second === 'book' || second === 'earlier' ? { page: 'portal', view: second } : { page: 'not-found' };
}

function parseAdmin(second: string | undefined): Route {
  if (second === undefined) return { page: 'admin', view: 'organisation' };
  const view = ADMIN_VIEWS.find((one) => one === second);
  return view === undefined ? { page: 'not-found' } : { page: 'admin', view };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
