/** TURN servers: settings, credentials, and who is given them. */
import { createHmac } from 'node:crypto';
import t from 'tap';
import type { TicketView } from '../../../examples/meeting/shared/api.js';
import { readConfig } from '../../../examples/meeting/server/config.js';
import { iceServersFor } from '../../../examples/meeting/server/config-turn.js';
import {
  BO,
  book,
  enter,
  invitationTo,
  organiser,
  START,
  startTestService,
} from '../meetings/test-service.js';
import { configMistake } from '../config-mistake.js';

const SECRET = 'only-for-this-test-'.repeat(3);
const URLS = 'turns:turn.example.se:443?transport=tcp, turn:[2001:db8::1]:3478';
t.test('settings: none, or whole', async (t) => {
  t.equal(readConfig({}).turn, undefined);
  t.equal(readConfig({ TURN_URLS: '', TURN_SECRET: '' }).turn, undefined);
  t.strictSame(readConfig({ TURN_URLS: URLS, TURN_SECRET: SECRET }).turn, {
    urls: ['turns:turn.example.se:443?transport=tcp', 'turn:[2001:db8::1]:3478'],
    secret: SECRET,
    lifetimeHours: 12,
  });
  const folder = t.testdir({ secret: `${SECRET}\n` });
  t.match(
    readConfig({ TURN_URLS: URLS, TURN_SECRET_FILE: `${folder}/secret`, TURN_LIFETIME_HOURS: '4' }).turn,
    { secret: SECRET, lifetimeHours: 4 },
  );
});

t.test('mistakes are told by name, and the secret is not repeated', async (t) => {
  const good = { TURN_URLS: URLS, TURN_SECRET: SECRET };
  for (const [env, message] of [
    [{ TURN_SECRET: SECRET }, /TURN_SECRET is set, but not TURN_URLS/],
    [{ TURN_URLS: URLS }, /neither TURN_SECRET nor TURN_SECRET_FILE/],
    [{ ...good, TURN_SECRET: 'only-for-this' }, /TURN_SECRET has 13 characters/],
    [{ ...good, TURN_SECRET_FILE: '/nowhere' }, /both TURN_SECRET and TURN_SECRET_FILE/],
    [{ TURN_URLS: URLS, TURN_SECRET_FILE: '/nowhere' }, /TURN_SECRET_FILE.*cannot be read/],
    [{ ...good, TURN_LIFETIME_HOURS: '0' }, /TURN_LIFETIME_HOURS.*1 to 24/],
    [{ ...good, SECRET }, /SECRET and TURN_SECRET are the same/],
    ...[
      'https://turn.example.se',
      'turn.example.se',
      'turn:',
      'turn:turn.example.se:0',
      'turn:turn.example.se:65536',
      'turns://turn.example.se',
      'turns:turn.example.se?transport=tls',
      'turn:anna@turn.example.se',
      'stun:turn.example.se',
      `${URLS},turn:a b`,
    ].map((urls) => [{ ...good, TURN_URLS: urls }, /^TURN_URLS has "/] as const),
  ] as [NodeJS.ProcessEnv, RegExp][]) {
    const { name, message: said } = configMistake(env);
    t.equal(name, 'ConfigError');
    t.match(said, message);
    t.notMatch(said, 'only-for-this');
  }
});

t.test('credentials: of one person, with an end', async (t) => {
  const settings = { urls: ['turns:turn.example.se'], secret: SECRET, lifetimeHours: 4 };
  t.strictSame(iceServersFor(undefined, 'anna', START), []);
  const [given] = iceServersFor(settings, 'anna', START + 999);
  t.strictSame(given.urls, settings.urls);
  const [expiry, who, ...more] = given.username.split(':');
  t.strictSame(more, []);
  t.equal(Number(expiry), START / 1000 + 4 * 3600);
  t.match(who, /^[\da-f]{32}$/);
  t.equal(given.credential, createHmac('sha1', SECRET).update(given.username).digest('base64'));
  t.strictSame(iceServersFor(settings, 'anna', START), [given], 'the same person is the same to the quotas');
  t.not(iceServersFor(settings, 'bo', START)[0].username.split(':')[1], who);
});

t.test('with a ticket, to who was let in, and to nobody else', async (t) => {
  const service = await startTestService(t, {}, { TURN_URLS: URLS, TURN_SECRET: SECRET });
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }]);
  const bo = service.browser();
  const { participantId } = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  const path = `/api/meetings/${meeting.id}/me/ticket`;
  const refused = await bo.post(path);
  t.equal(refused.status, 403);
  t.notMatch(JSON.stringify(refused.body), /turn|credential/);

  await anna.expect('POST', `/api/meetings/${meeting.id}/me/wait`, { undisturbed: true });
  await enter(t, service, anna, meeting.id);
  await anna.lobby(meeting.id, 'admit', { participantId });
  const { turn } = service.service.context.config;
  const { iceServers } = await bo.expect<TicketView>('POST', path, {});
  t.strictSame(iceServers, iceServersFor(turn, participantId, service.clock.now));
  t.notMatch(JSON.stringify(iceServers), SECRET);

  await anna.lobby(meeting.id, 'remove', { participantId, reason: '' });
  t.equal((await bo.post(path)).status, 403, 'nor to who was taken out');
  t.notMatch(service.log.join(), SECRET);
  t.notMatch(service.log.join(), iceServers[0].credential);
});

t.test('without TURN servers there are none in the answer', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, []);
  await anna.expect('POST', `/api/meetings/${meeting.id}/me/wait`, { undisturbed: true });
  t.strictSame((await anna.ticket(meeting.id)).iceServers, []);
});
