/**
 * The first command and nothing else: the built server in an empty folder, and the whole way by the test e-ID. It also takes the
 * README's pictures of each step, see walk.ts.
 */
import { readdirSync } from 'node:fs';
import t from 'tap';
import { Attendee, en } from '../support/acceptance/attendee.js';
import { book, copyLink } from '../support/acceptance/booking.js';
import { FirstStart } from '../support/acceptance/first-start.js';
import {
  admits,
  endsForAll,
  isIn,
  lobbyOf,
  securityCode,
  seesEncrypted,
  seesMoving,
  seesPeople,
} from '../support/acceptance/in-meeting.js';
import { shoot, walkBrowsers, walkMedia } from '../support/acceptance/walk.js';

const ANNA = 'Anna Andersson';
const KARIN = { name: 'Karin Karlsson', personalNumber: '199001012385' };

t.test('sign in, book, copy the link, let in, meet, end', async (t) => {
  const server = await FirstStart.start(t);
  const browsers = await walkBrowsers(t, ['dusk', 'morning']);
  const anna = await Attendee.open(t, browsers.dusk, server.url, ANNA, { media: walkMedia });
  const karin = await Attendee.open(t, browsers.morning, server.url, KARIN.name, { media: walkMedia });

  await anna.goto('/');
  await anna.heading(en.identify.start.heading).waitFor();
  await anna.sees(en.common.testService);
  await anna.page.getByRole('main').getByRole('link', { name: en.common.signIn, exact: true }).click();
  await anna.identifyByTest(ANNA, () => shoot(anna, '1-sign-in'));
  await anna.heading(en.portal.heading).waitFor();

  const startsAt = new Date(Math.ceil(Date.now() / 60_000 + 10) * 60_000);
  const meeting = {
    title: 'Follow-up with Karin',
    meetingType: 'Utredningssamtal och SIP',
    startsAt,
    invitees: [KARIN],
    message: 'Please have your decision at hand.',
  };
  await book(anna, meeting, async (step) => {
    if (step === 'suitability') await shoot(anna, '2-suitability');
    if (step === 'people') await shoot(anna, '3-participants');
  });
  const link = await copyLink(anna, KARIN.name);
  t.match(link, new RegExp(`^${server.url}/i/[\\w-]{43}$`));
  await shoot(anna, '4-booked');

  await karin.goto(link);
  await karin.heading(en.visit.invitation.heading).waitFor();
  t.equal(await karin.page.getByText(meeting.message).count(), 0, 'strangers with the link do not read it');
  await shoot(karin, '5-invitation');
  await karin.identifyByTest(KARIN.name);
  await karin.heading(en.visit.before.heading).waitFor();
  await karin.sees(meeting.message);
  await shoot(karin, '6-prepare');
  await karin.prepareAndWait();

  await anna.page.getByRole('link', { name: en.portal.open, exact: true }).click();
  await anna.prepare(en.visit.before.startMeeting);
  await isIn(anna);
  await (await lobbyOf(anna)).getByText(en.lobby.matches).waitFor();
  await karin.sees(en.visit.waiting.hostPresent);
  await shoot(anna, '7-waiting-room');
  await admits(anna, KARIN.name);
  await isIn(karin);
  await Promise.all([seesPeople(anna, [KARIN.name]), seesPeople(karin, [ANNA])]);
  await Promise.all([seesMoving(anna, [KARIN.name]), seesMoving(karin, [ANNA])]);
  await Promise.all([seesEncrypted(anna), seesEncrypted(karin)]);
  const code = await securityCode(anna);
  t.equal(await securityCode(karin), code, 'both read the same code');
  await shoot(karin, '8-meeting');

  await endsForAll(anna);
  await Promise.all([anna, karin].map((one) => one.heading(en.visit.left.endedHeading).waitFor()));
  t.same([...anna.problems, ...karin.problems], []);
  t.same(readdirSync(server.folder), ['data'], 'everything is in one folder');
  t.equal(await server.stop(), 0, 'and it ends in order');
  t.notMatch(server.output(), KARIN.personalNumber);
});
