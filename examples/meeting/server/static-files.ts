import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** One answer, ready to be written. */
export interface StaticResponse {
  status: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: Uint8Array | null;
}

interface StoredFile {
  etag: string;
  type: string;
  plain: Uint8Array;
  /** Null when compressing gains nothing. */
  gzip: Uint8Array | null;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Which file is the page, and at which addresses; the page itself finds out what to show there. */
export interface PageAddresses {
  index: string;
  matches(path: string): boolean;
}

/** The files of the built page, held in memory: nothing on the disk is reachable through a request. */
export class StaticFiles {
  readonly #files = new Map<string, StoredFile>();

  /** Reads every file of a folder (not its subfolders); throws when the page is not there. */
  constructor(
    folder: string,
    private readonly page: PageAddresses,
    /** Sent with every answer. */
    private readonly guards: readonly (readonly [name: string, value: string])[],
  ) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const type = TYPES[extname(entry.name)];
      if (entry.isFile() && type !== undefined)
        this.#files.set(`/${entry.name}`, store(join(folder, entry.name), type));
    }
    if (!this.#files.has(page.index))
      throw new Error(`${folder} holds no ${page.index.slice(1)}: run "npm run build" first`);
  }

  /** Every file's path, `/main.js` and so on. */
  get paths(): string[] {
    return [...this.#files.keys()];
  }

  /**
   * Answers GET and HEAD.
   * `path` is without query; header values as received, '' when absent.
   */
  respond(path: string, acceptEncoding: string, ifNoneMatch: string): StaticResponse {
    const name = this.page.matches(path) ? this.page.index : path;
    const file = this.#files.get(name);
    if (file === undefined) {
      return {
        status: '404 Not Found',
        headers: [...this.guards, ['Content-Type', 'text/plain; charset=utf-8']],
        body: Buffer.from('There is no such page here.\n'),
      };
    }
    const common = [
      ...this.guards,
      ['ETag', file.etag],
      ['Cache-Control', 'no-cache'],
      ['Vary', 'Accept-Encoding'],
    ] as const;
    if (ifNoneMatch === file.etag) return { status: '304 Not Modified', headers: common, body: null };
    const headers: [string, string][] = [...common.map(([key, value]): [string, string] => [key, value])];
    headers.push(['Content-Type', file.type]);
    if (file.gzip === null || !/\bgzip\b/.test(acceptEncoding))
      return { status: '200 OK', headers, body: file.plain };
    headers.push(['Content-Encoding', 'gzip']);
    return { status: '200 OK', headers, body: file.gzip };
  }
}

function store(path: string, type: string): StoredFile {
  const plain = readFileSync(path);
  const gzip = gzipSync(plain);
  const digest = createHash('sha256').update(plain).digest('base64url');
  return { etag: `W/"${digest}"`, type, plain, gzip: gzip.length < plain.length * 0.9 ? gzip : null };
}
