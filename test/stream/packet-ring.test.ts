import t from 'tap';
import { BLOCK_SIZE, PacketArena } from '#src/stream/packet-arena.js';
import { PacketRing } from '#src/stream/packet-ring.js';

function put(ring: PacketRing, arena: PacketArena, now: number, sequence: number, size = 1000): number {
  const offset = ring.reserve(now, size);
  if (offset < 0) return offset;
  arena.bytes.fill(sequence & 0xff, offset, offset + size);
  ring.store(now, sequence, offset, size);
  return offset;
}

t.test('finds what it was given, with its bytes', (t) => {
  const arena = new PacketArena(8 * BLOCK_SIZE);
  const ring = new PacketRing(arena, { retentionMs: 2000 });
  for (let sequence = 65530; sequence < 65560; sequence++) put(ring, arena, sequence, sequence & 0xffff);
  const offset = ring.find(3);
  t.ok(offset >= 0);
  t.equal(ring.lengthOf(3), 1000);
  t.equal(arena.bytes[offset + 999], 3);
  t.equal(ring.find(100), -1, 'never stored');
  t.end();
});

t.test('memory follows the bitrate: old blocks go back', (t) => {
  const arena = new PacketArena(64 * BLOCK_SIZE);
  const ring = new PacketRing(arena, { retentionMs: 100 });
  for (let sequence = 0; sequence < 2000; sequence++) put(ring, arena, sequence * 10, sequence & 0xffff);
  t.ok(arena.used <= 3 * BLOCK_SIZE, `${arena.used} bytes for 100 ms of 100 packets per second`);
  t.ok(ring.find(1999) >= 0);
  t.equal(ring.find(1800), -1, 'its block was given back');
  ring.clear();
  t.equal(arena.used, 0);
  t.end();
});

t.test('a full arena costs history, never a packet', (t) => {
  const arena = new PacketArena(2 * BLOCK_SIZE);
  const ring = new PacketRing(arena, { retentionMs: 60_000 });
  for (let sequence = 0; sequence < 100; sequence++) {
    t.ok(put(ring, arena, sequence, sequence) >= 0);
  }
  t.ok(ring.find(99) >= 0);
  t.equal(ring.find(50), -1);
  t.end();
});

t.test('no memory at all is an answer, not a fault', (t) => {
  const arena = new PacketArena(BLOCK_SIZE);
  const first = new PacketRing(arena, { retentionMs: 1000 });
  const second = new PacketRing(arena, { retentionMs: 1000 });
  t.ok(put(first, arena, 0, 1) >= 0);
  t.equal(put(second, arena, 0, 1), -1);
  t.end();
});

t.test('a number from 65,536 packets ago is not mistaken for a new one', (t) => {
  const arena = new PacketArena(512 * BLOCK_SIZE);
  const ring = new PacketRing(arena, { retentionMs: 1e9 });
  put(ring, arena, 0, 5, 100);
  for (let sequence = 2000; sequence < 2010; sequence++) put(ring, arena, 1, sequence, 100);
  t.equal(ring.find(5), -1);
  t.end();
});
