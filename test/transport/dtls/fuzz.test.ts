/** Random and mutated datagrams, seeded: nothing escapes, nothing breaks. */
import t, { type Test } from 'tap';
import { handshake, Link, record } from './scripted-client.js';

const DATAGRAMS = 100_000;
const SEED = 20240611;

let escaped: unknown[] = [];
process.on('unhandledRejection', (error) => escaped.push(error));
process.on('uncaughtExceptionMonitor', (error) => escaped.push(error));

/** mulberry32 */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof generator>;

function randomBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = random(256);
  return bytes;
}

/** Garbage of three degrees: no record, a record of nonsense, a handshake message of nonsense. */
function garbage(random: Random): Buffer {
  const payload = randomBytes(random, 1 + random(random(10) === 0 ? 1500 : 60));
  switch (random(3)) {
    case 0:
      payload[0] = 20 + random(44);
      return payload;
    case 1:
      return record(20 + random(4), random(3), random(2 ** 32), payload);
    default:
      return record(22, 0, random(100), handshake(random(32), 100 + random(60_000), payload));
  }
}

function mutated(random: Random, original: Buffer): Buffer {
  const copy = Buffer.from(original);
  switch (random(4)) {
    case 0:
      return copy.subarray(0, random(copy.length + 1));
    case 1:
      return Buffer.concat([copy, randomBytes(random, 1 + random(40))]);
    case 2: {
      const at = random(copy.length);
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + random(20)))]);
    }
    default:
      for (let changes = 1 + random(4); changes > 0; changes--) copy[random(copy.length)] ^= 1 + random(255);
      return copy;
  }
}

function nothingEscaped(t: Test): void {
  t.same(escaped, [], 'no exception, no unhandled rejection');
  escaped = [];
}

await t.test('garbage does not kill a handshake in progress, nor a session', async (t) => {
  const random = generator(SEED);
  const link = new Link({ session: { handshakeTimeoutMs: 200_000 } });
  const share = DATAGRAMS / 20;
  // Between any two datagrams of the handshake.
  link.toServer = (datagram) => {
    for (let i = 0; i < share; i++) link.session.receive(garbage(random));
    return [datagram];
  };
  await link.handshake();
  t.same(link.failures, []);
  t.equal(link.session.state, 'connected');
  for (let i = 0; i < DATAGRAMS; i++) link.session.receive(garbage(random));
  t.equal(link.session.state, 'connected');
  link.session.receive(link.client.sealed(23, Buffer.from('still here')));
  t.equal(link.dropped('application-data'), 1);
  await link.quiet();
  nothingEscaped(t);
  link.end();
});

await t.test('mutated handshakes: never an exception, never a wrong connection', async (t) => {
  const random = generator(SEED + 1);
  const recorded = new Link();
  await recorded.handshake();
  const originals = recorded.sentToServer;
  recorded.end();
  let connected = 0;
  let failed = 0;
  let open = 0;
  for (let round = 0; round < 100; round++) {
    // A client of its own in every round; mutations of its datagrams and of another's arrive among them.
    const link = new Link({ session: { handshakeTimeoutMs: 60_000 } });
    const injected = round % 4 === 0 ? 250 : 2;
    link.toServer = (datagram) => {
      const forged: Buffer[] = [];
      for (let i = 0; i < injected; i++) {
        const source = random(2) === 0 ? datagram : originals[random(originals.length)];
        forged.push(mutated(random, source));
      }
      const at = random(forged.length + 1);
      return [...forged.slice(0, at), datagram, ...forged.slice(at)];
    };
    link.client.connect().catch(() => {});
    await link.quiet();
    if (link.session.state === 'connected') connected++;
    else if (link.session.state === 'failed') failed++;
    else open++;
    t.ok(link.connections.length + link.failures.length <= 1);
    for (const { profile, remoteKeying } of link.connections) {
      const salt = profile === 'AEAD_AES_128_GCM' ? 12 : 14;
      const keys = link.client.extractSessionKeys(16, salt) as { localKey: Buffer };
      t.same(Buffer.from(remoteKeying.masterKey), keys.localKey, 'connected means connected to this client');
    }
    link.end();
  }
  t.comment(`${connected} connected, ${failed} failed, ${open} waiting for a repetition`);
  t.ok(connected > 0);
  nothingEscaped(t);
});

await t.test('mutations of its own datagrams do not break an established session', async (t) => {
  const random = generator(SEED + 2);
  const link = new Link();
  await link.handshake();
  await link.quiet();
  const { sentToServer: originals, connections } = link;
  const [{ localKeying }] = connections;
  const key = Buffer.from(localKeying.masterKey);
  const sent = link.sentToClient.length;
  for (let i = 0; i < DATAGRAMS; i++) {
    link.session.receive(mutated(random, originals[random(originals.length)]));
  }
  t.equal(link.session.state, 'connected');
  t.equal(link.closes, 0);
  t.equal(connections.length, 1);
  t.same(Buffer.from(localKeying.masterKey), key);
  t.ok(link.sentToClient.length - sent <= 32, 'answers to a repeated Finished stay bounded');
  link.session.receive(link.client.sealed(21, Uint8Array.of(1, 0)));
  t.equal(link.closes, 1, 'and its genuine close_notify is heard');
  await link.quiet();
  nothingEscaped(t);
  link.end();
});
