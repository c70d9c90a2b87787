/**
 * Small parsers that turn `unknown` into typed values at the edge. A parser builds a new value from the known keys only
 * and throws nothing but a `Refusal` (`bad-request`) that names the field. Null counts as absent.
 */
import type { Localized } from '../../shared/api.js';
import { refusal } from './refusal.js';

export type Parser<T> = (value: unknown, field: string) => T;

/** Throws: `field` is not what was expected. */
export function wrong(field: string, expected: Localized): never {
  throw refusal('bad-request', {
    field,
    localized: {
      sv: `Fältet ${field} ska vara ${expected.sv}.`,
      en: `The field ${field} must be ${expected.en}.`,
    },
  });
}

/** `min` to `max` UTF-16 units; no control characters but line breaks and tabs, no lone surrogates. */
export function text(min: number, max: number): Parser<string> {
  return (value, field) => {
    if (
      typeof value !== 'string' ||
      value.length < min ||
      value.length > max ||
      /[^\P{Cc}\n\r\t]|\p{Cs}/u.test(value)
    ) {
      wrong(field, {
        sv: `en text med ${min} till ${max} tecken`,
        en: `a text of ${min} to ${max} characters`,
      });
    }
    return value;
  };
}

/** One visible line, trimmed: names, titles. */
export function line(max: number): Parser<string> {
  return (value, field) => {
    const trimmed = typeof value === 'string' ? value.trim() : '';
    if (trimmed === '' || trimmed.length > max || /\p{Cc}|\p{Cs}|\u2028|\u2029/u.test(trimmed)) {
      wrong(field, {
        sv: `en rad med 1 till ${max} synliga tecken`,
        en: `a line of 1 to ${max} visible characters`,
      });
    }
    return trimmed;
  };
}

/** A text that `pattern` matches as a whole; `expected` says what that is. */
export function matching(pattern: RegExp, expected: Localized): Parser<string> {
  return (value, field) => {
    if (typeof value !== 'string' || !pattern.test(value)) wrong(field, expected);
    return value;
  };
}

/** Lower case. No more is checked than what a mail server needs; whether it exists shows when mail goes there. */
export const email: Parser<string> = (value, field) => {
  const address = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (
    address.length > 254 ||
    !/^[^\s@<>(),;:"[\]\\\p{Cc}]{1,64}@[^\s@<>(),;:"[\]\\\p{Cc}]+\.[^\s@.<>(),;:"[\]\\\p{Cc}]{2,63}$/u.test(
      address,
    )
  ) {
    wrong(field, { sv: 'en e-postadress', en: 'an e-mail address' });
  }
  return address;
};

/** A random identifier of ours. */
export const id: Parser<string> = matching(/^[\w-]{1,64}$/, { sv: 'en identitet', en: 'an identifier' });

export function integer(min: number, max: number): Parser<number> {
  return (value, field) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      wrong(field, { sv: `ett heltal från ${min} till ${max}`, en: `a whole number from ${min} to ${max}` });
    }
    return value;
  };
}

export const boolean: Parser<boolean> = (value, field) => {
  if (typeof value !== 'boolean') wrong(field, { sv: 'sant eller falskt', en: 'true or false' });
  return value;
};

export function oneOf<const T extends string | number>(choices: readonly T[]): Parser<T> {
  return (value, field) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) {
      wrong(field, { sv: `något av ${choices.join(', ')}`, en: `one of ${choices.join(', ')}` });
    }
    return found;
  };
}

/** ISO 8601 with a time zone; the answer is milliseconds since 1970. */
export const instant: Parser<number> = (value, field) => {
  const matches =
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(value);
  const time = matches ? Date.parse(value) : NaN;
  if (Number.isNaN(time)) {
    wrong(field, {
      sv: 'en tidpunkt som 2026-05-04T09:00:00Z',
      en: 'a time such as 2026-05-04T09:00:00Z',
    });
  }
  return time;
};

export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return (value, field) => (value === undefined || value === null ? undefined : parser(value, field));
}

export function nullable<T>(parser: Parser<T>): Parser<T | null> {
  return (value, field) => (value === undefined || value === null ? null : parser(value, field));
}

export function list<T>(parser: Parser<T>, min: number, max: number): Parser<T[]> {
  return (value, field) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      wrong(field, {
        sv: `en lista med ${min} till ${max} poster`,
        en: `a list of ${min} to ${max} entries`,
      });
    }
    return value.map((entry: unknown, index) => parser(entry, `${field}[${index}]`));
  };
}

type Shape = Record<string, Parser<unknown>>;
type OptionalKeys<S extends Shape> = {
  [K in keyof S]: undefined extends ReturnType<S[K]> ? K : never;
}[keyof S];
export type Parsed<S extends Shape> = { [K in Exclude<keyof S, OptionalKeys<S>>]: ReturnType<S[K]> } & {
  [K in OptionalKeys<S>]?: ReturnType<S[K]>;
};

/** Absent optional keys stay absent; unknown keys are left out. Field names are paths: `invitees[0].email`. */
export function object<S extends Shape>(shape: S): Parser<Parsed<S>> {
  const keys = Object.keys(shape);
  return (value, field) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      wrong(field === '' ? 'body' : field, { sv: 'ett objekt', en: 'an object' });
    }
    const source = value as Record<string, unknown>;
    const parsed: Record<string, unknown> = {};
    for (const key of keys) {
      const own = Object.hasOwn(source, key) ? source[key] : undefined;
      const result = shape[key](own, field === '' ? key : `${field}.${key}`);
      if (result !== undefined) parsed[key] = result;
    }
    return parsed as Parsed<S>;
  };
}
