/** What a session ignores, refuses and bounds. */
import t from 'tap';
import v8 from 'node:v8';
import vm from 'node:vm';
import { type DtlsDropReason } from '#src/transport/dtls/dtls-reasons.js';
import { DtlsServerSession } from '#src/transport/dtls/dtls-server-session.js';
import {
  clientCertificate,
  handshake,
  handshakeTypeOf,
  Link,
  record,
  serverCertificate,
} from './scripted-client.js';

await t.test('plaintext alerts mean nothing, before and after the handshake', async (t) => {
  const alerts = [
    [2, 40],
    [2, 0],
    [1, 0],
    [1, 90],
  ].map((bytes) => record(21, 0, 7, Buffer.from(bytes)));
  const link = new Link({ toServer: (datagram) => [...alerts, datagram, ...alerts] });
  await link.handshake();
  await link.quiet();
  t.equal(link.session.state, 'connected');
  const datagrams = link.sentToServer.length;
  t.equal(link.dropped('plaintext-alert'), datagrams * 8);
  t.equal(link.closes, 0);
  link.end();
});

await t.test('an alert encrypted with the wrong key means nothing', async (t) => {
  const link = new Link();
  await link.handshake();
  const forged = link.client.sealed(21, Uint8Array.of(1, 0));
  forged[forged.length - 1] ^= 1;
  link.session.receive(forged);
  link.session.receive(record(21, 1, 50, Buffer.from([1, 0])));
  t.equal(link.dropped('bad-record-mac'), 2);
  t.equal(link.session.state, 'connected');
  link.session.receive(link.client.sealed(21, Uint8Array.of(1, 0)));
  t.equal(link.session.state, 'closed', 'the genuine one still counts');
  link.end();
});

await t.test('renegotiation is refused, in plaintext and encrypted', async (t) => {
  const link = new Link();
  await link.handshake();
  await link.quiet();
  const sent = link.sentToClient.length;
  const helloes = link.sentToServer.filter((datagram) => handshakeTypeOf(datagram) === 1);
  t.equal(helloes.length, 2);
  for (const hello of helloes) link.session.receive(hello);
  t.equal(link.dropped('renegotiation'), 2);
  for (const type of [0, 1, 11, 14, 20])
    link.session.receive(link.client.sealed(22, handshake(type, 9, Buffer.alloc(12))));
  t.equal(link.dropped('renegotiation'), 7);
  t.equal(link.sentToClient.length, sent, 'not even answered');
  t.equal(link.session.state, 'connected');
  t.equal(link.connections.length, 1);
  const [connection] = link.connections;
  t.same(
    Buffer.from(connection.remoteKeying.masterKey),
    (link.client.extractSessionKeys(16, 12) as { localKey: Buffer }).localKey,
  );
  link.end();
});

await t.test('a second handshake on an established session does not disturb it', async (t) => {
  const link = new Link();
  await link.handshake();
  const second = new Link();
  second.toServer = (datagram) => {
    link.session.receive(datagram);
    return [datagram];
  };
  await second.handshake();
  await second.quiet();
  t.equal(link.session.state, 'connected');
  t.equal(link.connections.length, 1);
  link.session.receive(link.client.sealed(23, Buffer.from('still here')));
  t.equal(link.dropped('application-data'), 1);
  second.end();
  link.end();
});

await t.test('the handshake has a time limit', async (t) => {
  const link = new Link({
    session: { handshakeTimeoutMs: 20 },
    toServer: (datagram) => (handshakeTypeOf(datagram) === 16 ? [] : [datagram]),
  });
  await link.handshake();
  t.same(link.failures, ['handshake-timeout']);
  t.equal(link.session.state, 'failed');
  link.end();
});

/** A session, and a ClientHello for it that needs no running client. */
async function bench(limits: Partial<ConstructorParameters<typeof DtlsServerSession>[0]> = {}) {
  const link = new Link({ session: limits });
  const captured = new Promise<Buffer>((resolve) => {
    link.toServer = (datagram) => {
      resolve(datagram);
      return [];
    };
  });
  link.client.connect().catch(() => {});
  const first = await captured;
  link.silenceClient();
  const body = first.subarray(25);
  const cookieAt = 34 + 1 + body[34];
  /** the ClientHello of message_seq 1 that answers the last HelloVerifyRequest */
  const second = (cookie = link.sentToClient.at(-1)!.subarray(28)) =>
    record(
      22,
      0,
      1,
      handshake(
        1,
        1,
        Buffer.concat([
          body.subarray(0, cookieAt),
          Buffer.from([cookie.length]),
          cookie,
          body.subarray(cookieAt + 1),
        ]),
      ),
    );
  return { link, session: link.session, first, second };
}

await t.test('everything ignored is counted under its name and leaves the handshake alive', async (t) => {
  const { link, session, first, second } = await bench();
  const expectDrop = (reason: DtlsDropReason, datagram: Buffer) => {
    const before = link.dropped(reason);
    session.receive(datagram);
    t.equal(link.dropped(reason), before + 1, reason);
  };
  expectDrop('early-record', record(22, 1, 0, Buffer.alloc(40)));
  expectDrop('malformed-record', Buffer.alloc(0));
  expectDrop('malformed-handshake', record(22, 0, 0, handshake(1, 0, Buffer.alloc(50))));
  session.receive(first);
  t.equal(session.state, 'connecting');
  expectDrop('bad-cookie', second(Buffer.alloc(20, 1)));
  expectDrop('bad-cookie', second(Buffer.alloc(0)));
  session.receive(second());
  t.equal(handshakeTypeOf(link.sentToClient.at(-1)!), 2, 'flight 4');
  expectDrop('datagram-too-large', Buffer.alloc(2049, 22));
  expectDrop('malformed-record', Buffer.alloc(12, 22));
  expectDrop('malformed-record', record(24, 0, 0, Buffer.alloc(5)));
  expectDrop('malformed-record', record(22, 0, 0, Buffer.alloc(30)).subarray(0, 40));
  expectDrop('malformed-handshake', record(22, 0, 0, Buffer.alloc(5)));
  expectDrop('bad-epoch', record(22, 2, 0, Buffer.alloc(50)));
  expectDrop('plaintext-application-data', record(23, 0, 0, Buffer.alloc(5)));
  expectDrop('unexpected-message', record(22, 0, 0, handshake(20, 2, Buffer.alloc(12))));
  expectDrop('unexpected-message', record(22, 0, 0, handshake(15, 2, Buffer.alloc(12))));
  expectDrop('unexpected-message', record(22, 0, 0, handshake(1, 2, Buffer.alloc(12))));
  expectDrop('malformed-handshake', record(22, 0, 0, handshake(11, 2, Buffer.alloc(12, 9))));
  expectDrop('message-sequence', record(22, 0, 0, handshake(11, 60, Buffer.alloc(12))));
  expectDrop(
    'reassembly-limit',
    record(22, 0, 0, handshake(11, 2, Buffer.alloc(12), { offset: 0, total: 16385 })),
  );
  expectDrop('duplicate-handshake', first);
  for (let i = 0; i < 4; i++) session.receive(record(22, 1, i, Buffer.alloc(40)));
  expectDrop('early-record', record(22, 1, 9, Buffer.alloc(40)));
  t.equal(session.state, 'connecting');
  t.same(link.failures, []);
  link.end();
});

await t.test('half messages cannot fill the memory', async (t) => {
  const { link, session, first, second } = await bench();
  session.receive(first);
  session.receive(second());
  for (let sequence = 2; sequence < 9; sequence++) {
    session.receive(record(22, 0, 0, handshake(11, sequence, Buffer.alloc(10), { offset: 0, total: 10000 })));
  }
  t.equal(link.dropped('reassembly-limit'), 5, 'two of 10000 bytes are kept, five are not');
  link.end();
});

await t.test('handshake bytes and datagrams are bounded', async (t) => {
  for (const limits of [{ maxHandshakeBytes: 3000 }, { maxHandshakeDatagrams: 20 }]) {
    const { link, session, first, second } = await bench(limits);
    session.receive(first);
    session.receive(second());
    let sent = 0;
    while (link.failures.length === 0 && sent < 100) {
      session.receive(
        record(22, 0, 0, handshake(11, 2, Buffer.alloc(100), { offset: 100 * sent, total: 16000 })),
      );
      sent++;
    }
    t.same(link.failures, ['handshake-limit']);
    t.ok(sent < 40, `${sent} datagrams`);
    link.end();
  }
});

await t.test('answers to repetitions are bounded', async (t) => {
  const { link, session, first, second } = await bench({ maxFlights: 10 });
  for (let i = 0; i < 4; i++) session.receive(first);
  const hello = second();
  for (let i = 0; i < 100; i++) session.receive(hello);
  t.equal(link.sentToClient.length, 10);
  t.ok(link.dropped('retransmission-limit') > 0);
  t.equal(session.state, 'connecting');
  link.end();

  const connected = new Link({ session: { maxFlights: 10 } });
  await connected.handshake();
  const finished = connected.sentToServer.find((datagram) => datagram.readUInt16BE(3) === 1)!;
  for (let i = 0; i < 100; i++) connected.session.receive(finished);
  t.equal(connected.sentToClient.length, 2 + 10);
  t.equal(connected.session.state, 'connected');
  connected.end();
});

await t.test('close in the middle leaves no timer and no reference behind', async (t) => {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const { first, second, link: helper } = await bench();
  // The second hello's cookie comes from this session, so it is built against the helper's format.
  helper.session.close();
  const before = timers();
  const makeAndClose = () => {
    const out: Uint8Array[] = [];
    const session = new DtlsServerSession({
      certificate: serverCertificate,
      remoteFingerprints: clientCertificate.fingerprints,
      srtpProfiles: ['AEAD_AES_128_GCM'],
      send: (datagram) => out.push(datagram),
      onConnected: () => t.fail('connected'),
      onFailed: () => t.fail('failed'),
      onClosed: () => t.fail('closed'),
      onDrop: () => {},
    });
    session.receive(first);
    session.receive(second(Buffer.from(out[0].subarray(28))));
    t.equal(out.length, 2, 'flight 4 is out');
    t.equal(timers(), before + 2, 'one for the limit, one for the repetition, none of werift');
    session.close();
    return new WeakRef(session);
  };
  const reference = makeAndClose();
  t.equal(timers(), before);
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  t.equal(reference.deref(), undefined);
});

await t.test('a callback may close the session', async (t) => {
  const link: Link = new Link({
    session: {
      onDrop: () => link.session.close(),
    },
  });
  link.session.receive(
    Buffer.concat([record(21, 0, 0, Buffer.from([2, 40])), record(21, 0, 1, Buffer.from([2, 40]))]),
  );
  t.equal(link.session.state, 'closed');
  const eager: Link = new Link({
    session: {
      onConnected: () => {
        eager.session.close();
        eager.connections.length = 0;
        done();
      },
    },
  });
  let done = () => {};
  const closed = new Promise<void>((resolve) => (done = resolve));
  eager.client.connect().catch(() => {});
  await closed;
  t.equal(eager.session.state, 'closed');
  eager.end();
});
