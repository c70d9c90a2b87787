import { createSecretKey } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { Message, parseMessage } from 'werift';
import { crc32 } from '#src/transport/ice/crc32.js';
import { ipAddressBytes } from '#src/transport/ice/ip-address.js';
import {
  StunAttribute,
  StunClass,
  StunMessage,
  StunMethod,
  verifyFingerprint,
  verifyIntegrity,
} from '#src/transport/ice/stun.js';
import { StunWriter } from '#src/transport/ice/stun-writer.js';
import * as vectors from './stun-vectors.js';

const key = createSecretKey(vectors.password, 'utf8');

/** Behind some foreign bytes, to see that offsets are honoured. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const out = new Uint8Array(bytes.length + by + 5).fill(0xee);
  out.set(bytes, by);
  return out;
}

t.test('RFC 5769 2.1: the sample request is read and authentic', async (t) => {
  for (const by of [0, 7]) {
    const bytes = shifted(vectors.request, by);
    const message = new StunMessage();
    t.equal(message.parse(bytes, by, vectors.request.length), true);
    t.equal(message.messageClass, StunClass.Request);
    t.equal(message.method, StunMethod.Binding);
    t.equal(message.priority, 0x6e0001ff);
    t.equal(message.iceControlled, true);
    t.equal(message.iceControlling, false);
    t.equal(message.useCandidate, false);
    t.equal(message.nomination, -1);
    const { usernameOffset, usernameLength } = message;
    t.equal(
      Buffer.from(bytes.subarray(usernameOffset, usernameOffset + usernameLength)).toString(),
      'evtj:h6vY',
    );
    t.equal(message.usernameFragmentLength(bytes), 4);
    t.equal(verifyIntegrity(bytes, message, key), true);
    t.equal(verifyFingerprint(bytes, message), true);
    t.equal(verifyIntegrity(bytes, message, createSecretKey('another password', 'utf8')), false);
  }
});

t.test('RFC 5769 2.2 and 2.3: the sample responses are authentic', async (t) => {
  for (const bytes of [vectors.responseIpv4, vectors.responseIpv6]) {
    const message = new StunMessage();
    t.equal(message.parse(bytes, 0, bytes.length), true);
    t.equal(message.messageClass, StunClass.Success);
    t.equal(verifyIntegrity(bytes, message, key), true);
    t.equal(verifyFingerprint(bytes, message), true);
  }
});

t.test('any flipped bit is noticed', async (t) => {
  const message = new StunMessage();
  for (let bit = 0; bit < vectors.request.length * 8; bit++) {
    const bytes = vectors.request.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    const accepted =
      message.parse(bytes, 0, bytes.length) &&
      verifyFingerprint(bytes, message) &&
      verifyIntegrity(bytes, message, key);
    if (accepted) t.fail(`bit ${bit} flipped and still accepted`);
  }
  t.pass('all of them');
});

t.test('the sample responses are written byte for byte', async (t) => {
  // The RFC pads SOFTWARE with a space, where we write zeros: the padding is put in before the HMAC.
  const write = (address: string): Uint8Array => {
    const writer = new StunWriter(StunClass.Success, StunMethod.Binding, vectors.transactionId);
    writer.string(StunAttribute.Software, 'test vector');
    writer.bytes[20 + 4 + 11] = 0x20;
    return writer.xorMappedAddress(address, 32853).integrity(key).fingerprint().bytes;
  };
  t.same(write('192.0.2.1'), vectors.responseIpv4);
  t.same(write('2001:db8:1234:5678:11:2233:4455:6677'), vectors.responseIpv6);
});

t.test('werift reads what we write', async (t) => {
  for (const [address, told] of [
    ['192.0.2.77', '192.0.2.77'],
    ['::ffff:192.0.2.77', '192.0.2.77'],
    ['2001:db8::5', '2001:db8::5'],
  ]) {
    const bytes = new StunWriter(StunClass.Success, StunMethod.Binding, vectors.transactionId)
      .xorMappedAddress(address, 40001)
      .integrity(key)
      .fingerprint().bytes;
    const parsed = parseMessage(Buffer.from(bytes), Buffer.from(vectors.password));
    const [readAddress, readPort] = parsed?.getAttributeValue('XOR-MAPPED-ADDRESS') as [string, number];
    t.same(ipAddressBytes(readAddress), ipAddressBytes(told));
    t.equal(readPort, 40001);
  }
  const error = new StunWriter(StunClass.Error, StunMethod.Binding, vectors.transactionId)
    .errorCode(487, 'Role Conflict')
    .integrity(key)
    .fingerprint().bytes;
  const parsed = parseMessage(Buffer.from(error), Buffer.from(vectors.password));
  t.same(parsed?.getAttributeValue('ERROR-CODE'), [487, 'Role Conflict']);
  t.same(parsed?.transactionId, Buffer.from(vectors.transactionId));
});

t.test('we read what werift writes', async (t) => {
  const bytes = new Message(StunMethod.Binding, StunClass.Request)
    .setAttribute('USERNAME', 'local:remote')
    .setAttribute('PRIORITY', 1234567)
    .setAttribute('ICE-CONTROLLING', 42n)
    .setAttribute('USE-CANDIDATE', null)
    .addMessageIntegrity(Buffer.from(vectors.password))
    .addFingerprint().bytes;
  const message = new StunMessage();
  t.equal(message.parse(bytes, 0, bytes.length), true);
  t.equal(message.iceControlling, true);
  t.equal(message.useCandidate, true);
  t.equal(message.priority, 1234567);
  t.equal(message.usernameFragmentLength(bytes), 5);
  t.equal(verifyIntegrity(bytes, message, key), true);
  t.equal(verifyFingerprint(bytes, message), true);
});

const start = (): StunWriter => new StunWriter(StunClass.Request, StunMethod.Binding, vectors.transactionId);

t.test('what stands behind MESSAGE-INTEGRITY does not count, and FINGERPRINT ends the message', async (t) => {
  const message = new StunMessage();
  const appended = start()
    .string(StunAttribute.Username, 'a:b')
    .integrity(key)
    .attribute(StunAttribute.UseCandidate, new Uint8Array(0))
    .string(StunAttribute.Username, 'x:y')
    .u32(StunAttribute.Nomination, 9)
    .fingerprint().bytes;
  t.equal(message.parse(appended, 0, appended.length), true);
  t.equal(message.useCandidate, false);
  t.equal(message.nomination, -1);
  t.equal(message.usernameLength, 3);
  t.equal(appended[message.usernameOffset], 0x61);

  const behindFingerprint = start().fingerprint().u32(StunAttribute.Priority, 1).bytes;
  t.equal(message.parse(behindFingerprint, 0, behindFingerprint.length), false);
});

t.test('of a repeated attribute the first counts', async (t) => {
  const message = new StunMessage();
  const bytes = start()
    .string(StunAttribute.Username, 'first:x')
    .string(StunAttribute.Username, 'second:x')
    .u32(StunAttribute.Priority, 1)
    .u32(StunAttribute.Priority, 2)
    .u32(StunAttribute.Nomination, 3)
    .u32(StunAttribute.Nomination, 4).bytes;
  t.equal(message.parse(bytes, 0, bytes.length), true);
  t.equal(message.usernameFragmentLength(bytes), 5);
  t.equal(message.priority, 1);
  t.equal(message.nomination, 3);
});

t.test('malformed messages', async (t) => {
  const message = new StunMessage();
  const good = start().string(StunAttribute.Username, 'a:b').bytes;
  const cases: Record<string, Uint8Array> = {
    empty: new Uint8Array(0),
    'shorter than a header': good.slice(0, 16),
    'cut off': good.slice(0, good.length - 4),
    'bytes behind the end': Uint8Array.of(...good, 0, 0, 0, 0),
    'a length that is no multiple of four': Uint8Array.of(...good, 0),
    'wrong cookie': good.map((byte, i) => (i === 4 ? byte ^ 1 : byte)),
    'top bits set': good.map((byte, i) => (i === 0 ? byte | 0x40 : byte)),
    'attribute longer than the message': good.map((byte, i) => (i === 23 ? 200 : byte)),
    'HMAC of the wrong length': start().attribute(StunAttribute.MessageIntegrity, new Uint8Array(32)).bytes,
    'PRIORITY of the wrong length': start().attribute(StunAttribute.Priority, new Uint8Array(8)).bytes,
    'USE-CANDIDATE with a value': start().u32(StunAttribute.UseCandidate, 1).bytes,
    'ICE-CONTROLLING of the wrong length': start().u32(StunAttribute.IceControlling, 1).bytes,
    'ICE-CONTROLLED of the wrong length': start().u32(StunAttribute.IceControlled, 1).bytes,
    'nomination of the wrong length': start().attribute(StunAttribute.Nomination, new Uint8Array(1)).bytes,
    'FINGERPRINT of the wrong length': start().attribute(StunAttribute.Fingerprint, new Uint8Array(8)).bytes,
  };
  t.equal(message.parse(good, 0, good.length), true);
  for (const [name, bytes] of Object.entries(cases))
    t.equal(message.parse(bytes, 0, bytes.length), false, name);
  t.equal(message.parse(good, 4, good.length), false, 'a window that leaves the bytes');
  const long = new Uint8Array(2000);
  long.set(good.slice(0, 8));
  long.set([(2000 - 20) >> 8, (2000 - 20) & 255], 2);
  t.equal(message.parse(long, 0, long.length), false, 'longer than any Binding message');
});

t.test('the writer refuses what fits no message', async (t) => {
  t.throws(() => start().attribute(1, new Uint8Array(1500)), RangeError);
});

t.test('crc32 agrees with zlib', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, skip) => {
      const from = Math.min(skip, bytes.length);
      return crc32(bytes, from, bytes.length) === zlibCrc32(bytes.subarray(from));
    }),
  );
});

t.test('IP addresses as bytes', async (t) => {
  const hex = (address: string): string => Buffer.from(ipAddressBytes(address)).toString('hex');
  t.equal(hex('192.0.2.1'), 'c0000201');
  t.equal(hex('::'), '0'.repeat(32));
  t.equal(hex('::1'), '1'.padStart(32, '0'));
  t.equal(hex('2001:db8::'), '20010db8'.padEnd(32, '0'));
  t.equal(hex('2001:db8:1234:5678:11:2233:4455:6677'), '20010db8123456780011223344556677');
  t.equal(hex('fe80::1%eth0'), 'fe800000000000000000000000000001');
  t.equal(hex('::ffff:192.0.2.1'), 'c0000201', 'a mapped address is the IPv4 address');
  t.equal(hex('64:ff9b::192.0.2.1'), '0064ff9b0000000000000000c0000201');
  t.throws(() => ipAddressBytes('example.org'), TypeError);
});
