/**
 * Documents shared in a meeting: ciphertext that the service cannot read, one folder for each meeting, gone when it ends.
 * What is whole has its id as name; what is still coming ends in `.part`.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DOCUMENT_OVERHEAD_BYTES, MAX_DOCUMENT_BYTES } from '../../shared/api.js';
import { refusal } from '../http/refusal.js';

export const MAX_DOCUMENTS = 50;
export const MAX_MEETING_BYTES = 500 * 1024 * 1024;
/** Who has announced a document must have sent it by then. */
const UPLOAD_WITHIN_MS = 15 * 60_000;

interface Entry {
  size: number;
  state: 'announced' | 'coming' | 'whole';
  /** Participant; null: read from the disk after a restart. */
  by: string | null;
  announcedAt: number;
}

export class Documents {
  readonly #meetings = new Map<string, Promise<Map<string, Entry>>>();

  constructor(
    private readonly folder: string,
    private readonly now: () => number,
  ) {}

  /** Throws `too-big`, `limit-reached`. */
  async announce(meetingId: string, by: string, size: number): Promise<string> {
    if (size > MAX_DOCUMENT_BYTES + DOCUMENT_OVERHEAD_BYTES) throw refusal('too-big');
    const entries = await this.#entries(meetingId);
    this.#forgetUnsent(entries);
    let total = size;
    for (const entry of entries.values()) total += entry.size;
    if (entries.size >= MAX_DOCUMENTS || total > MAX_MEETING_BYTES) throw refusal('limit-reached');
    const id = randomUUID();
    entries.set(id, { size, state: 'announced', by, announcedAt: this.now() });
    return id;
  }

  /**
   * `receive` hands over the body, exactly `size` bytes. Resolves when it is on the disk. Throws `not-found` for what this
   * person has not announced, `conflict` when it has come already.
   */
  async store(
    meetingId: string,
    id: string,
    by: string,
    receive: (size: number, take: (chunk: Uint8Array) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const entries = await this.#entries(meetingId);
    const entry = entries.get(id);
    if (entry?.by !== by) throw refusal('not-found');
    if (entry.state !== 'announced') throw refusal('conflict');
    entry.state = 'coming';
    const path = this.#path(meetingId, id);
    try {
      const handle = await open(`${path}.part`, 'w', 0o600);
      try {
        await receive(entry.size, async (chunk) => {
          await handle.writeFile(chunk);
        });
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${path}.part`, path);
      // Its name, too, survives a power cut.
      await syncFolder(dirname(path));
    } catch (error) {
      // It may be sent again.
      entry.state = 'announced';
      await rm(`${path}.part`, { force: true });
      if (!this.#meetings.has(meetingId)) throw refusal('gone');
      throw error;
    }
    // The meeting may have ended meanwhile.
    if (this.#meetings.has(meetingId)) entry.state = 'whole';
    else await rm(path, { force: true });
  }

  /** Throws `not-found`. */
  async find(meetingId: string, id: string): Promise<{ path: string; size: number }> {
    const entry = (await this.#entries(meetingId)).get(id);
    if (entry?.state !== 'whole') throw refusal('not-found');
    return { path: this.#path(meetingId, id), size: entry.size };
  }

  async deleteMeeting(meetingId: string): Promise<void> {
    this.#meetings.delete(meetingId);
    // Again when an upload has put something in meanwhile.
    await rm(join(this.folder, meetingId), { recursive: true, force: true, maxRetries: 3 });
  }

  /** At the start: folders of meetings that are over go. */
  async clean(isRunning: (meetingId: string) => Promise<boolean>): Promise<void> {
    const folders = await readdir(this.folder).catch(() => []);
    for (const meetingId of folders) {
      if (!(await isRunning(meetingId))) await this.deleteMeeting(meetingId);
    }
  }

  #entries(meetingId: string): Promise<Map<string, Entry>> {
    let entries = this.#meetings.get(meetingId);
    if (!entries) {
      entries = this.#read(meetingId);
      this.#meetings.set(meetingId, entries);
      entries.catch(() => this.#meetings.delete(meetingId));
    }
    return entries;
  }

  async #read(meetingId: string): Promise<Map<string, Entry>> {
    const folder = join(this.folder, meetingId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const entries = new Map<string, Entry>();
    for (const name of await readdir(folder)) {
      if (name.endsWith('.part')) {
        await rm(join(folder, name), { force: true });
        continue;
      }
      const { size } = await stat(join(folder, name));
      entries.set(name, { size, state: 'whole', by: null, announcedAt: 0 });
    }
    return entries;
  }

  #forgetUnsent(entries: Map<string, Entry>): void {
    for (const [id, { state, announcedAt }] of entries) {
      if (state === 'announced' && this.now() - announcedAt > UPLOAD_WITHIN_MS) entries.delete(id);
    }
  }

  #path(meetingId: string, id: string): string {
    return join(this.folder, meetingId, id);
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
