import t from 'tap';
import { Lobby } from '#src/gateway/index.js';
import { codeOf, comes, proof, START, withHost } from './lobby-people.js';

function busyLobby(): Lobby {
  const lobby = withHost({ opensAt: START - 1 });
  lobby.add({ id: 'named', displayName: 'N', role: 'interpreter', invitedIdentity: 'hash' }, START);
  for (const id of ['a', 'b', 'c', 'd']) comes(lobby, id);
  lobby.admit('a', 'host', START);
  lobby.joinedRoom('a', START);
  lobby.deny('b', 'no', 'host', START);
  lobby.setNotice('soon', 'host', START);
  lobby.lock('host', START);
  return lobby;
}

t.test('a snapshot survives JSON and continues where it was', async (t) => {
  const lobby = busyLobby();
  const stored = JSON.stringify(lobby.snapshot());
  const restored = Lobby.restore(JSON.parse(stored));
  t.strictSame(JSON.parse(JSON.stringify(restored.snapshot())), JSON.parse(stored));
  t.strictSame([restored.locked, restored.notice, restored.ended], [true, 'soon', null]);
  t.strictSame(
    restored.waiting().map(({ id }) => id),
    ['c', 'd'],
  );
  t.equal(restored.hostPresent, false, 'after a restart nobody is in the room');
  t.equal(restored.mayEnter('a', 'substantial', START), null, 'who was there comes back, host or not');
  t.equal(restored.mayEnter('b', 'high', START)?.code, 'denied');
  restored.joinedRoom('host', START);
  restored.unlock('host', START);
  restored.leave('c', START);
  restored.wait('c', START);
  t.strictSame(
    restored.waiting().map(({ id }) => id),
    ['d', 'c'],
    'the line goes on behind its old end',
  );
  const mismatch = proof({ pseudonym: 'other' });
  t.equal(
    codeOf(() => restored.identify('c', mismatch, START)),
    'identity-mismatch',
  );
  restored.end('over', null, START);
  t.equal(Lobby.restore(restored.snapshot()).mayEnter('a', 'high', START)?.code, 'ended');
});

t.test('a snapshot is a copy', async (t) => {
  const lobby = busyLobby();
  const before = lobby.snapshot();
  const text = JSON.stringify(before);
  lobby.unlock('host', START);
  lobby.admitAll('host', START);
  t.equal(JSON.stringify(before), text);
});

t.test('what no lobby can be in is refused', async (t) => {
  type Damage = (snapshot: Record<string, never> & { participants: Record<string, unknown>[] }) => void;
  const damages: Record<string, Damage> = {
    'another version': (snapshot) => Object.assign(snapshot, { version: 2 }),
    'no participants': (snapshot) => Object.assign(snapshot, { participants: undefined }),
    'a state that does not exist': ({ participants }) => (participants[0].state = 'host'),
    'admitted without proof': ({ participants }) => (participants[0].verified = null),
    'admitted below the level': ({ participants }) =>
      (participants[0].verified = { ...(participants[0].verified as object), assurance: 'low' }),
    'waiting without a place': ({ participants }) =>
      (participants.find(({ state }) => state === 'waiting')!.order = null),
    'one twice': ({ participants }) => participants.push(participants[0]),
    'more than there are places': (snapshot) =>
      Object.assign(snapshot, { settings: { ...(snapshot.settings as object), capacity: 1 } }),
  };
  for (const [name, damage] of Object.entries(damages)) {
    const snapshot = JSON.parse(JSON.stringify(busyLobby().snapshot())) as Parameters<Damage>[0];
    damage(snapshot);
    t.equal(
      codeOf(() => Lobby.restore(snapshot)),
      'bad-snapshot',
      name,
    );
  }
  for (const nonsense of [null, 1, 'text', [], {}]) {
    t.equal(
      codeOf(() => Lobby.restore(nonsense)),
      'bad-snapshot',
    );
  }
});
