/**
 * Reads the fields of an object that came from outside and names the field at fault in a `TypeError`:
 * `missing codec.clockRate in caps.codecs[2]: expected an integer from 1 to 4294967295`.
 * `undefined` and `null` both count as left out.
 */
export class Fields {
  private readonly source: Record<string, unknown>;

  /**
   * @param name short name for messages, such as `codec`
   * @param place where the object was found, such as `caps.codecs[2]`
   */
  constructor(
    source: unknown,
    private readonly name: string,
    private readonly place: string = name,
  ) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) {
      throw new TypeError(`${place} is not an object: got ${preview(source)}`);
    }
    this.source = source as Record<string, unknown>;
  }

  integer(key: string, min: number, max: number): number {
    return this.optionalInteger(key, min, max) ?? this.fail(key, integerRange(min, max));
  }

  optionalInteger(key: string, min: number, max: number): number | undefined {
    const value = this.get(key);
    if (value === undefined) {
      return undefined;
    }
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      return this.fail(key, integerRange(min, max));
    }
    return value;
  }

  /** A finite number that is not negative. */
  optionalAmount(key: string): number | undefined {
    const value = this.get(key);
    if (value === undefined) {
      return undefined;
    }
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      return this.fail(key, 'a number that is not negative');
    }
    return value;
  }

  string(key: string, maxLength = 255): string {
    return this.optionalString(key, maxLength) ?? this.fail(key, stringLength(maxLength));
  }

  /** An empty string counts as left out. */
  optionalString(key: string, maxLength = 255): string | undefined {
    const value = this.get(key);
    if (value === undefined || value === '') {
      return undefined;
    }
    if (typeof value !== 'string' || value.length > maxLength) {
      return this.fail(key, stringLength(maxLength));
    }
    return value;
  }

  boolean(key: string, defaultValue: boolean): boolean {
    const value = this.get(key) ?? defaultValue;
    return typeof value === 'boolean' ? value : this.fail(key, 'a boolean');
  }

  oneOf<T extends string>(key: string, allowed: readonly T[], defaultValue?: T): T {
    const value = this.get(key) ?? defaultValue;
    const found = allowed.find((candidate) => candidate === value);
    return found ?? this.fail(key, `one of ${allowed.join(', ')}`);
  }

  list<T>(key: string, read: (item: unknown, place: string) => T): T[] {
    const value = this.get(key);
    if (!Array.isArray(value)) {
      return this.fail(key, 'an array');
    }
    return Array.from(value as unknown[], (item, index) => read(item, `${this.place}.${key}[${index}]`));
  }

  /** An empty list when the field is left out. */
  optionalList<T>(key: string, read: (item: unknown, place: string) => T): T[] {
    return this.get(key) === undefined ? [] : this.list(key, read);
  }

  /** The fields of an object inside; null when it is left out. */
  optionalObject(key: string): Fields | null {
    const value = this.get(key);
    return value === undefined ? null : new Fields(value, `${this.name}.${key}`, `${this.place}.${key}`);
  }

  entries(): [key: string, value: unknown][] {
    return Object.entries(this.source);
  }

  /** Own fields only: what hangs on a prototype was not sent by the peer. */
  private get(key: string): unknown {
    return Object.hasOwn(this.source, key) ? (this.source[key] ?? undefined) : undefined;
  }

  fail(key: string, expected: string): never {
    const value = Object.hasOwn(this.source, key) ? this.source[key] : undefined;
    const field = `${this.name}.${key}`;
    const where = this.place === this.name ? '' : ` in ${this.place}`;
    if (value === undefined || value === null) {
      throw new TypeError(`missing ${field}${where}: expected ${expected}`);
    }
    throw new TypeError(`invalid ${field}${where}: expected ${expected}, got ${preview(value)}`);
  }
}

function integerRange(min: number, max: number): string {
  return `an integer from ${min} to ${max}`;
}

function stringLength(maxLength: number): string {
  return `a string of 1 to ${maxLength} characters`;
}

function preview(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  }
  if (Array.isArray(value)) {
    return 'an array';
  }
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
