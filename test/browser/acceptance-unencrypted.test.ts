/**
 * A meeting of a kind for which the organisation has approved less: codes by mail are enough, and the server could look on. Also
 * what shows that looking on works where nothing is sealed.
 */
import t from 'tap';
import { meeting as words } from '../../examples/meeting/web/meeting/texts/en.js';
import { Attendee, en } from '../support/acceptance/attendee.js';
import { book } from '../support/acceptance/booking.js';
import { decodeVp8, usualLikeness, vp8Frames } from '../support/acceptance/forwarded.js';
import { admits, isIn, leaves, lobbyOf, seesMoving, seesPeople } from '../support/acceptance/in-meeting.js';
import { startMunicipality } from '../support/acceptance/municipality.js';
import { FRIDA, HOST } from '../support/acceptance/people.js';
import { launchChromium } from '../support/browser/browsers.js';

t.test('without encryption the page says so, and the server can see the pictures', async (t) => {
  const municipality = await startMunicipality(t);
  const { url, forwarded } = municipality;
  const browser = await launchChromium(t);
  const olle = await Attendee.open(t, browser, url, HOST.name);
  const frida = await Attendee.open(t, browser, url, FRIDA.name);

  await olle.goto('/portal');
  await olle.identifyByCode(HOST.email, () => municipality.codeFor(HOST.email));
  await book(olle, {
    title: 'Öppet hus',
    meetingType: 'Öppet hus',
    startsAt: new Date(Math.ceil(Date.now() / 60_000 + 30) * 60_000),
    invitees: [{ name: FRIDA.name, email: FRIDA.email }],
  });
  const { mail } = await municipality.mailTo(FRIDA.email);
  await frida.goto(/https:\/\/\S+\/i\/[\w-]{43}/.exec(mail.text ?? '')![0]);
  await frida.identifyByCode(FRIDA.email, () => municipality.codeFor(FRIDA.email));
  await frida.prepareAndWait();
  await olle.page.getByRole('link', { name: en.portal.open, exact: true }).click();
  await olle.prepare(en.visit.before.startMeeting);
  await isIn(olle);
  const line = (await lobbyOf(olle)).getByRole('listitem').filter({ hasText: FRIDA.name });
  await line.getByText(new RegExp(`level ${en.common.assuranceShort.low.toLowerCase()}`)).waitFor();
  await admits(olle, FRIDA.name);
  await isIn(frida);
  await Promise.all([seesMoving(olle, [FRIDA.name]), seesMoving(frida, [HOST.name])]);

  const { button, status } = words.encryption;
  for (const { page } of [olle, frida])
    await page.getByRole('button', { name: button(status.off) }).waitFor();
  const frames = vp8Frames(await forwarded.record(t, forwarded.ids('video')[0], 50));
  const { pictures } = await decodeVp8(frames);
  t.ok(frames.length > 10, `${frames.length} frames`);
  t.ok(pictures.length > frames.length * 0.8, `${pictures.length} pictures`);
  t.ok(usualLikeness(pictures) > 0.95, 'of one camera');
  t.ok(Math.max(...pictures[0]) - Math.min(...pictures[0]) > 100, 'and there is something on it');

  await leaves(frida);
  await seesPeople(olle, []);
  t.same([...olle.problems, ...frida.problems], []);
});
