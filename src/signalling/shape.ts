/**
 * Small parsers that turn `unknown` into typed values. A parser builds a new object from the known keys only
 * and throws nothing but `ShapeError`, which names the offending field. Null counts as absent, since
 * MessagePack encoders write `undefined` as nil.
 */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';

  constructor(
    /** Path such as `data.codecs[0].mimeType`. */
    readonly field: string,
    expected: string,
  ) {
    super(`${field} must be ${expected}`);
  }
}

export type Parser<T> = (value: unknown, field: string) => T;

/** A string of `min` to `max` UTF-16 units. */
export function text(min: number, max: number): Parser<string> {
  return (value, field) => {
    if (typeof value !== 'string' || value.length < min || value.length > max) {
      throw new ShapeError(field, `a string of ${min} to ${max} characters`);
    }
    return value;
  };
}

/** A string of 1 to `maxBytes` bytes in UTF-8. */
export function payload(maxBytes: number): Parser<string> {
  return (value, field) => {
    if (typeof value !== 'string' || value === '' || utf8Length(value, maxBytes) > maxBytes) {
      throw new ShapeError(field, `a string of 1 to ${maxBytes} bytes`);
    }
    return value;
  };
}

/** Like `text`, but for people: no control characters or lone surrogates, and not only white space. */
export function label(max: number): Parser<string> {
  const plain = text(1, max);
  return (value, field) => {
    const parsed = plain(value, field);
    if (/\p{Cc}|\p{Cs}|\u2028|\u2029/u.test(parsed) || parsed.trim() === '') {
      throw new ShapeError(field, 'a visible text without control characters');
    }
    return parsed;
  };
}

export function integer(min: number, max: number): Parser<number> {
  return (value, field) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw new ShapeError(field, `an integer from ${min} to ${max}`);
    }
    return value;
  };
}

export function positiveNumber(max: number): Parser<number> {
  return (value, field) => {
    // The comparison also refuses NaN.
    if (typeof value !== 'number' || !(value > 0 && value <= max)) {
      throw new ShapeError(field, `a number above 0 and up to ${max}`);
    }
    return value;
  };
}

export const boolean: Parser<boolean> = (value, field) => {
  if (typeof value !== 'boolean') throw new ShapeError(field, 'true or false');
  return value;
};

export function oneOf<const T extends string>(choices: readonly T[]): Parser<T> {
  return (value, field) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new ShapeError(field, `one of ${choices.join(', ')}`);
    return found;
  };
}

export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return (value, field) => (value === undefined || value === null ? undefined : parser(value, field));
}

export function list<T>(parser: Parser<T>, min: number, max: number): Parser<T[]> {
  return (value, field) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      throw new ShapeError(field, `a list of ${min} to ${max} entries`);
    }
    return value.map((entry: unknown, index) => parser(entry, `${field}[${index}]`));
  };
}

type Shape = Record<string, Parser<unknown>>;
type OptionalKeys<S extends Shape> = {
  [K in keyof S]: undefined extends ReturnType<S[K]> ? K : never;
}[keyof S];
type Parsed<S extends Shape> = { [K in Exclude<keyof S, OptionalKeys<S>>]: ReturnType<S[K]> } & {
  [K in OptionalKeys<S>]?: ReturnType<S[K]>;
};

/** Absent optional keys stay absent. Unknown keys are left out, so older servers accept newer clients. */
export function object<S extends Shape>(shape: S): Parser<Parsed<S>> {
  const keys = Object.keys(shape);
  return (value, field) => {
    const source = asRecord(value, field);
    const parsed: Record<string, unknown> = {};
    for (const key of keys) {
      const result = shape[key](source[key], `${field}.${key}`);
      if (result !== undefined) parsed[key] = result;
    }
    return parsed as Parsed<S>;
  };
}

/** A flat map of plain values, such as codec parameters. */
export function scalarMap(maxEntries: number): Parser<Record<string, string | number | boolean>> {
  return (value, field) => {
    const entries = Object.entries(asRecord(value, field));
    if (entries.length > maxEntries) throw new ShapeError(field, `a map of at most ${maxEntries} entries`);
    const parsed: [string, string | number | boolean][] = [];
    for (const [key, entry] of entries) {
      if (entry === null || entry === undefined) continue;
      const plain = typeof entry === 'string' || Number.isFinite(entry) || typeof entry === 'boolean';
      if (key.length > 64 || !plain || (typeof entry === 'string' && entry.length > 512)) {
        throw new ShapeError(field, 'a map of short names to strings, numbers or booleans');
      }
      parsed.push([key, entry as string | number | boolean]);
    }
    return Object.fromEntries(parsed);
  };
}

/** Counts no further than just above `limit`. */
function utf8Length(value: string, limit: number): number {
  if (value.length > limit) return value.length;
  let length = 0;
  for (let i = 0; i < value.length && length <= limit; i++) {
    const unit = value.charCodeAt(i);
    // Each half of a surrogate pair counts two of its four bytes.
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
  }
  return length;
}

function asRecord(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ShapeError(field, 'a map');
  return value as Record<string, unknown>;
}
