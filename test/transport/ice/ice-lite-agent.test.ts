import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { generateIceCredentials } from '#src/transport/ice/ice-credentials.js';
import { IceLiteAgent, type IceLiteAgentOptions, MAX_ICE_TUPLES } from '#src/transport/ice/ice-lite-agent.js';
import {
  StunAttribute,
  StunClass,
  StunMessage,
  StunMethod,
  verifyIntegrity,
} from '#src/transport/ice/stun.js';
import { StunWriter } from '#src/transport/ice/stun-writer.js';
import { type DatagramPort, type RemoteTuple, TupleTable } from '#src/transport/remote-tuple.js';
import { parseMessage } from 'werift';
import { bindingRequest, type BindingRequestOptions } from './binding-request.js';

const port: DatagramPort = {
  protocol: 'udp',
  ip: '127.0.0.1',
  port: 40000,
  send: () => true,
  sendSlot: () => true,
  touch: () => 0,
};
const usernameFragment = 'localufrag';
const password = 'localpasswordlocalpassword';

/** An agent with the tuples of one port, and a log of its callbacks. */
function setUp(options: Partial<IceLiteAgentOptions<RemoteTuple>> = {}) {
  const table = new TupleTable(port, 4);
  const log: string[] = [];
  const agent = new IceLiteAgent<RemoteTuple>({
    usernameFragment,
    password,
    onStateChange: (state) => log.push(state),
    onSelectedTuple: (tuple) => log.push(`selected ${tuple.port}`),
    onTupleAdded: (tuple) => {
      tuple.owner = agent;
      log.push(`added ${tuple.port}`);
    },
    onTupleRemoved: (tuple) => {
      tuple.release();
      log.push(`removed ${tuple.port}`);
    },
    onUsernameFragmentAdded: (fragment) => log.push(`+${fragment}`),
    onUsernameFragmentRemoved: (fragment) => log.push(`-${fragment}`),
    ...options,
  });
  log.length = 0;
  const receive = (now: number, fromPort: number, bytes: Uint8Array): Uint8Array | null =>
    agent.handleRequest(now, bytes, 0, bytes.length, table.resolve('192.0.2.1', fromPort));
  const check = (now: number, fromPort: number, request: Partial<BindingRequestOptions> = {}) =>
    receive(now, fromPort, bindingRequest({ usernameFragment, password, ...request }));
  /** What happened since the last call. */
  const events = (): string[] => log.splice(0);
  return { agent, table, receive, check, events };
}

function isDropped(
  t: Test,
  agent: IceLiteAgent<RemoteTuple>,
  answer: Uint8Array | null,
  reason: string,
): void {
  t.equal(answer, null, `no answer: ${reason}`);
  t.equal((agent.drops.snapshot() as Record<string, number>)[reason], 1, reason);
  t.equal(agent.state, 'new');
  t.equal(agent.tuples.length, 0);
}

t.test('a valid request is answered with the address it came from', async (t) => {
  const { agent, check, table } = setUp();
  const transactionId = Uint8Array.from({ length: 12 }, (_, i) => 200 + i);
  const response = check(0, 5000, { transactionId });
  const parsed = parseMessage(Buffer.from(response!), Buffer.from(password));
  t.equal(parsed?.messageClass, StunClass.Success);
  t.equal(parsed?.messageMethod, StunMethod.Binding);
  t.same(parsed?.transactionId, Buffer.from(transactionId));
  t.same(parsed?.getAttributeValue('XOR-MAPPED-ADDRESS'), ['192.0.2.1', 5000]);
  t.ok(parsed?.getAttributeValue('FINGERPRINT') !== undefined);
  t.equal(agent.requestCount, 1);
  t.equal(agent.selectedTuple, table.find('192.0.2.1', 5000), 'kept, not the scratch tuple');
  t.equal(agent.selectedTuple?.interned, true);
});

t.test('a request without FINGERPRINT is fine, and one at an offset', async (t) => {
  const { agent, table } = setUp();
  const request = bindingRequest({ usernameFragment, password, fingerprint: false });
  const bytes = new Uint8Array(request.length + 20);
  bytes.set(request, 9);
  t.ok(agent.handleRequest(0, bytes, 9, request.length, table.resolve('192.0.2.1', 1)));
});

t.test('the first tuple connects, a nomination completes', async (t) => {
  const { agent, check, events } = setUp();
  check(0, 1);
  t.same(events(), ['added 1', 'selected 1', 'connected']);
  check(1, 2);
  t.same(events(), ['added 2'], 'a second path changes nothing');
  check(2, 1);
  t.same(events(), []);
  check(3, 2, { useCandidate: true });
  t.same(events(), ['selected 2', 'completed']);
  check(4, 1);
  t.same(events(), [], 'a plain check does not take it back');
  check(5, 1, { useCandidate: true });
  t.same(events(), ['selected 1'], 'the last nomination wins');
  check(6, 3, { useCandidate: true });
  t.same(events(), ['added 3', 'selected 3']);
  t.equal(agent.state, 'completed');
});

t.test('a first request that nominates completes at once', async (t) => {
  const { check, events } = setUp();
  check(0, 1, { useCandidate: true });
  t.same(events(), ['added 1', 'selected 1', 'completed']);
});

t.test('nomination values: only a higher one switches', async (t) => {
  const { agent, check, events } = setUp();
  check(0, 1, { nomination: 3 });
  t.same(events(), ['added 1', 'selected 1', 'completed']);
  check(1, 2, { nomination: 3, useCandidate: true });
  t.same(events(), ['added 2'], 'the same value is stale on another tuple');
  check(2, 2, { nomination: 2, useCandidate: true });
  t.same(events(), []);
  check(3, 2, { nomination: 4 });
  t.same(events(), ['selected 2']);
  agent.restart('second', 'another password here', 4);
  check(5, 1, { usernameFragment: 'second', password: 'another password here', nomination: 1 });
  t.equal(agent.selectedTuple?.port, 1, 'a restart begins anew');
});

t.test('a peer that nominates every pair is followed to the one it uses', async (t) => {
  const { agent, check, events } = setUp();
  check(0, 1, { useCandidate: true });
  check(0, 2, { useCandidate: true });
  const [first] = agent.tuples;
  events();
  agent.followMedia(first);
  t.same(events(), ['selected 1']);
  agent.followMedia(first);
  t.same(events(), []);
});

t.test('media from an address without a valid check selects nothing', async (t) => {
  const { agent, check, table, events } = setUp();
  check(0, 1);
  events();
  agent.followMedia(table.resolve('192.0.2.66', 1));
  agent.followMedia(table.intern('192.0.2.66', 2));
  t.same(events(), []);
  t.equal(agent.selectedTuple?.port, 1);
});

t.test('what is dropped without an answer', async (t) => {
  const good = (): Uint8Array => bindingRequest({ usernameFragment, password });
  const key = createSecretKey(password, 'utf8');
  const named = (messageClass: StunClass, method: number): Uint8Array =>
    new StunWriter(messageClass, method, new Uint8Array(12))
      .string(StunAttribute.Username, `${usernameFragment}:peer`)
      .integrity(key).bytes;
  const flip = (bytes: Uint8Array, at: number): Uint8Array =>
    bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const cases: [string, Uint8Array][] = [
    ['stun-malformed', new Uint8Array(0)],
    ['stun-malformed', good().slice(0, 40)],
    ['stun-not-request', named(StunClass.Success, StunMethod.Binding)],
    ['stun-not-request', named(StunClass.Error, StunMethod.Binding)],
    ['stun-not-request', named(StunClass.Indication, StunMethod.Binding)],
    ['stun-not-binding', named(StunClass.Request, 3)],
    ['stun-unknown-ufrag', bindingRequest({ usernameFragment: 'stranger', password })],
    ['stun-unknown-ufrag', bindingRequest({ usernameFragment: `${usernameFragment}x`, password })],
    ['stun-unknown-ufrag', bindingRequest({ usernameFragment: usernameFragment.slice(1), password })],
    [
      'stun-unknown-ufrag',
      new StunWriter(StunClass.Request, StunMethod.Binding, new Uint8Array(12)).integrity(key).bytes,
    ],
    [
      'stun-unknown-ufrag',
      new StunWriter(StunClass.Request, StunMethod.Binding, new Uint8Array(12))
        .string(StunAttribute.Username, usernameFragment)
        .integrity(key).bytes,
    ],
    ['stun-bad-integrity', bindingRequest({ usernameFragment, password: 'wrong password' })],
    ['stun-bad-integrity', bindingRequest({ usernameFragment, password, integrity: false })],
    ['stun-bad-integrity', flip(bindingRequest({ usernameFragment, password, fingerprint: false }), 60)],
    ['stun-bad-fingerprint', flip(good(), 60)],
  ];
  for (const [reason, bytes] of cases) {
    const { agent, receive, events, table } = setUp();
    isDropped(t, agent, receive(0, 1, bytes), reason);
    t.equal(agent.drops.total, 1);
    t.same(events(), []);
    t.equal(table.size, 0);
  }
});

t.test('a role conflict is told to an authenticated peer only, and validates nothing', async (t) => {
  const { agent, check, events } = setUp();
  const response = check(0, 1, { controlled: true });
  const parsed = parseMessage(Buffer.from(response!), Buffer.from(password));
  t.equal(parsed?.messageClass, StunClass.Error);
  t.same(parsed?.getAttributeValue('ERROR-CODE'), [487, 'Role Conflict']);
  t.equal(agent.drops.get('stun-role-conflict'), 1);
  t.same(events(), []);
  t.equal(check(0, 1, { controlled: true, password: 'wrong password' }), null);
});

t.test('at most eight tuples; the oldest that is not selected goes', async (t) => {
  const { agent, check, events, table } = setUp();
  for (let i = 1; i <= MAX_ICE_TUPLES; i++) check(i, i);
  events();
  check(100, 100);
  t.same(events(), ['added 100', 'removed 2'], '1 is selected');
  check(101, 101, { useCandidate: true });
  t.same(events(), ['added 101', 'removed 3', 'selected 101', 'completed']);
  check(102, 102);
  t.same(events(), ['added 102', 'removed 1']);
  for (let i = 200; i < 5000; i++) check(i, i);
  t.equal(agent.tuples.length, MAX_ICE_TUPLES);
  t.equal(table.size, MAX_ICE_TUPLES);
  t.equal(agent.selectedTuple?.port, 101);
});

t.test('restart: old credentials are good until the new ones come', async (t) => {
  const { agent, check, events } = setUp();
  const renewed = { usernameFragment: 'second', password: 'second password here' };
  check(0, 1, { useCandidate: true });
  events();
  agent.restart(renewed.usernameFragment, renewed.password, 1);
  t.equal(agent.usernameFragment, 'second');
  t.equal(agent.password, renewed.password);
  t.same(events(), ['+second']);
  t.equal(agent.state, 'completed', 'media flow on');

  const old = check(2, 1);
  t.ok(
    parseMessage(Buffer.from(old!), Buffer.from(password)),
    'answered with the password it was asked with',
  );
  t.equal(check(3, 1, { usernameFragment: 'second' }), null, 'new fragment with the old password');
  t.equal(check(3, 1, { password: renewed.password }), null, 'old fragment with the new password');
  t.same(events(), []);

  const fresh = check(4, 2, { ...renewed, useCandidate: true });
  t.ok(parseMessage(Buffer.from(fresh!), Buffer.from(renewed.password)));
  t.same(events(), [`-${usernameFragment}`, 'added 2', 'selected 2']);
  t.equal(check(5, 1), null, 'the old ones are gone');
  t.equal(agent.drops.get('stun-unknown-ufrag'), 1);
});

t.test('a restart before the last one took effect', async (t) => {
  const { agent, check, events } = setUp();
  agent.restart('second', 'second password here', 0);
  events();
  agent.restart('third', 'third password here', 0);
  t.same(events(), [`-${usernameFragment}`, '+third']);
  t.equal(check(1, 1), null, 'the first pair is gone');
  t.ok(check(1, 1, { usernameFragment: 'second', password: 'second password here' }));
  t.ok(check(1, 1, { usernameFragment: 'third', password: 'third password here' }));
});

t.test('consent expires, and comes back with a valid request', async (t) => {
  const { agent, check, events, table } = setUp();
  t.equal(agent.nextTimeout(), Infinity, 'nothing to expire yet');
  check(1000, 1, { nomination: 5 });
  check(2000, 2);
  t.equal(agent.nextTimeout(), 32_000);
  check(3000, 2);
  t.equal(agent.nextTimeout(), 33_000, 'a request on any tuple counts');
  check(4000, 2, { password: 'wrong password' });
  check(4000, 2, { controlled: true });
  t.equal(agent.nextTimeout(), 33_000, 'only valid ones do');
  events();
  agent.handleTimeout(32_999);
  t.same(events(), []);
  agent.handleTimeout(33_000);
  t.same(events(), ['removed 1', 'removed 2', 'disconnected']);
  t.equal(agent.selectedTuple, null);
  t.equal(agent.tuples.length, 0);
  t.equal(table.size, 0);
  t.equal(agent.nextTimeout(), Infinity);
  agent.handleTimeout(99_999);
  t.same(events(), []);

  check(100_000, 1);
  t.same(events(), ['added 1', 'selected 1', 'connected']);
  check(100_001, 1, { nomination: 1 });
  t.same(events(), ['completed'], 'nomination values begin anew');
  t.equal(agent.nextTimeout(), 130_001);
});

t.test('a restart gives the peer a full timeout', async (t) => {
  const { agent, check } = setUp({ consentTimeoutSeconds: 10 });
  check(0, 1);
  t.equal(agent.nextTimeout(), 10_000);
  agent.restart('second', 'second password here', 9000);
  t.equal(agent.nextTimeout(), 19_000);
});

t.test('a timeout of 0 never expires', async (t) => {
  const { agent, check } = setUp({ consentTimeoutSeconds: 0 });
  check(0, 1);
  t.equal(agent.nextTimeout(), Infinity);
  agent.handleTimeout(1e12);
  t.equal(agent.state, 'connected');
});

t.test('close forgets everything and answers no more', async (t) => {
  const { agent, check, events, table } = setUp();
  check(0, 1);
  agent.restart('second', 'second password here', 0);
  events();
  agent.close();
  t.same(events(), ['removed 1', `-${usernameFragment}`, '-second']);
  agent.close();
  t.same(events(), []);
  t.equal(agent.state, 'closed');
  t.equal(table.size, 0);
  t.equal(check(1, 1, { usernameFragment: 'second', password: 'second password here' }), null);
  t.equal(agent.drops.get('ice-closed'), 1);
  t.equal(agent.nextTimeout(), Infinity);
  t.throws(() => agent.restart('a', 'b', 2), { message: /closed/ });
});

t.test('callbacks are optional; the constructor tells its fragment', async (t) => {
  const added: string[] = [];
  new IceLiteAgent({
    usernameFragment,
    password,
    onUsernameFragmentAdded: (fragment) => added.push(fragment),
  });
  t.same(added, [usernameFragment]);
  const { check, agent } = setUp({
    onStateChange: undefined,
    onSelectedTuple: undefined,
    onTupleAdded: undefined,
    onTupleRemoved: undefined,
    onUsernameFragmentRemoved: undefined,
  });
  check(0, 1);
  agent.handleTimeout(30_000);
  agent.close();
  t.equal(agent.state, 'closed');
});

t.test('50 000 random and mutated datagrams: no throw, no tuple, nothing but named drops', async (t) => {
  const { agent, receive, table } = setUp();
  const seed = 20_260_101;
  const { next, bytes } = randomSource(seed);
  const template = bindingRequest({ usernameFragment, password, useCandidate: true });
  // Everything but the length field and FINGERPRINT, which anybody can write.
  const authentic = (datagram: Uint8Array): boolean =>
    template
      .subarray(0, template.length - 8)
      .every((byte, at) => at === 2 || at === 3 || datagram[at] === byte);
  for (let i = 0; i < 50_000; i++) {
    let datagram: Uint8Array;
    if (i % 4 === 0) {
      datagram = bytes(next(200));
    } else {
      datagram = template.slice(0, i % 4 === 3 ? next(template.length) : template.length);
      const changes = 1 + next(4);
      for (let c = 0; c < changes && datagram.length > 0; c++) datagram[next(datagram.length)] = next(256);
      if (i % 4 === 3 && datagram.length >= 4) datagram[3] = (datagram.length - 20) & 0xff;
      if (authentic(datagram)) continue;
    }
    const answer = receive(i, 1 + next(65_000), datagram);
    if (answer !== null) t.fail(`seed ${seed}: datagram ${i} was answered`);
  }
  t.equal(agent.state, 'new');
  t.equal(table.size, 0);
  t.ok(agent.drops.total > 45_000);
  for (const reason of ['stun-malformed', 'stun-unknown-ufrag', 'stun-bad-fingerprint'] as const) {
    t.ok(agent.drops.get(reason) > 0, `${reason}: ${agent.drops.get(reason)}`);
  }
});

t.test('any well-formed attributes in any order never throw', async () => {
  const attribute = fc.record({
    type: fc.oneof(fc.constantFrom(...Object.values(StunAttribute)), fc.nat(0xffff)),
    value: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(fc.array(attribute, { maxLength: 12 }), fc.boolean(), (attributes, named) => {
      const { agent, receive } = setUp();
      const writer = new StunWriter(StunClass.Request, StunMethod.Binding, new Uint8Array(12));
      if (named) writer.string(StunAttribute.Username, `${usernameFragment}:x`);
      for (const { type, value } of attributes) writer.attribute(type, value);
      return receive(0, 1, writer.bytes) === null && agent.drops.total === 1;
    }),
  );
});

t.test('a response is made with the password of the request and is nobody else’s', async (t) => {
  const { check } = setUp();
  const response = check(0, 1)!;
  const message = new StunMessage();
  t.equal(message.parse(response, 0, response.length), true);
  t.equal(verifyIntegrity(response, message, createSecretKey(password, 'utf8')), true);
  t.equal(verifyIntegrity(response, message, createSecretKey('other', 'utf8')), false);
});

t.test('generated credentials', async (t) => {
  const seen = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const { usernameFragment, password } = generateIceCredentials();
    t.match(usernameFragment, /^[a-z2-7]{32}$/);
    t.match(password, /^[a-z2-7]{32}$/);
    seen.add(usernameFragment).add(password);
  }
  t.equal(seen.size, 200);
});

/** xorshift32: the same datagrams at every run. */
function randomSource(seed: number) {
  let state = seed;
  const next = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => next(256));
  return { next, bytes };
}
