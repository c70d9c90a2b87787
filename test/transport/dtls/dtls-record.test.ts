import t from 'tap';
import fc from 'fast-check';
import { buildRecord, packRecords, RecordReader } from '#src/transport/dtls/dtls-record.js';
import { FragmentReader } from '#src/transport/dtls/handshake-message.js';
import { handshake } from './scripted-client.js';

t.test('records written are records read', (t) => {
  const one = fc.record({
    contentType: fc.constantFrom(20, 21, 22, 23),
    epoch: fc.nat(65535),
    sequenceNumber: fc.nat(2 ** 31 - 1).map((n) => n * 2 ** 16 + 65535),
    fragment: fc.uint8Array({ minLength: 1, maxLength: 600 }),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), (list) => {
      const records = list.map((r) => buildRecord(r.contentType, r.epoch, r.sequenceNumber, r.fragment));
      const datagrams = packRecords(records);
      const reader = new RecordReader();
      let i = 0;
      for (const datagram of datagrams) {
        if (datagram.length > 1200) return false;
        reader.begin(datagram);
        while (reader.next()) {
          const expected = list[i++];
          const end = reader.fragmentOffset + reader.fragmentLength;
          const same =
            reader.contentType === expected.contentType &&
            reader.epoch === expected.epoch &&
            reader.sequenceNumber === expected.sequenceNumber &&
            Buffer.compare(datagram.subarray(reader.fragmentOffset, end), expected.fragment) === 0;
          if (!same) return false;
        }
        if (reader.malformed) return false;
      }
      return i === list.length;
    }),
  );
  t.end();
});

t.test('no bytes make the readers leave their bounds', (t) => {
  const shaped = fc.tuple(fc.uint8Array({ maxLength: 80 }), fc.nat(70)).map(([bytes, length]) => {
    const header = Buffer.from([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, length]);
    return Buffer.concat([header, bytes]);
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), shaped), (bytes) => {
      const reader = new RecordReader();
      const fragment = new FragmentReader();
      reader.begin(bytes);
      while (reader.next()) {
        const end = reader.fragmentOffset + reader.fragmentLength;
        if (end > bytes.length || reader.fragmentLength === 0) return false;
        fragment.begin(bytes, reader.fragmentOffset, reader.fragmentLength);
        while (fragment.next()) {
          if (fragment.dataOffset + fragment.fragmentLength > end) return false;
          if (fragment.fragmentOffset + fragment.fragmentLength > fragment.messageLength) return false;
        }
      }
      return true;
    }),
    { numRuns: 1000 },
  );
  t.end();
});

t.test('only DTLS 1.2, and 1.0 in plaintext', (t) => {
  const reader = new RecordReader();
  const accepts = (change: (record: Uint8Array) => void) => {
    const record = buildRecord(22, 1, 0, new Uint8Array(30));
    change(record);
    reader.begin(record);
    return reader.next();
  };
  t.ok(accepts(() => {}));
  t.notOk(
    accepts((record) => (record[2] = 255)),
    'DTLS 1.0 in epoch 1',
  );
  t.ok(
    accepts((record) => {
      record[2] = 255;
      record[4] = 0;
    }),
    'DTLS 1.0 in epoch 0',
  );
  t.notOk(
    accepts((record) => (record[1] = 3)),
    'TLS',
  );
  t.notOk(
    accepts((record) => (record[2] = 252)),
    'DTLS 1.3',
  );
  t.notOk(
    accepts((record) => (record[0] = 25)),
    'unknown content type',
  );
  t.end();
});

t.test('impossible fragments are malformed', (t) => {
  const reader = new FragmentReader();
  const accepts = (bytes: Uint8Array) => {
    reader.begin(bytes, 0, bytes.length);
    return reader.next();
  };
  t.ok(accepts(handshake(1, 0, Buffer.alloc(5), { offset: 5, total: 10 })));
  t.notOk(accepts(handshake(1, 0, Buffer.alloc(5), { offset: 6, total: 10 })), 'beyond the end');
  t.notOk(accepts(handshake(1, 0, Buffer.alloc(0), { offset: 0, total: 10 })), 'an empty piece');
  t.notOk(accepts(handshake(1, 0, Buffer.alloc(5)).subarray(0, 16)), 'cut short');
  t.end();
});
