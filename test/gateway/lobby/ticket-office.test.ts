import t from 'tap';
import { TicketOffice } from '#src/gateway/index.js';

const anna = { room: 'room', participantId: 'anna', sessionId: 'session-a' };
const bo = { room: 'room', participantId: 'bo', sessionId: 'session-b' };

t.test('a ticket opens its room once', async (t) => {
  const office = new TicketOffice();
  const ticket = office.issue(anna);
  t.match(ticket, /^[\w-]{43}$/, '256 bits');
  t.not(office.issue(anna), ticket);
  t.strictSame(office.redeem(ticket, 'room'), { participantId: 'anna', sessionId: 'session-a' });
  t.equal(office.redeem(ticket, 'room'), null, 'once');
  t.equal(office.redeem('garbage', 'room'), null);
  t.equal(office.redeem('', 'room'), null);
  const other = office.issue(anna);
  t.equal(office.redeem(other, 'another room'), null);
  t.equal(office.redeem(other, 'room'), null, 'and it is used up by the attempt');
});

t.test('it is good for 30 s', async (t) => {
  let now = 1_000;
  const office = new TicketOffice({ now: () => now });
  const [first, second] = [office.issue(anna), office.issue(bo)];
  now += 29_999;
  t.ok(office.redeem(first, 'room'));
  now += 1;
  t.equal(office.redeem(second, 'room'), null);
});

t.test('those that are not used are bounded in number, and forgotten', async (t) => {
  let now = 0;
  const office = new TicketOffice({ now: () => now, maxTickets: 3, maxPerParticipant: 2 });
  const own = [office.issue(anna), office.issue(anna), office.issue(anna)];
  t.equal(office.size, 2);
  t.strictSame(
    own.map((ticket) => office.redeem(ticket, 'room') !== null),
    [false, true, true],
    'the oldest of a participant gives way',
  );
  t.equal(office.size, 0);
  const many = ['a', 'b', 'c', 'd'].map((participantId) => office.issue({ ...anna, participantId }));
  t.equal(office.size, 3);
  t.equal(office.redeem(many[0], 'room'), null, 'the oldest of all gives way');
  now = 30_000;
  office.issue(bo);
  t.equal(office.size, 1);
});

t.test('revoked with its participant', async (t) => {
  const office = new TicketOffice();
  const mine = [office.issue(anna), office.issue({ ...anna, room: 'second' })];
  const others = office.issue(bo);
  office.revoke('anna');
  office.revoke('nobody');
  t.strictSame(
    mine.map((ticket, index) => office.redeem(ticket, ['room', 'second'][index])),
    [null, null],
  );
  t.ok(office.redeem(others, 'room'));
});

t.test('randomness comes from where it is told', async (t) => {
  const office = new TicketOffice({ randomBytes: (size) => new Uint8Array(size).fill(7) });
  t.equal(office.issue(anna), Buffer.alloc(32, 7).toString('base64url'));
});
