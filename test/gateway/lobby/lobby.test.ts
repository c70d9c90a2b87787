import t from 'tap';
import type { LobbyChange } from '#src/gateway/index.js';
import { codeOf, comes, createLobby, proof, START, withHost } from './lobby-people.js';

t.test('from the invitation into the room and out again', async (t) => {
  const lobby = withHost();
  const told: LobbyChange[] = [];
  const stop = lobby.subscribe((change) => told.push(change));
  lobby.add({ id: 'anna', displayName: 'A.', role: 'relative' }, START);
  t.match(lobby.participant('anna'), { state: 'invited', verified: null, displayName: 'A.' });
  t.equal(
    codeOf(() => lobby.wait('anna', START)),
    'illegal-transition',
  );
  lobby.identify('anna', proof(), START + 1);
  t.match(lobby.participant('anna'), {
    state: 'identified',
    displayName: 'Anna Andersson',
    verified: { provider: 'bankid', at: START + 1 },
  });
  lobby.wait('anna', START + 2);
  t.match(lobby.participant('anna'), { state: 'waiting', waitingSince: START + 2 });
  t.equal(
    codeOf(() => lobby.wait('anna', START)),
    'illegal-transition',
    'waits already',
  );
  t.equal(lobby.mayEnter('anna', 'substantial', START)?.code, 'not-admitted');
  lobby.admit('anna', 'host', START + 3);
  t.equal(lobby.mayEnter('anna', 'substantial', START), null);
  lobby.joinedRoom('anna', START + 4);
  t.match(lobby.participant('anna'), { state: 'admitted', present: true, entered: true });
  lobby.leftRoom('anna', START + 5);
  t.match(lobby.participant('anna'), { state: 'admitted', present: false, entered: true });
  lobby.leave('anna', START + 6);
  t.equal(lobby.mayEnter('anna', 'substantial', START)?.code, 'not-admitted', 'has to wait again');
  stop();
  lobby.wait('anna', START + 7);
  t.strictSame(
    told.map(({ operation, by, at }) => [operation, by, at - START]),
    [
      ['add', null, 0],
      ['identify', null, 1],
      ['wait', null, 2],
      ['admit', 'host', 3],
      ['joinedRoom', null, 4],
      ['leftRoom', null, 5],
      ['leave', null, 6],
    ],
    'once each, and what was refused is not told',
  );
});

t.test('the level and the person of the invitation are asked for', async (t) => {
  const lobby = withHost();
  lobby.add({ id: 'named', displayName: 'N', role: 'participant', invitedIdentity: 'hash' }, START);
  t.equal(
    codeOf(() => lobby.identify('named', proof({ assurance: 'low' }), START)),
    'assurance-too-low',
  );
  t.equal(
    codeOf(() => lobby.identify('named', proof(), START)),
    'identity-mismatch',
  );
  t.match(lobby.participant('named'), { state: 'invited', displayName: 'N' });
  lobby.identify('named', proof({ matchesInvitation: true, assurance: 'high' }), START);
  lobby.wait('named', START);
  lobby.admit('named', 'host', START);
  t.equal(lobby.mayEnter('named', 'low', START)?.code, 'assurance-too-low', 'what the session proves now');
  t.equal(lobby.mayEnter('named', 'high', START), null);
  t.equal(lobby.mayEnter('stranger', 'high', START)?.code, 'unknown-participant');
  t.equal(
    codeOf(() => lobby.identify('stranger', proof(), START)),
    'unknown-participant',
  );
});

t.test('an invitation belongs to whoever identified first', async (t) => {
  const lobby = withHost();
  comes(lobby, 'anna');
  const other = proof({ pseudonym: 'hash of bo' });
  for (const state of ['waiting', 'admitted', 'left']) {
    if (state === 'admitted') lobby.admit('anna', 'host', START);
    if (state === 'left') lobby.leave('anna', START);
    t.equal(lobby.participant('anna')?.state, state);
    t.equal(
      codeOf(() => lobby.identify('anna', other, START)),
      'identity-mismatch',
    );
    t.equal(
      codeOf(() => lobby.identify('anna', proof(), START)),
      'identity-mismatch',
    );
  }
  lobby.identify('anna', proof({ pseudonym: 'hash of anna', assurance: 'high' }), START);
  t.match(lobby.participant('anna'), { state: 'identified', verified: { assurance: 'high' } });

  lobby.add({ id: 'bo', displayName: 'Bo', role: 'participant' }, START);
  lobby.identify('bo', proof(), START);
  lobby.identify('bo', proof({ name: 'Somebody else' }), START);
  t.equal(lobby.participant('bo')?.displayName, 'Somebody else', 'nothing was decided about them yet');
  lobby.wait('bo', START);
  t.equal(
    codeOf(() => lobby.identify('bo', proof(), START)),
    'illegal-transition',
  );
});

t.test('the same person may prove it again without losing anything', async (t) => {
  const lobby = withHost();
  comes(lobby, 'anna', START);
  comes(lobby, 'bo', START);
  const again = proof({ pseudonym: 'hash of anna' });
  lobby.identify('anna', again, START);
  t.equal(lobby.queuePlace('anna'), 1);
  lobby.admit('anna', 'host', START);
  lobby.identify('anna', again, START);
  t.equal(lobby.mayEnter('anna', 'substantial', START), null);
  lobby.remove('anna', 'because', 'host', START);
  lobby.identify('anna', again, START);
  t.match(lobby.participant('anna'), { state: 'denied', reason: 'because' }, 'that lets nobody in');
});

t.test('until a host is in the room everybody waits', async (t) => {
  const lobby = createLobby();
  lobby.add({ id: 'host', displayName: 'Host', role: 'host' }, START);
  comes(lobby, 'anna');
  t.equal(
    codeOf(() => lobby.admit('anna', 'host', START)),
    'forbidden',
    'not identified',
  );
  t.equal(
    codeOf(() => lobby.wait('host', START)),
    'illegal-transition',
    'hosts prove who they are, too',
  );
  t.equal(
    codeOf(() => lobby.identify('host', proof({ assurance: 'low' }), START)),
    'assurance-too-low',
  );
  lobby.identify('host', proof(), START);
  lobby.wait('host', START);
  t.equal(lobby.participant('host')?.state, 'admitted', 'a host waits for nobody');
  t.equal(lobby.hostPresent, false);
  t.equal(
    codeOf(() => lobby.admit('anna', 'host', START)),
    'host-absent',
  );
  t.equal(
    codeOf(() => lobby.admitAll('host', START)),
    'host-absent',
  );
  t.equal(lobby.mayEnter('host', 'substantial', START), null);
  lobby.joinedRoom('host', START);
  t.equal(lobby.hostPresent, true);
  lobby.admit('anna', 'host', START);

  lobby.leftRoom('host', START);
  t.equal(lobby.mayEnter('anna', 'substantial', START)?.code, 'host-absent');
  t.equal(
    codeOf(() => lobby.joinedRoom('anna', START)),
    'host-absent',
  );
  lobby.joinedRoom('host', START);
  lobby.joinedRoom('anna', START);
  lobby.leftRoom('host', START);
  lobby.leftRoom('anna', START);
  t.equal(lobby.mayEnter('anna', 'substantial', START), null, 'who was there may come back');
});

t.test('capacity counts hosts, and all are admitted in the order in which they came', async (t) => {
  const lobby = withHost({ capacity: 3 });
  for (const id of ['a', 'b', 'c', 'd']) comes(lobby, id);
  t.strictSame(
    ['a', 'b', 'c', 'd', 'host'].map((id) => lobby.queuePlace(id)),
    [1, 2, 3, 4, null],
  );
  lobby.leave('a', START);
  lobby.wait('a', START);
  t.strictSame(
    ['a', 'b', 'c', 'd'].map((id) => lobby.queuePlace(id)),
    [4, 1, 2, 3],
    'comes back last',
  );
  const told: LobbyChange[] = [];
  lobby.subscribe((change) => told.push(change));
  t.strictSame(lobby.admitAll('host', START), ['b', 'c']);
  t.match(told, [{ operation: 'admitAll', participantIds: ['b', 'c'], by: 'host' }]);
  t.equal(told.length, 1);
  t.equal(lobby.admittedCount, 3);
  t.equal(
    codeOf(() => lobby.admit('d', 'host', START)),
    'meeting-full',
  );
  t.equal(
    codeOf(() => lobby.admitAll('host', START)),
    'meeting-full',
  );
  lobby.leave('b', START);
  lobby.admit('a', 'host', START);
  t.strictSame(
    lobby.waiting().map(({ id }) => id),
    ['d'],
  );
  lobby.deny('d', 'wrong meeting', 'host', START);
  t.strictSame(lobby.admitAll('host', START), []);
});

t.test('turned away: nobody comes in again unless a host admits anew', async (t) => {
  const lobby = withHost();
  comes(lobby, 'anna');
  t.equal(
    codeOf(() => lobby.remove('anna', 'x', 'host', START)),
    'illegal-transition',
    'not in',
  );
  lobby.deny('anna', 'too early', 'host', START);
  t.match(lobby.participant('anna'), { state: 'denied', reason: 'too early', order: null });
  for (const attempt of [
    () => lobby.wait('anna', START),
    () => lobby.leave('anna', START),
    () => lobby.joinedRoom('anna', START),
  ]) {
    t.equal(codeOf(attempt), 'denied');
  }
  t.equal(lobby.mayEnter('anna', 'high', START)?.code, 'denied');
  lobby.admit('anna', 'host', START);
  t.match(lobby.participant('anna'), { state: 'admitted', reason: null });
  lobby.joinedRoom('anna', START);
  t.equal(
    codeOf(() => lobby.deny('anna', 'x', 'host', START)),
    'illegal-transition',
    'that is remove',
  );
  lobby.remove('anna', 'shouting', 'host', START);
  t.equal(lobby.mayEnter('anna', 'high', START)?.code, 'denied');
  lobby.leftRoom('anna', START);
  t.match(lobby.participant('anna'), { state: 'denied', present: false, entered: false });

  lobby.add({ id: 'bo', displayName: 'Bo', role: 'participant' }, START);
  lobby.deny('bo', 'invitation taken back', null, START);
  t.equal(
    codeOf(() => lobby.admit('bo', 'host', START)),
    'not-identified',
  );
  lobby.identify('bo', proof(), START);
  t.equal(lobby.participant('bo')?.state, 'denied');
  lobby.admit('bo', 'host', START);
  t.equal(lobby.participant('bo')?.state, 'admitted');
});

t.test('only hosts act, and only while they are admitted', async (t) => {
  const lobby = withHost();
  comes(lobby, 'anna');
  comes(lobby, 'bo');
  lobby.admit('anna', 'host', START);
  for (const by of ['anna', 'bo', 'stranger']) {
    for (const act of [
      () => lobby.admit('bo', by, START),
      () => lobby.admitAll(by, START),
      () => lobby.deny('bo', '', by, START),
      () => lobby.remove('anna', '', by, START),
      () => lobby.mute('anna', 'microphone', by, START),
      () => lobby.lock(by, START),
      () => lobby.unlock(by, START),
      () => lobby.setNotice('x', by, START),
      () => lobby.end('x', by, START),
    ]) {
      t.equal(codeOf(act), 'forbidden');
    }
  }
  t.equal(
    codeOf(() => lobby.remove('host', '', 'host', START)),
    'forbidden',
    'not even themselves',
  );
  lobby.add({ id: 'second', displayName: 'S', role: 'host' }, START);
  t.strictSame([lobby.isHost('second'), lobby.isHost('anna'), lobby.isHost('nobody')], [true, false, false]);
  t.equal(
    codeOf(() => lobby.lock('second', START)),
    'forbidden',
    'not admitted',
  );
  lobby.identify('second', proof(), START);
  lobby.wait('second', START);
  lobby.remove('host', 'handing over', 'second', START);
  t.equal(
    codeOf(() => lobby.lock('host', START)),
    'forbidden',
    'removed',
  );
  t.equal(
    codeOf(() => lobby.admit('bo', 'second', START)),
    'host-absent',
    'the one in the room is none now',
  );
});

t.test('locked: nobody new, but who was there comes back', async (t) => {
  const lobby = withHost();
  for (const id of ['inside', 'admitted', 'waiting', 'coming']) comes(lobby, id);
  lobby.leave('coming', START);
  lobby.admit('inside', 'host', START);
  lobby.admit('admitted', 'host', START);
  lobby.joinedRoom('inside', START);
  lobby.lock('host', START);
  t.equal(
    codeOf(() => lobby.lock('host', START)),
    'illegal-transition',
  );
  t.equal(
    codeOf(() => lobby.wait('coming', START)),
    'locked',
  );
  t.equal(
    codeOf(() => lobby.admit('waiting', 'host', START)),
    'locked',
  );
  t.equal(
    codeOf(() => lobby.admitAll('host', START)),
    'locked',
  );
  t.equal(lobby.mayEnter('admitted', 'high', START)?.code, 'locked');
  t.equal(
    codeOf(() => lobby.joinedRoom('admitted', START)),
    'locked',
  );
  lobby.leftRoom('inside', START);
  t.equal(lobby.mayEnter('inside', 'high', START), null);
  lobby.leave('host', START);
  lobby.wait('host', START);
  t.equal(lobby.mayEnter('host', 'high', START), null, 'else nobody could unlock it');
  lobby.unlock('host', START);
  t.equal(
    codeOf(() => lobby.unlock('host', START)),
    'illegal-transition',
  );
  lobby.wait('coming', START);
});

t.test('a host who has not come yet may tell those who wait, and nothing else', async (t) => {
  const lobby = createLobby();
  lobby.add({ id: 'host', displayName: 'H', role: 'participant' }, START);
  comes(lobby, 'anna');
  const says = (text: string) => codeOf(() => lobby.setNotice(text, 'host', START));
  t.equal(says('who is this'), 'forbidden', 'not proven yet');
  lobby.identify('host', proof(), START);
  t.equal(says('ten minutes late'), 'done');
  t.equal(lobby.notice, 'ten minutes late');
  for (const act of [
    () => lobby.deny('anna', '', 'host', START),
    () => lobby.lock('host', START),
    () => lobby.end('x', 'host', START),
  ]) {
    t.equal(codeOf(act), 'forbidden');
  }
  lobby.wait('host', START);
  lobby.leave('host', START);
  t.equal(says('back soon'), 'done');
  lobby.deny('host', '', null, START);
  t.equal(says('hear me'), 'forbidden', 'taken out');
  t.equal(lobby.notice, 'back soon');
});

t.test('a notice, muting, and the end', async (t) => {
  const lobby = withHost();
  comes(lobby, 'anna');
  const told: LobbyChange[] = [];
  lobby.subscribe((change) => told.push(change));
  lobby.setNotice('ten minutes late', 'host', START);
  t.equal(lobby.notice, 'ten minutes late');
  lobby.setNotice('', 'host', START);
  t.equal(lobby.notice, null);
  t.equal(
    codeOf(() => lobby.mute('anna', 'microphone', 'host', START)),
    'not-admitted',
  );
  lobby.admit('anna', 'host', START);
  lobby.joinedRoom('anna', START);
  lobby.mute('anna', 'microphone', 'host', START);
  t.match(told.at(-1), { operation: 'mute', participantIds: ['anna'], by: 'host', source: 'microphone' });
  lobby.end('done', 'host', START + 9);
  t.match(told.at(-1), { operation: 'end', participantIds: [], reason: 'done' });
  t.strictSame(lobby.ended, { reason: 'done', at: START + 9 });
  for (const attempt of [
    () => lobby.add({ id: 'late', displayName: 'L', role: 'participant' }, START),
    () => lobby.identify('anna', proof(), START),
    () => lobby.wait('anna', START),
    () => lobby.admit('anna', 'host', START),
    () => lobby.joinedRoom('anna', START),
    () => lobby.leave('anna', START),
    () => lobby.unlock('host', START),
    () => lobby.setNotice('x', null, START),
    () => lobby.end('again', null, START),
  ]) {
    t.equal(codeOf(attempt), 'ended');
  }
  t.equal(lobby.mayEnter('anna', 'high', START)?.code, 'ended');
  lobby.leftRoom('anna', START);
  t.equal(
    codeOf(() => lobby.leftRoom('anna', START)),
    'illegal-transition',
  );
});

t.test('not before it opens', async (t) => {
  const lobby = createLobby({ opensAt: START + 100 });
  lobby.add({ id: 'host', displayName: 'Host', role: 'host' }, START);
  t.equal(
    codeOf(() => lobby.add({ id: 'host', displayName: 'H', role: 'host' }, START)),
    'already-added',
  );
  lobby.identify('host', proof(), START);
  t.equal(
    codeOf(() => lobby.wait('host', START + 99)),
    'not-open',
  );
  lobby.wait('host', START + 100);
  t.equal(lobby.mayEnter('host', 'high', START + 99)?.code, 'not-open');
  t.equal(lobby.mayEnter('host', 'high', START + 100), null);
});

t.test('settings that cannot work are refused', async (t) => {
  for (const settings of [
    { capacity: 0 },
    { capacity: 2.5 },
    { capacity: NaN },
    { meetingId: '' },
    { minimumAssurance: 'none' as never },
  ]) {
    t.equal(
      codeOf(() => createLobby(settings)),
      'bad-settings',
    );
  }
});
