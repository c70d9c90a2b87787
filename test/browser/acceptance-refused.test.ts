/** Who stays out of a meeting: by the page, and by whatever way round it. */
import t from 'tap';
import { meeting as words } from '../../examples/meeting/web/meeting/texts/en.js';
import { Attendee, en } from '../support/acceptance/attendee.js';
import { book, copyLink } from '../support/acceptance/booking.js';
import {
  admits,
  denies,
  isIn,
  lobbyOf,
  removes,
  seesMoving,
  seesPeople,
} from '../support/acceptance/in-meeting.js';
import { startMunicipality } from '../support/acceptance/municipality.js';
import { BERTIL } from '../support/eid/oidc/people.js';
import { DISA, EVERT, FRIDA, HOST, STINA } from '../support/acceptance/people.js';
import { joinRaw, post, takeTicket } from '../support/acceptance/round-the-page.js';
import { launchChromium } from '../support/browser/browsers.js';

const municipality = await startMunicipality(t);
const { service, url } = municipality;
const browser = await launchChromium(t);
const olle = await Attendee.open(t, browser, url, HOST.name);
const links = new Map<string, string>();
let meetingId = '';

const inRoom = (): string[] =>
  service.gateway.rooms
    .participants(meetingId)
    .map(({ displayName }) => displayName)
    .sort();

/** Those of whom the service holds a proof for this meeting. */
async function known(): Promise<string[]> {
  const participants = await service.context.store.participants.list([meetingId]);
  return participants.map(({ displayName }) => displayName);
}

t.test('the meeting: one invitation for Disa, one for Evert, one for whoever has the link', async (t) => {
  await olle.goto('/portal');
  await olle.identifyByCode(HOST.email, () => municipality.codeFor(HOST.email));
  meetingId = await book(olle, {
    title: 'Enskilt samtal',
    startsAt: new Date(Math.ceil(Date.now() / 60_000 + 15) * 60_000),
    invitees: [
      { name: DISA.name, personalNumber: DISA.personalNumber },
      { name: EVERT.name, personalNumber: EVERT.personalNumber },
      { name: 'Relative', role: 'relative' },
    ],
  });
  for (const name of [DISA.name, EVERT.name, 'Relative']) links.set(name, await copyLink(olle, name));

  // Logged in with a code alone, not even the organiser gets in.
  t.equal(
    await post(olle, `/api/meetings/${meetingId}/me/wait`, { undisturbed: true }),
    '403 assurance-too-low',
  );
  await olle.page.getByRole('link', { name: en.portal.open, exact: true }).click();
  await olle.sees(en.failures.byCode['assurance-too-low']);
  await olle.identifyByBankIdHere(municipality, HOST);
  await olle.prepare(en.visit.before.startMeeting);
  await isIn(olle);
});

t.test('a stranger without an identity sees nothing but the way to identify', async (t) => {
  const stranger = await Attendee.open(t, browser, url, 'a stranger');
  await stranger.goto(`/meeting/${meetingId}`);
  await stranger.heading(en.identify.signIn.heading).waitFor();
  await stranger.goto(links.get('Relative')!);
  await stranger.heading(en.identify.choose.heading).waitFor();
  t.notMatch(await stranger.page.innerText('body'), /Enskilt samtal|Disa|Evert/);
  for (const path of ['me/wait', 'me/ticket', 'lobby/admit', 'documents']) {
    t.equal(await post(stranger, `/api/meetings/${meetingId}/${path}`), '401 not-signed-in', path);
  }
  t.equal(await joinRaw(stranger, meetingId), 'unauthorized');
  t.equal(await joinRaw(stranger, meetingId, 'A'.repeat(43)), 'unauthorized', 'with an invented ticket');
});

t.test('a wrong person: the identity does not match the invitation', async (t) => {
  const stina = await Attendee.open(t, browser, url, STINA.name);
  await stina.goto(links.get(DISA.name)!);
  await stina.identifyByBankIdHere(municipality, STINA);
  await stina.heading(en.visit.invitation.refusedHeading).waitFor();
  await stina.sees(en.failures.byCode['identity-mismatch']);
  const token = links.get(DISA.name)!.split('/').at(-1);
  t.equal(await post(stina, `/api/invitations/${token}/claim`), '403 identity-mismatch');
  t.equal(await post(stina, `/api/meetings/${meetingId}/me/wait`, { undisturbed: true }), '403 forbidden');
  t.equal(await post(stina, `/api/meetings/${meetingId}/me/ticket`), '403 forbidden');
  t.equal(await joinRaw(stina, meetingId), 'unauthorized');
  await stina.goto(`/meeting/${meetingId}`);
  await stina.heading(en.visit.before.notYoursHeading).waitFor();
  t.notOk((await known()).includes(STINA.name), 'the meeting knows nothing of her');
});

t.test(
  'a too low level: not offered, not taken from the provider, not taken from an earlier login',
  async (t) => {
    const low = await Attendee.open(t, browser, url, 'too low');
    await low.goto(links.get('Relative')!);
    await low.page.getByRole('button', { name: /^BankID/ }).waitFor();
    t.equal(await low.page.getByRole('button', { name: en.identify.choose.codeNote }).count(), 0, 'no code');

    municipality.oidc.forgery = 'acr-low';
    t.teardown(() => (municipality.oidc.forgery = null));
    await low.signInAtSiths(municipality, BERTIL);
    await low.sees(en.failures.eid['assurance-too-low']);
    t.equal(
      await post(low, `/api/meetings/${meetingId}/me/wait`, { undisturbed: true }),
      '401 not-signed-in',
    );

    // Logged in to the portal with a code, which is little, and then to the invitation with that.
    const coded = await Attendee.open(t, browser, url, HOST.name);
    await coded.goto('/portal');
    await coded.identifyByCode(HOST.email, () => municipality.codeFor(HOST.email));
    await coded.heading(en.portal.heading).waitFor();
    await coded.goto(links.get('Relative')!);
    await coded.sees(en.visit.invitation.tooLow);
    t.equal(await coded.page.getByRole('button', { name: en.visit.invitation.goOn }).count(), 0);
    const token = links.get('Relative')!.split('/').at(-1);
    t.equal(await post(coded, `/api/invitations/${token}/claim`), '403 assurance-too-low');
  },
);

t.test('a link to the app that somebody else approves lets nobody in, and says so to both', async (t) => {
  const attacker = await Attendee.open(t, browser, url, 'an attacker');
  await attacker.goto(links.get(DISA.name)!);
  const phone = municipality.bankid.newPhone();
  phone.open(await attacker.bankIdLink());
  // Disa was sent that link; the app that she approved in opens her own browser.
  const opened = phone.approve(DISA);
  await attacker.sees('Approved in the app.');
  const disa = await Attendee.open(t, browser, url, DISA.name);
  await disa.comesBack(opened);
  await disa.sees(en.identify.returned.elsewhere);
  await disa.sees(en.identify.returned.warning);
  t.notMatch(disa.page.url(), '#', 'nothing of it is left in the address');
  await disa.page.getByRole('button', { name: /^BankID/ }).waitFor();

  await attacker.sees(en.failures.eid['returned-elsewhere']);
  await attacker.page.getByRole('button', { name: en.identify.again }).waitFor();
  for (const one of [attacker, disa]) {
    t.equal(
      await post(one, `/api/meetings/${meetingId}/me/wait`, { undisturbed: true }),
      '401 not-signed-in',
      one.name,
    );
  }
  await attacker.comesBack(opened);
  await attacker.sees(en.identify.returned.warning);
  t.notOk((await known()).includes(DISA.name));
});

t.test('somebody with an open link waits, is denied with a reason, and stays out', async (t) => {
  const stina = await Attendee.open(t, browser, url, STINA.name);
  await stina.goto(links.get('Relative')!);
  await stina.identifyByBankIdHere(municipality, STINA);
  await stina.prepareAndWait();
  const panel = await lobbyOf(olle);
  const line = panel.getByRole('listitem').filter({ hasText: STINA.name });
  await line.getByText(en.lobby.noMatch).waitFor();
  t.equal(await post(stina, `/api/meetings/${meetingId}/me/ticket`), '403 not-admitted', 'while she waits');
  t.equal(await joinRaw(stina, meetingId), 'unauthorized');
  await denies(olle, STINA.name, 'I do not know you.');
  await stina.heading(en.visit.denied.heading).waitFor();
  await stina.sees(en.visit.denied.reason('I do not know you.'));

  t.not(await post(stina, `/api/meetings/${meetingId}/me/wait`, { undisturbed: true }), '200');
  t.equal(await post(stina, `/api/meetings/${meetingId}/me/ticket`), '403 not-admitted');
  await stina.goto(links.get('Relative')!);
  await stina.press(en.visit.invitation.goOn);
  await stina.heading(en.visit.denied.heading).waitFor();
  // The place is hers, and with it denied: nobody else gets in with the link.
  const frida = await Attendee.open(t, browser, url, FRIDA.name);
  await frida.goto(links.get('Relative')!);
  await frida.identifyByFreja(municipality, FRIDA.freja);
  await frida.sees(en.failures.byCode['already-claimed']);
  t.same(inRoom(), [HOST.name]);
});

t.test('somebody removed is out at once, told why, and does not come in again by any way', async (t) => {
  const evert = await Attendee.open(t, browser, url, EVERT.name);
  await evert.goto(links.get(EVERT.name)!);
  await evert.identifyByBankIdHere(municipality, EVERT, 'another tab');
  await evert.prepareAndWait();
  await admits(olle, EVERT.name);
  await isIn(evert);
  await Promise.all([seesMoving(evert, [HOST.name]), seesMoving(olle, [EVERT.name])]);
  // Not used now, kept for later.
  const ticket = await takeTicket(evert, meetingId);
  t.match(ticket, /^[\w-]{43}$/);

  await removes(olle, EVERT.name, 'Please call me instead.');
  await evert.heading(en.visit.denied.removedHeading).waitFor();
  await evert.sees(en.visit.denied.reason('Please call me instead.'));
  await seesPeople(olle, []);
  t.same(inRoom(), [HOST.name]);

  t.equal(await joinRaw(evert, meetingId, ticket), 'unauthorized', 'with the kept ticket');
  t.equal(await joinRaw(evert, meetingId), 'unauthorized', 'without');
  t.equal(await post(evert, `/api/meetings/${meetingId}/me/ticket`), '403 not-admitted');
  await evert.page.reload();
  await evert.heading(en.visit.denied.heading).waitFor();
  await evert.goto(links.get(EVERT.name)!);
  await evert.press(en.visit.invitation.goOn);
  await evert.heading(en.visit.denied.heading).waitFor();
  t.same(inRoom(), [HOST.name]);
});

t.test(
  'a browser that cannot encrypt is told so, and is not in the meeting even if it is let in',
  async (t) => {
    const disa = await Attendee.open(t, browser, url, DISA.name, { withoutTransforms: true });
    await disa.goto(links.get(DISA.name)!);
    await disa.identifyByBankIdHere(municipality, DISA);
    await disa.heading(en.visit.before.noEncryptionHeading).waitFor();
    await disa.sees(en.visit.before.noEncryption);
    t.equal(
      await disa.page.getByRole('button', { name: en.visit.before.toWaitingRoom }).count(),
      0,
      'no way on',
    );

    t.equal(await post(disa, `/api/meetings/${meetingId}/me/wait`, { undisturbed: true }), '200');
    await disa.heading(en.visit.waiting.heading).waitFor();
    await admits(olle, DISA.name);
    await disa.sees(words.encryption.missing);
    t.same(inRoom(), [HOST.name]);
  },
);

t.test('the host is still there, and nobody else was ever let in', async (t) => {
  const admitted = (await municipality.audit(meetingId)).filter(
    ({ action }) => action === 'participant.admitted',
  );
  t.same(
    admitted.map(({ details }) => details.role),
    ['host', 'participant', 'participant'],
    'the host, Evert before he was removed, and Disa, whose browser did not go in',
  );
  const entered = (await municipality.audit(meetingId)).filter(
    ({ action }) => action === 'participant.entered',
  );
  t.equal(entered.length, 2);
  t.same(inRoom(), [HOST.name]);
  t.same(olle.problems, []);

  // The way that was shut for all of them is one: it opens for who was let in, by a ticket that was not used yet.
  const ticket = await takeTicket(olle, meetingId);
  t.equal(await joinRaw(olle, meetingId, ticket), 'joined');
  t.equal(await joinRaw(olle, meetingId, ticket), 'unauthorized', 'once');
  await olle.heading(en.visit.left.replacedHeading).waitFor();
});
