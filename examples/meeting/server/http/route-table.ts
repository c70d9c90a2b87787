import type { Route } from './route.js';

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Entry {
  readonly route: Route;
  readonly segments: readonly string[];
}

/** Finds the route of a request: fixed words before names, whatever the order in which they were given. */
export class RouteTable {
  readonly #entries: Entry[];

  /** Throws when two routes take the same requests. */
  constructor(routes: readonly Route[]) {
    const seen = new Set<string>();
    for (const { method, pattern } of routes) {
      const shape = `${method} ${pattern.replaceAll(/:\w+/g, ':')}`;
      if (seen.has(shape)) throw new Error(`two routes take ${method} ${pattern}`);
      seen.add(shape);
    }
    this.#entries = routes
      .map((route) => ({ route, segments: route.pattern.split('/').slice(1) }))
      .sort((a, b) => rank(a.segments).localeCompare(rank(b.segments)));
  }

  /** `other-method`: the path exists, but not with this method. */
  find(method: string, path: string): RouteMatch | 'other-method' | null {
    const segments = path.split('/').slice(1);
    let other = false;
    for (const { route, segments: wanted } of this.#entries) {
      const params = match(wanted, segments);
      if (!params) continue;
      if (route.method === method) return { route, params };
      other = true;
    }
    return other ? 'other-method' : null;
  }
}

/** Sorts fixed words before names, segment by segment. */
function rank(segments: readonly string[]): string {
  return segments.map((segment) => (segment.startsWith(':') ? '1' : '0')).join('');
}

function match(wanted: readonly string[], given: readonly string[]): Record<string, string> | null {
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (let index = 0; index < wanted.length; index++) {
    const [expected, actual] = [wanted[index], given[index]];
    if (!expected.startsWith(':')) {
      if (expected !== actual) return null;
      continue;
    }
    const decoded = decode(actual);
    if (decoded === null || decoded === '') return null;
    params[expected.slice(1)] = decoded;
  }
  return params;
}

/** Null: no text that anything of ours is called by. A NUL, for one, no database takes. */
function decode(segment: string): string | null {
  try {
    const text = decodeURIComponent(segment);
    return /\p{Cc}/u.test(text) ? null : text;
  } catch {
    return null;
  }
}
