import type { Database } from './tables.js';

/** Where the groups work: in a transaction or in none. */
export interface Scope {
  readonly db: Database;
  /** Several steps as one: in the transaction that is under way, or in one of their own. */
  readonly atomically: <T>(work: (db: Database) => Promise<T>) => Promise<T>;
}
