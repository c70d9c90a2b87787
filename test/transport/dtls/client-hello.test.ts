import t from 'tap';
import fc from 'fast-check';
import { negotiate, parseClientHello, type ClientHello } from '#src/transport/dtls/client-hello.js';
import { parseCertificateList } from '#src/transport/dtls/client-authentication.js';

interface Parts {
  version?: number;
  sessionId?: number;
  cookie?: number[];
  suites?: number[];
  compression?: number[];
  extensions?: [number, number[]][];
}

function hello(parts: Parts = {}): Buffer {
  const u16 = (value: number) => [value >>> 8, value & 255];
  const extensions = (parts.extensions ?? usual).flatMap(([type, data]) => [
    ...u16(type),
    ...u16(data.length),
    ...data,
  ]);
  const suites = (parts.suites ?? [0xc02b, 0xc02f]).flatMap(u16);
  const cookie = parts.cookie ?? [];
  const compression = parts.compression ?? [0];
  return Buffer.from([
    ...u16(parts.version ?? 0xfefd),
    ...Array.from({ length: 32 }, (_, i) => i),
    parts.sessionId ?? 0,
    ...new Array<number>(parts.sessionId ?? 0).fill(1),
    cookie.length,
    ...cookie,
    ...u16(suites.length),
    ...suites,
    compression.length,
    ...compression,
    ...u16(extensions.length),
    ...extensions,
  ]);
}

const groups: [number, number[]] = [10, [0, 4, 0, 29, 0, 23]];
const signatures: [number, number[]] = [13, [0, 4, 4, 3, 4, 1]];
const useSrtp: [number, number[]] = [14, [0, 4, 0, 7, 0, 1, 0]];
const usual: [number, number[]][] = [groups, signatures, useSrtp, [23, []]];

const parse = (parts: Parts) => parseClientHello(hello(parts));
const agree = (parts: Parts, keyType: 'ecdsa' | 'rsa' = 'ecdsa') =>
  negotiate(parse(parts) as ClientHello, keyType, ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM']);

t.test('reads what it needs', (t) => {
  const read = parse({ cookie: [9, 8, 7], sessionId: 4 })!;
  t.same(
    [...read.random],
    Array.from({ length: 32 }, (_, i) => i),
  );
  t.same([...read.cookie], [9, 8, 7]);
  t.same(read.supportedGroups, [29, 23]);
  t.same(read.signatureAlgorithms, [0x0403, 0x0401]);
  t.same(read.srtpProfileIds, [7, 1]);
  t.ok(read.extendedMasterSecret);
  t.ok(read.nullCompression);
  const bare = hello({ extensions: [] });
  t.ok(parseClientHello(bare.subarray(0, bare.length - 2)), 'extensions may be missing altogether');
  t.end();
});

t.test('malformed ones are null', (t) => {
  t.equal(parse({ version: 0x0303 }), null, 'TLS');
  t.equal(parse({ sessionId: 33 }), null);
  t.equal(parse({ extensions: [groups, groups] }), null, 'an extension twice');
  t.equal(parse({ extensions: [[10, [0, 3, 0, 29, 0]]] }), null, 'odd list');
  t.equal(parse({ extensions: [[10, [0, 2, 0, 29, 0]]] }), null, 'bytes behind the list');
  t.equal(parse({ extensions: [[14, [0, 4, 0, 7]]] }), null, 'list cut short');
  t.equal(parseClientHello(Buffer.concat([hello(), Buffer.alloc(1)])), null, 'bytes behind the message');
  const whole = hello();
  for (let length = 0; length < whole.length; length++) {
    const read = parseClientHello(whole.subarray(0, length));
    // The message without its extensions is complete too.
    t.ok(read === null || read.srtpProfileIds.length === 0, `${length} bytes`);
  }
  t.end();
});

t.test('never throws', (t) => {
  const valid = [...hello({ cookie: [1, 2, 3] })];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(250),
      (edits, cut) => {
        const bytes = Uint8Array.from(valid);
        for (const [at, value] of edits) bytes[at] = value;
        parseClientHello(bytes.subarray(0, cut));
        parseClientHello(bytes);
        parseCertificateList(bytes.subarray(cut));
      },
    ),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('negotiation', (t) => {
  const without = (type: number) => usual.filter(([t]) => t !== type);
  t.same(
    agree({}),
    { profile: 'AES_CM_128_HMAC_SHA1_80', group: 29 },
    'of profiles our order counts, not the client’s; of curves the client’s',
  );
  t.same(agree({ extensions: [...without(10), [10, [0, 6, 0, 24, 0, 23, 0, 29]]] }), {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    group: 23,
  });
  t.same(agree({ extensions: [...without(14), [14, [0, 2, 0, 7, 0]]] }), {
    profile: 'AEAD_AES_128_GCM',
    group: 29,
  });
  t.same(agree({ extensions: [...without(14), [14, [0, 2, 0, 2, 0]]] }), {
    failure: 'no-common-srtp-profile',
  });
  t.same(agree({ extensions: without(14) }), { failure: 'no-common-srtp-profile' });
  t.same(agree({ extensions: without(10) }), { failure: 'no-common-curve' });
  t.same(agree({ extensions: without(13) }), { failure: 'no-common-signature-algorithm' });
  t.same(agree({ version: 0xfeff }), { failure: 'unsupported-version' });
  t.same(agree({ extensions: [...usual, [43, [2, 0xfe, 0xfc]]] }), { failure: 'unsupported-version' });
  t.same(agree({ extensions: [...usual, [43, [4, 0xfe, 0xfc, 0xfe, 0xfd]]] }), {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    group: 29,
  });
  t.same(agree({ suites: [0xc02b] }, 'rsa'), { failure: 'no-common-cipher-suite' });
  t.same(agree({ suites: [0xc02f] }, 'ecdsa'), { failure: 'no-common-cipher-suite' });
  t.same(agree({ compression: [1] }), { failure: 'no-common-cipher-suite' });
  t.end();
});

t.test('certificate lists', (t) => {
  t.same(parseCertificateList(Buffer.from([0, 0, 0])), { leaf: null });
  t.same(parseCertificateList(Buffer.from([0, 0, 3, 0, 0, 0])), { leaf: null });
  const two = parseCertificateList(Buffer.from([0, 0, 9, 0, 0, 2, 5, 6, 0, 0, 1, 7]))!;
  t.same([...two.leaf!], [5, 6]);
  t.equal(parseCertificateList(Buffer.from([0, 0, 4, 0, 0, 2, 5])), null);
  t.equal(parseCertificateList(Buffer.from([0, 0, 0, 1])), null);
  t.equal(parseCertificateList(Buffer.alloc(0)), null);
  t.end();
});
