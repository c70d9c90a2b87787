import fc from 'fast-check';
import t from 'tap';
import {
  boolean,
  integer,
  label,
  list,
  object,
  oneOf,
  optional,
  scalarMap,
  ShapeError,
  text,
} from '#src/signalling/shape.js';

t.test('an object parser keeps known keys, drops unknown ones and takes null for absent', (t) => {
  const parser = object({ name: text(1, 5), age: optional(integer(0, 150)) });
  t.strictSame(parser({ name: 'anna', age: 7, extra: [] }, 'data'), { name: 'anna', age: 7 });
  t.strictSame(parser({ name: 'anna', age: null }, 'data'), { name: 'anna' });
  t.end();
});

t.test('errors name the field by its path', (t) => {
  const parser = object({ codecs: list(object({ clockRate: integer(1, 90000) }), 0, 3) });
  const fieldOf = (value: unknown): string => {
    try {
      parser(value, 'data');
    } catch (error) {
      if (error instanceof ShapeError) return error.field;
    }
    return 'no ShapeError';
  };
  t.equal(fieldOf({ codecs: [{ clockRate: 48000 }, { clockRate: 1.5 }] }), 'data.codecs[1].clockRate');
  t.equal(fieldOf({ codecs: 'many' }), 'data.codecs');
  t.equal(fieldOf({ codecs: [{}, {}, {}, {}] }), 'data.codecs');
  t.equal(fieldOf([]), 'data');
  t.end();
});

t.test('labels refuse what would deceive or break a list of names', (t) => {
  const name = label(10);
  for (const good of ['Åsa', '王 明', '👩‍💻', ' a ']) t.equal(name(good, 'x'), good);
  for (const bad of ['', '   ', 'a\nb', 'a\u0000', '\ud800', 'a\u2028b', 'x'.repeat(11), 7, null]) {
    // Escaped whole: a line separator in its name would cut a test's line in two.
    t.throws(() => name(bad, 'x'), ShapeError, Buffer.from(String(bad)).toString('hex'));
  }
  t.end();
});

t.test('scalar maps refuse nesting, NaN and prototype tricks', (t) => {
  const map = scalarMap(3);
  t.strictSame(map({ apt: 96, a: 'b', gone: null }, 'x'), { apt: 96, a: 'b' });
  for (const bad of [
    { a: {} },
    { a: NaN },
    { a: Infinity },
    { a: 1, b: 2, c: 3, d: 4 },
    { ['k'.repeat(65)]: 1 },
  ]) {
    t.throws(() => map(bad, 'x'), ShapeError);
  }
  const hostile = JSON.parse('{"__proto__": 1, "b": 2}') as unknown;
  const parsed = map(hostile, 'x');
  t.equal(Object.getPrototypeOf(parsed), Object.prototype);
  t.end();
});

t.test('any value gives a result or a ShapeError, nothing else', (t) => {
  const parser = object({
    a: optional(list(scalarMap(4), 0, 5)),
    b: oneOf(['x', 'y']),
    c: boolean,
    d: optional(label(8)),
  });
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withMap: true, withSparseArray: true }), (value) => {
      try {
        parser(value, 'v');
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
      }
    }),
  );
  t.end();
});
