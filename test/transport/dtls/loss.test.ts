/** Datagrams that get lost, come twice, in the wrong order or in pieces. */
import t, { type Test } from 'tap';
import {
  handshake,
  handshakeTypeOf,
  Link,
  losing,
  record,
  type LinkOptions,
  type Tap,
  unrepeated,
} from './scripted-client.js';

async function connects(t: Test, options: LinkOptions): Promise<Link> {
  const link = new Link(options);
  const clientConnected = link.client.onConnect.asPromise();
  await link.handshake();
  await clientConnected;
  t.same(link.failures, []);
  t.equal(link.session.state, 'connected');
  t.equal(link.connections.length, 1);
  link.end();
  return link;
}

/** Loses the first `count` datagrams that `which` picks. */
function losingFirst(count: number, which: (datagram: Buffer) => boolean): Tap {
  return (datagram) => (which(datagram) && count-- > 0 ? [] : [datagram]);
}

const isFlight6 = (datagram: Buffer) => datagram[0] === 20;

// Not every fifth to the server: the client's last flight is five datagrams, and it would be the same one each time.
await t.test('every nth datagram lost, both ways', { jobs: 4 }, async (t) => {
  for (const [toServer, toClient] of [
    [3, 4],
    [4, 3],
    [3, 2],
    [2, 3],
  ]) {
    t.test(`${toServer} up, ${toClient} down`, async (t) => {
      await connects(t, { toServer: losing(toServer), toClient: losing(toClient) });
    });
  }
});

await t.test('each single message lost once', { jobs: 10 }, async (t) => {
  for (const type of [1, 11, 15, 16]) {
    t.test(`client message ${type}`, async (t) => {
      await connects(t, { toServer: losingFirst(1, (datagram) => handshakeTypeOf(datagram) === type) });
    });
  }
  for (const type of [2, 3]) {
    t.test(`server message ${type}`, async (t) => {
      await connects(t, { toClient: losingFirst(1, (datagram) => handshakeTypeOf(datagram) === type) });
    });
  }
  t.test('the client’s Finished', async (t) => {
    await connects(t, { toServer: losingFirst(1, (datagram) => datagram.readUInt16BE(3) === 1) });
  });
  t.test('flight 6, three times', async (t) => {
    const link = await connects(t, { toClient: losingFirst(3, isFlight6) });
    t.equal(link.sentToClient.filter(isFlight6).length, 4);
  });
});

await t.test('flight 4 is repeated unasked, under new record numbers', async (t) => {
  const link = await connects(t, {
    session: { retransmissionTimeoutMs: 10 },
    // No repeated ClientHello reaches the server.
    toServer: unrepeated(),
    toClient: losingFirst(2, (datagram) => handshakeTypeOf(datagram) === 2),
  });
  const numbers = link.sentToClient.filter((d) => handshakeTypeOf(d) === 2).map((d) => d.readUIntBE(5, 6));
  t.ok(numbers.length >= 3, 'two were lost');
  t.equal(new Set(numbers).size, numbers.length);
});

await t.test('everything twice', async (t) => {
  const link = await connects(t, {
    toServer: (d) => [d, Buffer.from(d)],
    toClient: (d) => [d, Buffer.from(d)],
  });
  t.ok(link.dropped('duplicate-handshake') > 0);
});

await t.test('the last flight in reverse', async (t) => {
  let held: Buffer[] = [];
  await connects(t, {
    toServer: (datagram) => {
      if (handshakeTypeOf(datagram) === 1) return [datagram];
      held.push(datagram);
      if (held.length < 5) return [];
      const reversed = held.reverse();
      held = [];
      return reversed;
    },
  });
});

await t.test('messages in small, overlapping, shuffled pieces', async (t) => {
  await connects(t, {
    toServer: (datagram) => (handshakeTypeOf(datagram) < 0 ? [datagram] : pieces(datagram, 50, 7)),
  });
});

await t.test('the whole last flight in one datagram', async (t) => {
  let held: Buffer[] = [];
  await connects(t, {
    toServer: (datagram) => {
      if (handshakeTypeOf(datagram) === 1) return [datagram];
      held.push(datagram);
      if (held.length < 5) return [];
      const joined = Buffer.concat(held);
      held = [];
      return [joined];
    },
  });
});

/** The message of a record as fragments of `size` bytes that overlap by `overlap`, the odd ones first. */
function pieces(datagram: Buffer, size: number, overlap: number): Buffer[] {
  const message = datagram.subarray(13);
  const body = message.subarray(12);
  const sequence = message.readUInt16BE(4);
  const parts: Buffer[] = [];
  for (let offset = 0; offset < body.length; offset += size - overlap) {
    const part = body.subarray(offset, offset + size);
    parts.push(
      record(22, 0, parts.length, handshake(message[0], sequence, part, { offset, total: body.length })),
    );
  }
  return [...parts.filter((_, i) => i % 2 === 1), ...parts.filter((_, i) => i % 2 === 0)];
}
