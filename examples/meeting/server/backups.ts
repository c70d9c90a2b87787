/**
 * Copies of the database for keeping elsewhere. While the service runs no other program may touch its SQLite file, so the
 * service itself makes them: each day at a set time, and whenever the process gets SIGUSR2. A copy is a whole database:
 * stop the service, put it in DATA_DIR as `meeting.sqlite` without the `-wal` beside it, start again. The secret is not in it.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { ConfigError } from './config-error.js';
import { addDays, fromWallTime, wallTime } from './portal/stockholm-time.js';
import type { Store } from './store/store.js';

export interface BackupSettings {
  /** BACKUP_DIR. Left out: nothing by itself, and DATA_DIR/backups for those that are asked for. */
  folder: string;
  /** BACKUP_AT: minutes after midnight, Swedish time; `02:30` when BACKUP_DIR is set. Null: not by itself. */
  dailyAt: number | null;
  /** BACKUP_KEEP: so many stay, the newest; 14. */
  keep: number;
}

const DAY_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;
const RETRY_MS = 60 * MINUTE_MS;
const NAME = /^meeting-\d{8}T\d{9}Z\.sqlite$/;

/** Throws a `ConfigError`. */
export function backupSettings(
  env: NodeJS.ProcessEnv,
  { dataDir, databaseUrl }: { dataDir: string; databaseUrl?: string | undefined },
): BackupSettings {
  const { BACKUP_DIR: dir = '', BACKUP_AT: at = '', BACKUP_KEEP: keep = '' } = env;
  if (dir !== '' && databaseUrl !== undefined) {
    throw new ConfigError(
      'BACKUP_DIR is set, but the database is PostgreSQL (DATABASE_URL), which has its own: use pg_dump',
    );
  }
  if (dir === '' && at !== '')
    throw new ConfigError('BACKUP_AT is set, but not BACKUP_DIR: set the folder that backups are to be in');
  const time = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at === '' ? '02:30' : at);
  if (time === null) throw new ConfigError(`BACKUP_AT is "${at}", but must be a time of day such as 02:30`);
  if (keep !== '' && !/^[1-9]\d{0,3}$/.test(keep))
    throw new ConfigError(`BACKUP_KEEP is "${keep}", but must be a whole number from 1 to 9999`);
  return {
    folder: dir === '' ? join(dataDir, 'backups') : resolve(dir),
    dailyAt: dir === '' ? null : Number(time[1]) * 60 + Number(time[2]),
    keep: keep === '' ? 14 : Number(keep),
  };
}

/** The next instant at which a wall in Sweden shows so many minutes after midnight. */
export function nextDaily(now: number, dailyAt: number): number {
  const day = DAY_MINUTES * MINUTE_MS;
  const midnight = Math.floor(wallTime(now) / day) * day;
  const today = fromWallTime(midnight + dailyAt * MINUTE_MS);
  return today > now ? today : addDays(today, 1);
}

export class Backups {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #running: Promise<unknown> = Promise.resolve();
  readonly #onSignal = (): void => {
    // Without anybody who listens, the signal would end the process.
    if (this.store.kind === 'sqlite') void this.make().catch(() => undefined);
    else this.log.warn('no backup was made: the database is PostgreSQL, which is backed up with pg_dump');
  };

  constructor(
    private readonly store: Pick<Store, 'kind' | 'backupTo'>,
    private readonly settings: BackupSettings,
    private readonly now: () => number,
    private readonly log: Logger,
  ) {}

  start(): void {
    process.on('SIGUSR2', this.#onSignal);
    if (this.store.kind === 'sqlite') this.#plan();
  }

  /** Waits for one that is being made. */
  async stop(): Promise<void> {
    process.off('SIGUSR2', this.#onSignal);
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** One at a time; answers the file. What goes wrong is in the log too: an operator who sent a signal sees no answer. */
  make(): Promise<string> {
    const turn = this.#running.then(() => this.#make());
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  async #make(): Promise<string> {
    const { folder, keep } = this.settings;
    const stamp = new Date(this.now()).toISOString().replaceAll(/[-:.]/g, '');
    const file = join(folder, `meeting-${stamp}.sqlite`);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await this.store.backupTo(file);
      const all = readdirSync(folder)
        .filter((name) => NAME.test(name))
        .sort();
      for (const name of all.slice(0, -keep)) rmSync(join(folder, name), { force: true });
      this.log.info({ file }, 'a backup of the database was made');
      return file;
    } catch (error) {
      this.log.error({ err: error, folder }, 'the database could not be backed up');
      throw error;
    }
  }

  #plan(retry = false): void {
    const { dailyAt } = this.settings;
    if (dailyAt === null || this.#stopped) return;
    const wait = nextDaily(this.now(), dailyAt) - this.now();
    this.#timer = setTimeout(
      () => {
        this.make().then(
          () => this.#plan(),
          () => this.#plan(true),
        );
      },
      retry ? Math.min(wait, RETRY_MS) : wait,
    );
    this.#timer.unref();
  }
}
