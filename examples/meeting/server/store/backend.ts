import type { Database } from './tables.js';

/** A database that is open: what differs between the two. */
export interface Backend {
  readonly kind: 'sqlite' | 'postgres';
  readonly db: Database;
  /** The first step of each transaction: waits until no other is under way. */
  beginAlone(transaction: Database): Promise<void>;
  /** What the database's error means to callers; null: a fault that is passed on as it is. */
  meaningOf(error: unknown): 'duplicate' | 'missing-reference' | 'unavailable' | null;
  /** After much was removed: nothing of it stays in files. */
  tidy(): Promise<void>;
  /** A copy in a new file. */
  backupTo(file: string): Promise<void>;
  close(): Promise<void>;
}
