/** Kills a writing process at seeded moments and looks whether everything acknowledged is there. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Test } from 'tap';
import {
  openStore,
  type OpenStoreOptions,
  type Store,
} from '../../../examples/meeting/server/store/store.js';
import { isWhole } from './crash-state.js';

const LINES_MIN = 3;
const LINES_MAX = 150;
const WRITES_MAX = 4000;

/** The same store is used in every round, so that each also opens what the one before left. */
export async function crashRounds(
  t: Test,
  place: OpenStoreOptions,
  rounds: number,
  seed: number,
): Promise<void> {
  const writer = await buildWriter(t);
  const random = seeded(seed);
  let acknowledged = 0;
  let audited = 0;
  for (let round = 1; round <= rounds; round++) {
    // By the clock from outside; a file every second time at a write, which falls into a commit, a checkpoint or the opening.
    const byWrite = place.databaseUrl === undefined && round % 2 === 0;
    const fatalWrite = byWrite ? 1 + Math.floor(random() ** 2 * WRITES_MAX) : undefined;
    const lines = LINES_MIN + Math.floor(random() ** 2 * (LINES_MAX - LINES_MIN));
    const delayMs = random() * 4;
    const printed = await untilKilled(
      startWriter(writer, place, fatalWrite),
      byWrite ? Infinity : lines,
      delayMs,
    );
    acknowledged += printed.length;
    const store = await openStore(place);
    try {
      const missing = await missingFrom(store, printed);
      t.same(
        missing,
        [],
        `round ${round}: all of ${printed.length} acknowledged writes are there (seed ${seed})`,
      );
      const verdict = await store.audit.verify();
      t.match(verdict, { intact: true, problem: null }, `round ${round}: the audit log is whole`);
      t.ok(verdict.entries >= audited, `round ${round}: nothing of the rounds before is gone`);
      audited = verdict.entries;
    } finally {
      await store.close();
    }
  }
  t.comment(`${acknowledged} acknowledged writes in ${rounds} rounds`);
  t.ok(acknowledged > rounds * LINES_MIN, 'there was something to lose');
}

type Printed = [what: string, id: string];

type Writer = ChildProcessByStdio<null, Readable, null>;

/** crash-writer.ts as one file that starts at once; its path. */
export async function buildWriter(t: Test): Promise<string> {
  const outfile = join(t.testdir(), 'crash-writer.mjs');
  const entry = fileURLToPath(new URL('crash-writer.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  return outfile;
}

/** `fatalWrite`: it kills itself at that write to a file. */
export function startWriter(
  file: string,
  { dataDir, databaseUrl }: OpenStoreOptions,
  fatalWrite?: number,
): Writer {
  return spawn(process.execPath, [file, dataDir, databaseUrl ?? '', String(fatalWrite ?? '')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function untilKilled(writer: Writer, lines: number, delayMs: number): Promise<Printed[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    let killing = false;
    writer.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (killing || text.split('\n').length <= lines) return;
      killing = true;
      setTimeout(() => writer.kill('SIGKILL'), delayMs);
    });
    writer.once('error', reject);
    writer.once('close', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`the writer ended by itself with ${code ?? signal}`));
      const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
      resolve(lines.filter((line) => line !== '').map((line) => line.split(' ') as Printed));
    });
  });
}

async function missingFrom(store: Store, printed: readonly Printed[]): Promise<string[]> {
  const missing: string[] = [];
  const meetingId = printed.find(([what]) => what === 'meeting')?.[1] ?? '';
  const lobby = await store.participants.lobby(meetingId);
  const entries = await store.audit.list({ organisationId: null, meetingId, limit: 100_000 });
  const sequences = new Set(entries.map(({ sequence }) => sequence));
  for (const [what, id] of printed) {
    if (!(await isThere(what, id))) missing.push(`${what} ${id}`);
  }
  if (lobby !== null && !isWhole(lobby.state, lobby.version))
    missing.push(`a half-written lobby ${lobby.version}`);
  // A lobby and the entry that tells of it were one transaction.
  const told = entries.at(-1)?.details.version ?? 0;
  if (told !== (lobby?.version ?? 0))
    missing.push(`half a transaction: lobby ${lobby?.version}, audit ${told}`);
  return missing;

  async function isThere(what: string, id: string): Promise<boolean> {
    switch (what) {
      case 'meeting':
        return (await store.meetings.get(id)) !== null;
      case 'session':
        return (await store.sessions.get(id)) !== null;
      case 'lobby':
        return (lobby?.version ?? 0) >= Number(id);
      case 'audit':
        return sequences.has(Number(id));
      default:
        return false;
    }
  }
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}
