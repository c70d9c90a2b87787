import fc from 'fast-check';
import t from 'tap';
import { parseRequest } from '#src/signalling/parse-request.js';
import { MAX_PAYLOAD_BYTES } from '#src/signalling/protocol.js';
import { payload, ShapeError } from '#src/signalling/shape.js';

const fieldOf = (request: string, data: unknown): string | undefined => {
  const parsed = parseRequest({ id: 1, request, data });
  return parsed.ok ? 'fine' : parsed.error.field;
};

t.test('relayed messages', async (t) => {
  const good = { topic: 'chat', payload: 'hej' };
  t.equal(fieldOf('message', good), 'fine');
  t.equal(fieldOf('message', { ...good, to: [] }), 'fine');
  t.equal(fieldOf('message', { ...good, payload: 'x'.repeat(MAX_PAYLOAD_BYTES) }), 'fine');
  const bad: [object, string][] = [
    [{ payload: 'x'.repeat(MAX_PAYLOAD_BYTES + 1) }, 'data.payload'],
    [{ payload: '' }, 'data.payload'],
    [{ payload: { key: 1 } }, 'data.payload'],
    [{ topic: '' }, 'data.topic'],
    [{ topic: 'x'.repeat(33) }, 'data.topic'],
    [{ to: 'everybody' }, 'data.to'],
    [{ to: [1] }, 'data.to[0]'],
    [{ to: Array<string>(513).fill('x') }, 'data.to'],
  ];
  for (const [change, field] of bad) t.equal(fieldOf('message', { ...good, ...change }), field);
});

t.test('hands', async (t) => {
  t.equal(fieldOf('raiseHand', { raised: true }), 'fine');
  t.equal(fieldOf('raiseHand', { raised: 1 }), 'data.raised');
  t.equal(fieldOf('raiseHand', {}), 'data.raised');
});

t.test('a payload is measured in bytes of UTF-8', async () => {
  const fits = (value: string, limit: number): boolean => {
    try {
      return payload(limit)(value, 'payload') === value;
    } catch (error) {
      if (error instanceof ShapeError) return false;
      throw error;
    }
  };
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
      const bytes = Buffer.byteLength(value);
      return fits(value, bytes) && !fits(value, bytes - 1);
    }),
  );
});
