import type { Kysely } from 'kysely';
import { StoreError } from './errors.js';
import type { Database, Tables } from './tables.js';

export interface TableShape<R> {
  table: keyof Tables;
  /** The column of the primary key. Default `id`. */
  key?: keyof R & string;
  json?: readonly (keyof R)[];
  flags?: readonly (keyof R)[];
}

/** Rows of a table as records: what every group does alike. */
export class RecordTable<R extends object> {
  readonly #db: Kysely<AnyTables>;
  readonly #table: keyof Tables;
  readonly #key: string;
  readonly #json: ReadonlySet<string>;
  readonly #flags: ReadonlySet<string>;

  constructor(db: Database, shape: TableShape<R>) {
    this.#db = db as unknown as Kysely<AnyTables>;
    this.#table = shape.table;
    this.#key = shape.key ?? 'id';
    this.#json = new Set(shape.json as string[] | undefined);
    this.#flags = new Set(shape.flags as string[] | undefined);
  }

  async insert(record: R): Promise<void> {
    await this.#db.insertInto(this.#table).values(this.encode(record)).execute();
  }

  async get(id: string): Promise<R | null> {
    const row = await this.#db
      .selectFrom(this.#table)
      .selectAll()
      .where(this.#key, '=', id)
      .executeTakeFirst();
    return row === undefined ? null : this.decode(row);
  }

  /** `where`: further columns that must have these values, else `conflict`. Rejects with `not-found` without a row. */
  async update(id: string, change: Partial<R>, where: Partial<R> = {}): Promise<R> {
    const values = this.encode(change);
    if (Object.keys(values).length === 0) return this.#mustGet(id);
    let query = this.#db.updateTable(this.#table).set(values).where(this.#key, '=', id);
    for (const [column, value] of Object.entries(where)) query = query.where(column, '=', value);
    const row = await query.returningAll().executeTakeFirst();
    if (row !== undefined) return this.decode(row);
    await this.#mustGet(id);
    throw new StoreError(
      'conflict',
      `${this.#table}: somebody else changed ${id} in the meantime; read it again`,
    );
  }

  /** Left out fields stay left out. */
  encode(record: Partial<R>): Row {
    const row: Row = {};
    for (const [column, value] of Object.entries(record)) {
      if (value === undefined) continue;
      if (this.#json.has(column)) row[column] = value === null ? null : JSON.stringify(value);
      else if (this.#flags.has(column)) row[column] = value === true ? 1 : 0;
      else row[column] = value;
    }
    return row;
  }

  decode(row: object): R {
    const record: Row = { ...row };
    for (const column of this.#json) {
      const text = record[column];
      if (typeof text === 'string') record[column] = JSON.parse(text);
    }
    for (const column of this.#flags) record[column] = record[column] === 1;
    // The database's own: it says in which order rows were written, and no more.
    delete record.writeOrder;
    return record as R;
  }

  decodeOrNull(row: object | undefined): R | null {
    return row === undefined ? null : this.decode(row);
  }

  decodeAll(rows: readonly object[]): R[] {
    return rows.map((row) => this.decode(row));
  }

  async #mustGet(id: string): Promise<R> {
    const record = await this.get(id);
    if (record === null) throw new StoreError('not-found', `${this.#table}: there is no ${id}`);
    return record;
  }
}

type Row = Record<string, unknown>;
type AnyTables = Record<string, Row>;
