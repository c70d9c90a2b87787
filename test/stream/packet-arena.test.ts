import t from 'tap';
import { BLOCK_SIZE, PacketArena } from '#src/stream/packet-arena.js';

t.test('blocks lie beside each other, come back, and end with the memory', (t) => {
  const arena = new PacketArena(2 * BLOCK_SIZE + 100);
  t.equal(arena.bytes.length, 2 * BLOCK_SIZE);
  t.equal(arena.allocate(), 0);
  t.equal(arena.allocate(), BLOCK_SIZE);
  t.equal(arena.allocate(), -1);
  t.equal(arena.used, 2 * BLOCK_SIZE);
  arena.release(0);
  t.equal(arena.used, BLOCK_SIZE);
  t.equal(arena.allocate(), 0);
  t.end();
});

t.test('a range is whole blocks in a row', (t) => {
  const arena = new PacketArena(4 * BLOCK_SIZE);
  t.equal(arena.allocateRange(BLOCK_SIZE + 1), 0);
  t.equal(arena.used, 2 * BLOCK_SIZE);
  const block = arena.allocate();
  t.equal(block, 2 * BLOCK_SIZE);
  t.throws(() => arena.allocateRange(2 * BLOCK_SIZE), RangeError);
  arena.release(block);
  t.throws(() => arena.allocateRange(1), RangeError, 'not once blocks have come back');
  t.end();
});

t.test('memory of somebody else is handed out where it lies', (t) => {
  const memory = new Uint8Array(new ArrayBuffer(10 * BLOCK_SIZE), BLOCK_SIZE, 3 * BLOCK_SIZE + 5);
  const arena = new PacketArena(memory);
  t.equal(arena.bytes.length, 3 * BLOCK_SIZE);
  t.equal(arena.bytes.buffer, memory.buffer);
  t.equal(arena.bytes.byteOffset, BLOCK_SIZE);
  arena.bytes[arena.allocate()] = 7;
  t.equal(memory[0], 7);
  t.throws(() => new PacketArena(new Uint8Array(100)), RangeError);
  t.end();
});
