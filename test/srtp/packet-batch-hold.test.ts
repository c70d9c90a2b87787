import fc from 'fast-check';
import t from 'tap';
import { PacketBatch } from '#src/srtp/packet-batch.js';

function fill(batch: PacketBatch<null>, packets: number): number[] {
  const offsets = [];
  for (let i = 0; i < packets; i++) {
    const offset = batch.acquire();
    if (offset < 0) break;
    offsets.push(offset);
    batch.commit(40, null, null);
  }
  return offsets;
}

t.test('a held slot is not given out again until it is released', (t) => {
  const batch = new PacketBatch<null>(8, 64);
  const all = fill(batch, 8);
  const held = [batch.hold(0), batch.hold(7)];
  t.same(held, [all[0], all[7]]);
  batch.clear();
  t.same(
    fill(batch, 8).sort((a, b) => a - b),
    all.slice(1, 7),
  );
  t.throws(() => batch.commit(40, null, null), /all 6 slots/);
  batch.clear();
  batch.release(held[1]);
  batch.release(held[0]);
  t.same(
    fill(batch, 9).sort((a, b) => a - b),
    all,
  );
  t.end();
});

t.test('a quarter of the slots can be held', (t) => {
  const batch = new PacketBatch<null>(8, 64);
  fill(batch, 3);
  batch.hold(2);
  t.equal(batch.canHold, true);
  t.throws(() => batch.hold(2), RangeError, 'twice');
  t.throws(() => batch.hold(3), RangeError, 'no entry');
  const second = batch.hold(0);
  t.equal(batch.canHold, false);
  t.throws(() => batch.hold(1), RangeError);
  t.throws(() => batch.release(second), /in the turn that held it/);
  batch.clear();
  batch.release(second);
  t.equal(batch.canHold, true);
  t.equal(new PacketBatch<null>(3, 64).canHold, false, 'too few');
  t.end();
});

t.test('whatever is held and released, no slot is given out twice', (t) => {
  const turn = fc.record({
    packets: fc.nat(16),
    hold: fc.array(fc.nat(15), { maxLength: 5 }),
    release: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 30 }), (turns) => {
      const batch = new PacketBatch<null>(16, 64);
      const held: number[] = [];
      for (const { packets, hold, release } of turns) {
        const given = fill(batch, packets);
        const occupied = new Set([...given, ...held]);
        if (occupied.size !== given.length + held.length) return false;
        if (given.length !== Math.min(packets, 16 - held.length)) return false;
        for (const index of new Set(hold))
          if (index < batch.count && batch.canHold) held.push(batch.hold(index));
        batch.clear();
        for (const offset of held.splice(0, release)) batch.release(offset);
      }
      return true;
    }),
  );
  t.end();
});

t.test('a view is the bytes of its entry, also when its slot was exchanged', (t) => {
  const memory = new Uint8Array(1024);
  for (let i = 0; i < 1024; i++) memory[i] = i >> 2;
  // Not at the start of its buffer.
  const batch = new PacketBatch<null>(4, 64, { bytes: memory.subarray(128), offset: 64 });
  const look = (length: number): Uint8Array => {
    const offset = batch.acquire();
    batch.commit(length, null, null);
    const view = batch.view(batch.count - 1);
    t.same([...view], [...batch.bytes.subarray(offset, offset + length)]);
    return view;
  };
  const first = look(40);
  t.equal(batch.view(0), first, 'kept');
  batch.clear();
  t.equal(look(40), first);
  batch.clear();
  look(41);
  look(57);
  const held = batch.hold(0);
  batch.clear();
  t.not(look(40), first, 'another slot');
  batch.clear();
  batch.release(held);
  for (let i = 0; i < 4; i++) look(40);
  t.end();
});
