/** Whole ways through the service, by keyboard alone, and what is announced on the way; against a fake server. */
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { en } from '../../examples/meeting/web/service/texts/en/index.js';
import { sv } from '../../examples/meeting/web/service/texts/sv/index.js';
import * as canned from '../service/web/canned.js';
import { startFakeService } from '../service/web/fake-service.js';
import { launchChromium } from '../support/browser/browsers.js';
import { DESKTOP, openServicePage, PHONE } from '../support/browser/service-page.js';
import { until } from '../support/browser/until.js';

const browser = await launchChromium(t);
const service = await startFakeService(t);
const invitationPath = `i/${canned.TOKEN}`;
const meetingPath = `meeting/${canned.MEETING_ID}`;
/** What any page of this file wrote to its console as an error, CSP violations among them. */
const problems: string[] = [];

async function open(t: Test, path: string, viewport = DESKTOP, reducedMotion?: 'reduce'): Promise<Page> {
  const opened = await openServicePage(t, browser, 'sv', viewport, reducedMotion);
  t.teardown(() => problems.push(...opened.problems.map((problem) => `${t.name}: ${problem}`)));
  await opened.page.goto(service.url + path);
  return opened.page;
}

/** Tab until the focus is on what has this name; fails after as many steps as no page has stops. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(nameOfFocused);
    if (typeof name === 'string' ? focused.startsWith(name) : name.test(focused)) {
      const outline = await page.evaluate(outlineOfFocused);
      if (outline !== 'solid') throw new Error(`the focus on "${focused}" cannot be seen`);
      return;
    }
  }
  throw new Error(`the keyboard does not reach ${String(name)}`);
}

/** In the page: by what a person knows the focused element. */
function nameOfFocused(): string {
  const element = document.activeElement as HTMLElement & { labels?: NodeListOf<HTMLLabelElement> };
  return element.getAttribute('aria-label') ?? (element.labels?.[0] ?? element).textContent?.trim() ?? '';
}

/** In the page: ticks and radio buttons show the focus on the row around them. */
function outlineOfFocused(): string {
  const element = document.activeElement!;
  const row = element.closest('.choice');
  return getComputedStyle(row ?? element).outlineStyle;
}

/** In the meeting: with how many wait. */
const waitingRoomButton = new RegExp(`^${sv.meeting.controls.lobby}`);

const focusedText = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

/** Everything that live regions have said since the page was opened. */
async function listen(page: Page): Promise<() => Promise<string>> {
  await page.evaluate(() => {
    const heard: string[] = [];
    (window as unknown as { heard: string[] }).heard = heard;
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest('[role="status"], [role="alert"], [role="log"], [aria-live]');
        if (region?.textContent) heard.push(region.textContent);
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard.join('\n'));
}

t.beforeEach(() => service.reset());

t.test('by keyboard: from the invitation through the identification to the waiting room', async (t) => {
  const page = await open(t, invitationPath);
  const { identify, visit } = sv;
  await page.getByRole('button', { name: /^BankID/ }).waitFor();
  const heard = await listen(page);
  await page.keyboard.press('Tab');
  t.equal(await focusedText(page), sv.common.skip, 'the first stop leads past the head');
  await page.keyboard.press('Enter');
  t.equal(await page.evaluate(() => document.activeElement?.id), 'content');

  await tabTo(page, 'BankID');
  await page.keyboard.press('Enter');
  await page.getByText(identify.app.qrHeading).waitFor();
  t.same(service.callsOf('POST', '/api/eid/orders')[0].body, {
    provider: 'bankid',
    purpose: 'meeting',
    invitation: canned.TOKEN,
    sameDevice: false,
    returnPath: `/${invitationPath}`,
  });
  t.match(await heard(), /Starta BankID-appen/, 'the hint is announced');
  const before = await page.locator('.qr img').getAttribute('src');
  await page.waitForFunction((src) => document.querySelector('.qr img')?.getAttribute('src') !== src, before);
  t.equal((await heard()).match(/Starta BankID-appen/g)?.length, 1, 'the changing code is not announced');

  service.state.order = {
    ...service.state.order!,
    message: {
      sv: 'Skriv in din säkerhetskod i BankID-appen.',
      en: 'Enter your security code in the BankID app.',
    },
  };
  await page.locator('.status-line').getByText('Skriv in din säkerhetskod').waitFor();
  t.match(await heard(), /Skriv in din säkerhetskod/, 'a new hint is');
  await tabTo(page, identify.app.useThisDevice);
  await page.keyboard.press('Enter');
  const launch = page.getByRole('link', { name: identify.app.open('BankID') });
  t.match(await launch.getAttribute('href'), /^bankid:\/\/\//);
  t.equal(
    service.callsOf('POST', '/api/eid/orders/order-1/cancel').length,
    1,
    'the order before is cancelled',
  );

  service.state.order = { ...service.state.order, state: 'complete' };
  await page.getByRole('heading', { name: visit.before.heading }).waitFor();
  t.match(page.url(), new RegExp(`/${meetingPath}$`));
  t.equal(service.callsOf('POST', `/api/invitations/${canned.TOKEN}/claim`).length, 1);
  t.match(await heard(), new RegExp(identify.complete));
  t.equal(await focusedText(page), visit.before.heading, 'the new page begins at its heading');

  // Not confirmed: told in the summary, at the field, and led to it.
  await tabTo(page, visit.before.toWaitingRoom);
  await page.keyboard.press('Enter');
  await page.getByText(sv.common.problemsCount(1)).waitFor();
  t.match(await focusedText(page), visit.before.undisturbedMissing, 'the summary has the focus');
  await tabTo(page, visit.before.undisturbedMissing);
  await page.keyboard.press('Enter');
  t.equal(await page.evaluate(() => document.activeElement?.id), 'undisturbed');
  t.equal(await page.locator('#undisturbed').getAttribute('aria-describedby'), 'undisturbed-error');
  await page.keyboard.press('Space');
  await tabTo(page, visit.before.toWaitingRoom);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: visit.waiting.heading }).waitFor();
  t.same(service.callsOf('POST', `/api/${meetingPath.replace('meeting', 'meetings')}/me/wait`)[0].body, {
    undisturbed: true,
  });
});

t.test('cancelling the identification, and a failure, lead back to the choice', async (t) => {
  const page = await open(t, invitationPath);
  const { identify, failures } = sv;
  await page.getByRole('button', { name: /^Freja/ }).click();
  await page.getByText(identify.app.qrHeading).waitFor();
  await page.getByRole('button', { name: identify.cancel, exact: true }).click();
  await page.getByRole('heading', { name: identify.choose.heading }).waitFor();
  t.equal(service.callsOf('POST', '/api/eid/orders/order-1/cancel').length, 1);

  await page.getByRole('button', { name: /^BankID/ }).click();
  await page.getByText(identify.app.qrHeading).waitFor();
  service.state.order = { ...service.state.order!, state: 'failed', failure: 'expired' };
  await page.getByRole('alert').getByText(failures.eid.expired).waitFor();
  await page.getByRole('button', { name: identify.again }).click();
  await page.getByText(identify.app.qrHeading).waitFor();

  // A moment without network does not end what goes on in the app.
  service.online = false;
  const asked = service.calls.length;
  await page.waitForRequest(/orders/);
  await page.waitForRequest(/orders/);
  t.ok(service.calls.length > asked);
  service.online = true;
  service.state.order = { ...service.state.order, state: 'complete' };
  await page.getByRole('heading', { name: sv.visit.before.heading }).waitFor();
});

t.test('by keyboard: signing in with a one-time code, past a mistake at the field', async (t) => {
  service.state.identified = canned.staffSession();
  const page = await open(t, '');
  const { identify } = sv;
  await page.getByRole('heading', { name: identify.start.heading }).waitFor();
  await tabTo(page, sv.common.signIn);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: identify.choose.heading }).waitFor();
  t.equal(await focusedText(page), identify.signIn.heading, 'the new page begins at its heading');
  const heard = await listen(page);
  await tabTo(page, 'Engångskod');
  await page.keyboard.press('Enter');
  await page.getByLabel(identify.code.emailLabel).waitFor();
  t.equal(await focusedText(page), 'Engångskod via e-post', 'what was pressed is gone: its follower is read');
  await tabTo(page, identify.code.emailLabel);
  await page.keyboard.press('Enter');
  await page.getByText(sv.common.problemsCount(1)).waitFor();
  t.match(await focusedText(page), identify.code.emailMissing);
  await tabTo(page, identify.code.emailLabel);
  await page.keyboard.type('anna@demokommunen.example');
  await page.keyboard.press('Enter');
  await page.getByText(identify.code.sentTo('a•••@demokommunen.example')).waitFor();
  await tabTo(page, identify.code.codeLabel);
  await page.keyboard.type('123456');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: sv.portal.heading }).waitFor();
  t.match(await heard(), new RegExp(identify.complete));
  t.equal(await focusedText(page), sv.portal.heading);
});

t.test('a page that was taken away goes on with its order; a redirect that failed is told', async (t) => {
  const page = await open(t, invitationPath, PHONE);
  await page.getByRole('button', { name: /^BankID/ }).click();
  await page.getByText(sv.identify.app.qrHeading).waitFor();
  await page.reload();
  await page.getByText(sv.identify.app.qrHeading).waitFor();
  t.equal(service.callsOf('POST', '/api/eid/orders').length, 1, 'no second order');
  await page.goto(`${service.url}${invitationPath}?eid=failed&reason=provider-unavailable`);
  await page.getByText(sv.failures.eid['provider-unavailable']).waitFor();
  t.notMatch(page.url(), /eid=/, 'the address is clean again');
});

t.test('one-time code: sent, mistyped, right', async (t) => {
  service.state.identified = canned.staffSession();
  const page = await open(t, 'portal');
  const { code } = sv.identify;
  await page.getByRole('button', { name: /^Engångskod/ }).click();
  await page.getByLabel(code.emailLabel).fill('anna');
  await page.keyboard.press('Enter');
  await page.getByText(sv.common.problemsCount(1)).waitFor();
  await page.getByLabel(code.emailLabel).fill('anna@demokommunen.example');
  await page.keyboard.press('Enter');
  await page.getByText(code.sentTo('a•••@demokommunen.example')).waitFor();
  await page.getByRole('textbox', { name: code.codeLabel }).fill('111111');
  await page.keyboard.press('Enter');
  await page.getByText(code.attemptsLeft(2)).first().waitFor();
  await page.getByRole('textbox', { name: code.codeLabel }).fill('123 456');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: sv.portal.heading }).waitFor();
});

t.test('the test e-ID claims what was chosen', async (t) => {
  const page = await open(t, invitationPath);
  await page.getByRole('button', { name: /^Test-legitimation/ }).click();
  await page.getByRole('button', { name: sv.identify.form.submit }).click();
  await page.getByRole('heading', { name: sv.visit.before.heading }).waitFor();
  t.match(service.callsOf('POST', '/api/eid/orders')[0].body, {
    provider: 'test',
    claim: { name: 'Anna Andersson', personalNumber: '198001012387', assurance: 'substantial' },
  });
});

t.test('by keyboard: a booking from the first step to the last', async (t) => {
  service.state.session = canned.staffSession();
  const page = await open(t, 'portal');
  const { booking, common } = sv;
  await page.getByRole('heading', { name: sv.portal.heading }).waitFor();
  await tabTo(page, booking.title);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: booking.heading }).waitFor();
  const heard = await listen(page);

  await tabTo(page, booking.subject.title);
  await page.keyboard.type('Uppföljning av insats');
  await tabTo(page, booking.information.confidentiality);
  await page.keyboard.press('4');
  await page.getByText(booking.information.exceedsHeading).waitFor();
  t.match(await heard(), new RegExp(booking.information.exceedsHeading), 'announced when it comes');
  await tabTo(page, booking.next);
  await page.keyboard.press('Enter');

  await page.getByRole('heading', { name: booking.suitability.heading }).waitFor();
  t.match(await focusedText(page), booking.suitability.heading, 'each step begins at its heading');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.getByText(booking.suitability.refused).waitFor();
  t.equal(await page.getByRole('button', { name: booking.next }).count(), 0, 'no way on');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await tabTo(page, booking.suitability.deviationReason);
  await page.keyboard.type('Personen kan inte resa');
  await tabTo(page, booking.suitability.decidedBy);
  await page.keyboard.type('Eva Ek, enhetschef');
  await tabTo(page, booking.suitability.justification);
  await page.keyboard.type('Van vid videomöten');
  await tabTo(page, booking.next);
  await page.keyboard.press('Enter');

  await page.getByRole('heading', { name: booking.time.heading }).waitFor();
  await page.getByLabel(booking.time.date).fill('2031-03-04');
  await page.getByLabel(booking.time.time).fill('14:00');
  await tabTo(page, booking.time.repeat);
  await page.keyboard.press('ArrowDown');
  await page.getByText('tis 4 mars').waitFor();
  await tabTo(page, booking.next);
  await page.keyboard.press('Enter');

  await page.getByRole('heading', { name: booking.people.heading }).waitFor();
  await tabTo(page, booking.next);
  await page.keyboard.press('Enter');
  await page.getByText(booking.people.noneError).waitFor();
  await page.getByLabel(booking.people.name).focus();
  await page.keyboard.type('Karin Karlsson');
  await tabTo(page, booking.people.email);
  await page.keyboard.type('karin@example.com');
  await tabTo(page, booking.people.personalNumber);
  await page.keyboard.type('19900101-2385');
  await page.keyboard.press('Enter');
  await page.getByText('E-post: karin@example.com').waitFor();
  t.match(await heard(), new RegExp(booking.people.added('Karin Karlsson')));
  await tabTo(page, booking.next);
  await page.keyboard.press('Enter');

  await page.getByRole('heading', { name: booking.review.heading }).waitFor();
  await tabTo(page, booking.submit);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Uppföljning av insats' }).waitFor();
  t.match(await heard(), new RegExp(booking.doneHeading));
  t.match(service.callsOf('POST', '/api/portal/meetings')[0].body, {
    title: 'Uppföljning av insats',
    kind: 'individual',
    meetingTypeId: 'type-1',
    roomId: 'room-1',
    startsAt: '2031-03-04T13:00:00.000Z',
    durationMinutes: 60,
    minimumAssurance: 'substantial',
    endToEndEncryption: 'required',
    informationClass: { confidentiality: 4, integrity: 2, availability: 2 },
    assessment: {
      concernsProtectionOfChild: false,
      suitsThePerson: true,
      deviation: { reason: 'Personen kan inte resa', decidedBy: 'Eva Ek, enhetschef' },
      justification: 'Van vid videomöten',
    },
    invitees: [
      {
        name: 'Karin Karlsson',
        role: 'participant',
        via: 'email',
        email: 'karin@example.com',
        personalNumber: '199001012385',
        language: 'sv',
      },
    ],
    series: { everyWeeks: 1, count: 4 },
  });
  t.equal(common.yes, 'Ja');
});

t.test('what the server finds wrong is told at its field', async (t) => {
  service.state.session = canned.staffSession();
  service.refusals.set('PUT /api/admin/organisation', {
    status: 400,
    code: 'taken',
    field: 'name',
    message: { sv: 'Namnet är upptaget.', en: 'The name is taken.' },
  });
  const page = await open(t, 'admin');
  await page.getByLabel(sv.admin.organisation.name).fill('Annan kommun');
  await page.getByRole('button', { name: sv.common.save }).click();
  await page.locator('#name-error').getByText('Namnet är upptaget.').waitFor();
  await page.getByRole('button', { name: sv.common.otherLanguage }).click();
  await page.locator('#name-error').getByText('The name is taken.').waitFor();
  t.equal(
    await page.getByLabel(en.admin.organisation.name).inputValue(),
    'Annan kommun',
    'nothing typed is lost',
  );
});

t.test('the waiting room tells what changes, in the tab too, and lets in by itself', async (t) => {
  service.state.session = canned.citizenSession();
  service.state.me = canned.waiting();
  const page = await open(t, meetingPath);
  const { waiting } = sv.visit;
  await page.getByText(waiting.place(2)).waitFor();
  await page.getByText(waiting.hostLate).waitFor();
  t.match(await page.title(), /^Plats 2 – Väntrum/);
  const heard = await listen(page);
  service.send('me', { ...canned.waiting(), hostPresent: true });
  await page.getByText(waiting.hostPresent).waitFor();
  t.match(await heard(), new RegExp(waiting.hostArrived));

  // The person looks at another tab.
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  });
  service.send('me', { ...canned.waiting(), hostPresent: true, notice: 'Strax klar' });
  await page.locator('.message-box').getByText('Strax klar').waitFor();
  t.match(await heard(), new RegExp(waiting.newNotice('Strax klar')));
  await page.waitForFunction(() => document.title.startsWith('(!)'));
  t.match(await page.locator('link[rel=icon]').getAttribute('href'), /^data:image\/svg/);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: false, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.waitForFunction(() => document.title.startsWith('Plats 2'));

  // A restart of the server is survived.
  service.dropStreams();
  await until('the page to listen again', () => Promise.resolve(service.listeners > 0));
  service.send('me', { ...canned.waiting(), hostPresent: true, queuePlace: 1 });
  await page.getByText(waiting.place(1)).waitFor();

  service.send('me', { ...canned.participant(), state: 'admitted', meetingStatus: 'open' });
  await page.getByRole('button', { name: sv.meeting.controls.leave }).waitFor();
  t.match(await heard(), new RegExp(waiting.admitted));
  t.equal(await page.getByText(canned.support.phone).count(), 1, 'help is in reach in the meeting too');
  const options = await page.evaluate(() => {
    const { room, displayName } = window.sluss.client.options;
    return { room, displayName };
  });
  t.same(options, { room: canned.MEETING_ID, displayName: 'Karin Karlsson' });

  await page.getByRole('button', { name: sv.meeting.controls.leave }).click();
  await page.getByRole('heading', { name: sv.visit.left.heading }).waitFor();
  t.equal(service.state.me.state, 'left', 'the server is told');
  t.equal(await focusedText(page), sv.visit.left.heading);
});

t.test('denied, removed, ended, replaced: told as what it is', async (t) => {
  service.state.session = canned.citizenSession();
  service.state.me = canned.waiting();
  const page = await open(t, meetingPath);
  const { denied, left, waiting } = sv.visit;
  await page.getByText(waiting.place(2)).waitFor();
  const heard = await listen(page);
  service.send('me', { ...canned.participant(), state: 'denied', reason: 'Fel person' });
  await page.getByText(denied.reason('Fel person')).waitFor();
  t.match(await heard(), new RegExp(denied.heading));

  const admitted = { ...canned.participant(), state: 'admitted' as const };
  service.state.me = canned.waiting();
  await page.reload();
  await page.getByText(waiting.place(2)).waitFor();
  service.send('me', admitted);
  await page.getByRole('button', { name: sv.meeting.controls.leave }).waitFor();
  await page.evaluate(() => window.sluss.client.setState('closed', 'replaced'));
  await page.getByRole('heading', { name: left.replacedHeading }).waitFor();
  await page.getByRole('button', { name: left.againHost }).click();
  await page.getByRole('button', { name: sv.meeting.controls.leave }).waitFor();
  service.state.me = { ...canned.participant(), state: 'denied', reason: 'Stör mötet' };
  await page.evaluate(() => window.sluss.client.setState('closed', 'removed'));
  await page.getByRole('heading', { name: denied.removedHeading }).waitFor();

  service.state.me = admitted;
  await page.reload();
  await page.getByRole('button', { name: sv.visit.before.joinAgain }).waitFor();
  t.equal(
    await page.getByRole('button', { name: sv.meeting.controls.leave }).count(),
    0,
    'nobody is put into a meeting by a reload',
  );
  service.send('ended', { reason: 'host' });
  await page.getByRole('heading', { name: left.endedHeading }).waitFor();
});

t.test('by keyboard: a host who is early sees the queue, writes to it, starts, and lets in', async (t) => {
  service.state.session = canned.staffSession();
  service.state.me = canned.earlyHost();
  service.state.lobby = canned.earlyLobby();
  const page = await open(t, meetingPath);
  const { lobby, visit } = sv;
  const api = `/api/meetings/${canned.MEETING_ID}`;
  await page.getByRole('heading', { name: lobby.waitingHeading(2) }).waitFor();
  const queue = page.getByRole('list').filter({ hasText: 'Karin Karlsson' }).getByRole('listitem');
  t.match(await queue.nth(0).textContent(), /1Karin Karlsson.*BankID, nivå väsentlig/);
  t.match(await queue.nth(1).textContent(), /2Amir Haddad.*Freja\+, nivå väsentlig/);
  for (const name of [lobby.admitName('Karin Karlsson'), lobby.denyName('Karin Karlsson'), lobby.end]) {
    t.equal(await page.getByRole('button', { name }).count(), 0, `not before the start: ${name}`);
  }

  // That they are late is told before anything is filled in.
  const heard = await listen(page);
  await tabTo(page, lobby.noticeHeading);
  await page.keyboard.press('Enter');
  await tabTo(page, lobby.noticeLabel);
  await page.keyboard.type('Strax klar');
  await tabTo(page, lobby.noticeSend);
  await page.keyboard.press('Enter');
  await page.getByText(lobby.noticeSent).waitFor();
  t.match(await heard(), new RegExp(lobby.noticeSent));
  t.same(service.callsOf('POST', `${api}/lobby/notice`)[0].body, { text: 'Strax klar' });
  t.equal(service.callsOf('POST', `${api}/me/wait`).length, 0, 'nobody has come by that');
  t.equal(await page.getByLabel(lobby.noticeLabel).inputValue(), '', 'what was sent is not sent twice');

  // The queue changes: who comes and who goes is said, with how many wait then.
  const { people } = canned.earlyLobby();
  service.send('lobby', {
    ...canned.earlyLobby(),
    people: people.map((one) =>
      one.participantId === 'p-karin' ? { ...one, state: 'left', waitingSince: null } : one,
    ),
  });
  await page.getByRole('heading', { name: lobby.waitingHeading(1) }).waitFor();
  t.match(await heard(), new RegExp(`${lobby.waitsNoMore('Karin Karlsson')} ${lobby.waitingHeading(1)}`));

  // Who starts the meeting sits undisturbed.
  const start = page.getByRole('button', { name: visit.before.startMeeting }).first();
  await start.focus();
  await page.keyboard.press('Enter');
  await page.getByText(sv.common.problemsCount(1)).waitFor();
  t.match(await focusedText(page), visit.before.undisturbedMissing);
  t.equal(service.callsOf('POST', `${api}/me/wait`).length, 0);
  await tabTo(page, visit.before.undisturbedLabel);
  await page.keyboard.press('Space');
  await start.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: waitingRoomButton }).waitFor();
  t.same(
    service.callsOf('POST', `${api}/me/wait`).map(({ body }) => body),
    [{ undisturbed: true }],
  );
  service.send('lobby', canned.lobby());
  await tabTo(page, waitingRoomButton);
  await page.keyboard.press('Enter');
  await tabTo(page, lobby.admitName('Karin Karlsson'));
  await page.keyboard.press('Enter');
  await until('the person to be let in', () =>
    Promise.resolve(service.callsOf('POST', `${api}/lobby/admit`).length === 1),
  );
  t.same(service.callsOf('POST', `${api}/lobby/admit`)[0].body, { participantId: 'p-karin' });
});

t.test('the host sees who waits, is told of the next one, and acts', async (t) => {
  service.state.session = canned.staffSession();
  service.state.me = { ...canned.host(), state: 'admitted' };
  const page = await open(t, meetingPath);
  const { lobby } = sv;
  const actions = () =>
    service.calls
      .filter(({ path }) => path.includes('/lobby/'))
      .map(({ path, body }) => [path.split('/').at(-1), body]);
  await page.getByRole('heading', { name: lobby.waitingHeading(2) }).waitFor();
  await page.getByText(sv.lobby.verifiedBy('Freja+', 'Väsentlig')).waitFor();
  const heard = await listen(page);
  const view = canned.lobby();
  const next = canned.lobbyPerson({
    participantId: 'p-sven',
    displayName: 'Sven',
    verified: { ...canned.verified, name: 'Sven Svensson' },
  });
  service.send('lobby', { ...view, people: [...view.people, next] });
  await page.getByRole('heading', { name: lobby.waitingHeading(3) }).waitFor();
  t.match(await heard(), new RegExp(lobby.someoneWaits('Sven Svensson')));
  await page.getByText(lobby.shownAs('Sven'), { exact: true }).waitFor();

  await page.getByRole('button', { name: lobby.admitName('Karin Karlsson') }).click();
  await page.getByRole('button', { name: lobby.admitAll }).click();
  await page.getByRole('dialog').getByRole('button', { name: lobby.admitAll }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: lobby.denyName('Sven Svensson') }).click();
  await page.getByRole('dialog').getByLabel(lobby.denyReason).fill('Fel möte');
  await page.getByRole('dialog').getByRole('button', { name: lobby.deny, exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.equal(
    await page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
    lobby.denyName('Sven Svensson'),
    'the focus is back where it was',
  );
  await page.getByText(lobby.noticeHeading).click();
  await page.getByLabel(lobby.noticeLabel).fill('Strax klar');
  await page.getByRole('button', { name: lobby.noticeSend }).click();
  await page.getByText(lobby.noticeSent).waitFor();
  await page.getByRole('button', { name: lobby.muteName('Lars Larsson') }).click();
  await page.getByRole('button', { name: lobby.lock, exact: true }).click();
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"].button') === null);
  service.refusals.set(`POST /api/meetings/${canned.MEETING_ID}/lobby/admit`, {
    status: 409,
    code: 'meeting-full',
  });
  await page.getByRole('button', { name: lobby.admitName('Karin Karlsson') }).click();
  await page.getByRole('alert').getByText(sv.failures.byCode['meeting-full']).waitFor();
  await page.getByRole('button', { name: lobby.end }).click();
  await page.getByRole('dialog').getByRole('button', { name: lobby.end }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.same(actions(), [
    ['admit', { participantId: 'p-karin' }],
    ['admit', { all: true }],
    ['deny', { participantId: 'p-sven', reason: 'Fel möte' }],
    ['notice', { text: 'Strax klar' }],
    ['mute', { participantId: 'p-lars' }],
    ['lock', { locked: true }],
    ['admit', { participantId: 'p-karin' }],
    ['end', {}],
  ]);

  await page.getByLabel(sv.visit.before.undisturbedLabel).check();
  await page.getByRole('button', { name: sv.visit.before.joinAgain }).last().click();
  await page.getByRole('button', { name: waitingRoomButton }).click();
  await page.getByRole('heading', { name: lobby.waitingHeading(3) }).waitFor();
});

t.test('the session is warned of before it ends, kept by one press, and ended', async (t) => {
  // Two seconds before the end of four.
  service.state.session = { ...canned.staffSession(), idleTimeoutMinutes: 4 / 60 };
  const page = await open(t, 'portal');
  const { expiry } = sv.info;
  const dialog = page.getByRole('alertdialog', { name: expiry.heading });
  await dialog.waitFor();
  service.state.session = canned.staffSession();
  await page.keyboard.press('Tab');
  t.equal(await focusedText(page), expiry.stay);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  service.state.session = { ...canned.staffSession(), idleTimeoutMinutes: 2 / 60 };
  await page.reload();
  await page.getByText(expiry.expired).waitFor();
  t.equal(service.callsOf('POST', '/api/session/end').length, 1);
  await page.getByRole('button', { name: /^BankID/ }).waitFor();
});

t.test('signed out by the server in the middle of the work: asked to sign in at the same page', async (t) => {
  service.state.session = canned.staffSession();
  const page = await open(t, 'admin/api-keys');
  await page.getByLabel(sv.admin.apiKeys.name).fill('System');
  service.refusals.set('POST /api/admin/api-keys', { status: 401, code: 'not-signed-in' });
  await page.getByRole('button', { name: sv.admin.apiKeys.add }).click();
  await page.getByRole('heading', { name: sv.identify.signIn.heading }).waitFor();
  t.match(page.url(), /admin\/api-keys$/);
});

t.test(
  'a browser that cannot encrypt is told so, and does not get into a meeting that demands it',
  async (t) => {
    service.state.session = canned.citizenSession();
    service.state.me = { ...canned.participant(), endToEndEncryption: 'required' };
    const { page } = await openServicePage(t, browser, 'sv');
    await page.addInitScript(() => {
      Reflect.deleteProperty(window, 'RTCRtpScriptTransform');
      Reflect.deleteProperty(RTCRtpSender.prototype, 'createEncodedStreams');
    });
    await page.goto(service.url + meetingPath);
    await page.getByRole('heading', { name: sv.visit.before.noEncryptionHeading }).waitFor();
    await page.getByText(sv.devices.checks.encryptionWarning).waitFor();
    t.equal(await page.getByRole('button', { name: sv.visit.before.toWaitingRoom }).count(), 0);
  },
);

t.test('payment before the waiting room', async (t) => {
  service.state.session = canned.citizenSession();
  service.state.payment = { amount: 100, currency: 'SEK', paid: false };
  const page = await open(t, meetingPath);
  await page.getByRole('heading', { name: sv.visit.before.payHeading }).waitFor();
  t.equal(await page.getByRole('button', { name: sv.visit.before.toWaitingRoom }).count(), 0);
  await page.getByRole('button', { name: /^Betala 100/ }).click();
  await page.waitForURL(/paid/);
  service.state.payment = { amount: 100, currency: 'SEK', paid: true };
  await page.goBack();
  await page.getByText(sv.visit.before.paid).waitFor();
  await page.getByRole('button', { name: sv.visit.before.toWaitingRoom }).waitFor();
});

t.test('an invitation is taken back after a question, for one meeting or the series', async (t) => {
  service.state.session = canned.staffSession();
  service.state.meeting = canned.meeting({ seriesId: 'series' });
  const path = `/api/portal/meetings/${canned.MEETING_ID}/invitations/i-1`;
  const page = await open(t, `portal/meetings/${canned.MEETING_ID}`);
  const { meeting } = sv.portal;
  await page.getByRole('button', { name: meeting.copySeriesLinkOf('Karin Karlsson') }).click();
  t.match(await page.evaluate(() => navigator.clipboard.readText()), new RegExp(`${canned.TOKEN}s$`));
  await tabTo(page, meeting.revokeOf('Karin Karlsson'));
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: meeting.revokeQuestion('Karin Karlsson') }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.equal(service.callsOf('DELETE', path).length, 0, 'Escape keeps the invitation');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByLabel(meeting.wholeSeries).check();
  await page.getByRole('dialog').getByRole('button', { name: meeting.revoke, exact: true }).click();
  await page.getByText(meeting.revoked('Karin Karlsson')).waitFor();
  t.same(service.callsOf('DELETE', path)[0].body, { wholeSeries: true });
  t.equal(await page.getByText('Karin Karlsson', { exact: true }).count(), 0);
  t.equal(await focusedText(page), meeting.invitationsHeading, 'the focus is where the others are');
});

t.test('only the ways of inviting that are on are offered; the link always', async (t) => {
  service.state.session = canned.staffSession();
  service.state.overview = { ...canned.overview(), emailEnabled: false };
  const page = await open(t, `portal/meetings/${canned.MEETING_ID}`);
  const { meeting } = sv.portal;
  const { people } = sv.booking;
  await page.getByText(meeting.inviteHeading, { exact: true }).click();
  await page.getByLabel(people.viaWords.sms).waitFor();
  t.equal(await page.getByLabel(people.viaWords.email, { exact: true }).count(), 0);
  service.state.overview = { ...canned.overview(), emailEnabled: false, smsEnabled: false };
  await page.reload();
  await page.getByText(meeting.inviteHeading, { exact: true }).click();
  await page.getByText(people.linkOnly).waitFor();
  await page.getByLabel(people.name).fill('Eva Ek');
  await page.getByRole('button', { name: meeting.invite, exact: true }).click();
  await page.getByText(meeting.invitedByLink('Eva Ek')).waitFor();
  t.match(service.callsOf('PATCH', `/api/portal/meetings/${canned.MEETING_ID}`)[0].body, {
    invitees: [{ name: 'Eva Ek', via: 'link' }],
  });
});

t.test('a meeting of the portal: link, resend, change, more people, cancel', async (t) => {
  service.state.session = canned.staffSession();
  const path = `/api/portal/meetings/${canned.MEETING_ID}`;
  const page = await open(t, `portal/meetings/${canned.MEETING_ID}`);
  const { meeting } = sv.portal;
  await page.getByRole('button', { name: meeting.copyLinkOf('Karin Karlsson') }).click();
  await page.getByText(meeting.linkCopied('Karin Karlsson')).waitFor();
  t.equal(await page.evaluate(() => navigator.clipboard.readText()), canned.meeting().invitations[0].link);
  await page.getByRole('button', { name: meeting.resendTo('Karin Karlsson') }).click();
  await page.getByText(meeting.resent('Karin Karlsson')).waitFor();
  t.equal(service.callsOf('POST', `${path}/invitations/i-1/resend`).length, 1);
  await page.getByText(meeting.changeHeading).click();
  await page.getByLabel(sv.booking.subject.title).fill('Nytt namn');
  await page.getByLabel(sv.booking.time.date).fill('2031-07-01');
  await page.getByRole('button', { name: meeting.change, exact: true }).click();
  await page.getByRole('heading', { name: 'Nytt namn' }).waitFor();
  t.match(service.callsOf('PATCH', path)[0].body, {
    title: 'Nytt namn',
    startsAt: '2031-07-01T12:00:00.000Z',
  });
  await page.getByText(meeting.inviteHeading).click();
  await page.getByLabel(sv.booking.people.name).fill('Eva Ek');
  await page.getByLabel(sv.booking.people.viaWords.link).check();
  await page.getByRole('button', { name: meeting.invite, exact: true }).click();
  await page.getByText(meeting.invitedMore('Eva Ek')).waitFor();
  t.match(service.callsOf('PATCH', path)[1].body, { invitees: [{ name: 'Eva Ek', via: 'link' }] });
  await page.getByRole('button', { name: meeting.cancel, exact: true }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.equal(service.callsOf('DELETE', path).length, 0, 'Escape keeps the meeting');
  await page.getByRole('button', { name: meeting.cancel, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: meeting.cancel }).click();
  await page.getByText(sv.common.status.cancelled, { exact: true }).waitFor();
});

t.test('the language is switched in place, remembered, and followed by the document', async (t) => {
  const page = await open(t, '');
  await page.getByRole('button', { name: sv.common.otherLanguage }).click();
  await page.getByRole('heading', { name: en.identify.start.heading }).waitFor();
  t.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  t.match(await page.title(), /^Start/);
  t.equal(await focusedText(page), en.common.otherLanguage, 'the focus stays');
  t.same(service.callsOf('POST', '/api/session/language')[0].body, { language: 'en' });
  await page.goto(`${service.url}?lang=sv`);
  await page.getByRole('heading', { name: sv.identify.start.heading }).waitFor();
});

t.test(
  'at the first visit the browser\u2019s language counts, and Swedish when it has none of ours',
  async (t) => {
    for (const [locale, language] of [
      ['en-GB', 'en'],
      ['sv-SE', 'sv'],
      ['de-DE', 'sv'],
    ] as const) {
      const context = await browser.newContext({ locale });
      t.teardown(() => context.close());
      const page = await context.newPage();
      service.state.session = { ...canned.session(), language };
      await page.goto(service.url);
      await page.getByRole('heading', { name: { sv, en }[language].identify.start.heading }).waitFor();
      t.equal(await page.evaluate(() => document.documentElement.lang), language, locale);
      const other = { sv: en, en: sv }[language];
      await page.getByRole('button', { name: { sv, en }[language].common.otherLanguage }).click();
      await page.reload();
      await page.getByRole('heading', { name: other.identify.start.heading }).waitFor();
    }
  },
);

t.test('who asks for less motion gets none', async (t) => {
  const page = await open(t, invitationPath, DESKTOP, 'reduce');
  await page.getByRole('button', { name: /^BankID/ }).click();
  await page.getByText(sv.identify.app.qrHeading).waitFor();
  t.same(
    await page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .map((element) => getComputedStyle(element))
        .filter(
          ({ animationName, transitionDuration }) => animationName !== 'none' || transitionDuration !== '0s',
        )
        .map(({ animationName, transitionDuration }) => `${animationName} ${transitionDuration}`),
    ),
    [],
  );
});

t.test('twice the text size: nothing to scroll sideways, nothing lost', async (t) => {
  service.state.session = canned.staffSession();
  const page = await open(t, 'portal', { width: 640, height: 800 });
  await page.getByRole('heading', { name: sv.portal.heading }).waitFor();
  for (const path of ['portal', 'portal/book', 'admin/organisers', meetingPath]) {
    if (path === meetingPath) service.state.me = canned.host();
    await page.goto(service.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
    t.equal(
      await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
      true,
      path,
    );
  }
});

t.test('no page reported an error', async (t) => {
  t.same(problems, []);
});
