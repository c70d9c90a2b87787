import t from 'tap';
import fc from 'fast-check';
import { FragmentReader } from '#src/transport/dtls/handshake-message.js';
import { HandshakeReassembler } from '#src/transport/dtls/handshake-reassembler.js';
import { handshake } from './scripted-client.js';

const MAX_MESSAGE = 1000;
const MAX_BUFFERED = 1500;

function add(reassembler: HandshakeReassembler, bytes: Uint8Array): string | null {
  const reader = new FragmentReader();
  reader.begin(bytes, 0, bytes.length);
  if (!reader.next()) throw new Error('the test wrote a bad fragment');
  return reassembler.add(reader, bytes);
}

t.test('any cutting, order and repetition gives the messages back, in order', (t) => {
  const cuts = fc.array(
    fc.record({ message: fc.nat(2), from: fc.nat(199), length: fc.integer({ min: 1, max: 90 }) }),
  );
  fc.assert(
    fc.property(
      fc.tuple(fc.nat(200), fc.nat(200), fc.nat(200)),
      cuts,
      fc.integer(),
      ([a, b, c], parts, salt) => {
        const bodies = [a, b, c].map((length, i) =>
          Uint8Array.from({ length }, (_, k) => (k * 7 + i * 31 + salt) & 255),
        );
        const types = [1, 11, 16];
        const pieces: Buffer[] = [];
        for (const { message, from, length } of parts) {
          const body = bodies[message];
          if (from >= body.length) continue;
          pieces.push(
            handshake(types[message], message, body.subarray(from, from + length), {
              offset: from,
              total: body.length,
            }),
          );
        }
        // Whatever the random pieces left open; the last message first.
        for (let i = 2; i >= 0; i--) pieces.push(handshake(types[i], i, bodies[i]));
        const reassembler = new HandshakeReassembler(MAX_MESSAGE, MAX_BUFFERED);
        const seen: number[] = [];
        for (const piece of pieces) {
          const reason = add(reassembler, piece);
          if (reason !== null && reason !== 'duplicate-handshake') return false;
          for (let message = reassembler.peek(); message; message = reassembler.peek()) {
            const whole = handshake(types[message.sequence], message.sequence, bodies[message.sequence]);
            if (!whole.equals(message.bytes)) return false;
            seen.push(message.sequence);
            reassembler.advance();
          }
        }
        return seen.join() === '0,1,2' && reassembler.storedBytes === a + b + c;
      },
    ),
  );
  t.end();
});

t.test('bounds: message size, memory, window', (t) => {
  const reassembler = new HandshakeReassembler(MAX_MESSAGE, MAX_BUFFERED);
  const start = (sequence: number, total: number) =>
    handshake(11, sequence, Buffer.alloc(1), { offset: 0, total });
  t.equal(add(reassembler, start(0, MAX_MESSAGE + 1)), 'reassembly-limit');
  t.equal(add(reassembler, start(0, MAX_MESSAGE)), null);
  t.equal(add(reassembler, start(1, 501)), 'reassembly-limit');
  t.equal(add(reassembler, start(1, 500)), null);
  t.equal(add(reassembler, start(2, 1)), 'reassembly-limit');
  t.equal(add(reassembler, start(8, 1)), 'message-sequence');
  t.equal(add(reassembler, start(65535, 1)), 'message-sequence');
  t.equal(reassembler.peek(), null);
  t.end();
});

t.test('a contradicting fragment starts the message anew and gives the memory back', (t) => {
  const reassembler = new HandshakeReassembler(MAX_MESSAGE, MAX_BUFFERED);
  for (let i = 0; i < 100; i++) {
    const total = 900 + (i % 2);
    t.equal(add(reassembler, handshake(11, 0, Buffer.alloc(10, i), { offset: 0, total })), null);
  }
  const genuine = handshake(16, 0, Buffer.from('the one'));
  t.equal(add(reassembler, genuine), null);
  t.same(Buffer.from(reassembler.peek()!.bytes), genuine);
  t.end();
});

t.test('discard waits for another message under the same number', (t) => {
  const reassembler = new HandshakeReassembler(MAX_MESSAGE, MAX_BUFFERED);
  add(reassembler, handshake(11, 0, Buffer.from('bad')));
  reassembler.discard();
  t.equal(reassembler.peek(), null);
  t.equal(reassembler.next, 0);
  t.equal(add(reassembler, handshake(11, 0, Buffer.from('good'))), null);
  t.ok(reassembler.peek());
  reassembler.advance();
  t.equal(reassembler.next, 1);
  t.equal(add(reassembler, handshake(11, 0, Buffer.from('good'))), 'duplicate-handshake');
  t.end();
});

t.test('an empty message is a message', (t) => {
  const reassembler = new HandshakeReassembler(MAX_MESSAGE, MAX_BUFFERED);
  t.equal(add(reassembler, handshake(14, 0, Buffer.alloc(0))), null);
  t.equal(reassembler.peek()?.bytes.length, 12);
  t.equal(add(reassembler, handshake(14, 0, Buffer.alloc(0))), 'duplicate-handshake');
  t.end();
});
