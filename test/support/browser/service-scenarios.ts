/** Every page of the service and every state of it that looks different: how to get there, and when it is there. */
import type { Page } from 'playwright-core';
import type { Texts } from '../../../examples/meeting/web/service/texts/texts.js';
import * as canned from '../../service/web/canned.js';
import type { FakeService } from '../../service/web/fake-service.js';

export interface Scenario {
  /** Of the pictures. */
  name: string;
  path: string;
  prepare?: (service: FakeService) => void;
  /** From the opened page to the state that is looked at. */
  act?: (page: Page, texts: Texts, service: FakeService) => Promise<void>;
  /** Shown when the page is complete: a heading, or other words. */
  ready: (texts: Texts) => string;
  /** Only the window, not the whole page: for what lies over it. */
  window?: boolean;
}

const invitationPath = `/i/${canned.TOKEN}`;
const meetingPath = `/meeting/${canned.MEETING_ID}`;

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const asStaff = (service: FakeService) => void (service.state.session = canned.staffSession());
const asCitizen = (service: FakeService) => void (service.state.session = canned.citizenSession());
const as = (me: Partial<ReturnType<typeof canned.participant>>) => (service: FakeService) => {
  asCitizen(service);
  service.state.me = { ...canned.participant(), ...me };
};
const asHost = (service: FakeService) => {
  asStaff(service);
  service.state.me = canned.host();
};
const asEarlyHost = (service: FakeService) => {
  asStaff(service);
  service.state.me = canned.earlyHost();
  service.state.lobby = canned.earlyLobby();
};
const choose = async (page: Page, label: string) => {
  await page.getByRole('button', { name: new RegExp(`^${label}`) }).click();
};
/** The tests of the network take a moment each. */
const checked = (page: Page, { devices }: Texts) => page.getByText(devices.checks.allGood).waitFor();

const toStep = (step: number) => async (page: Page, texts: Texts) => {
  const { booking } = texts;
  if (step >= 1) {
    await page.getByLabel(booking.subject.title).fill('Uppföljning av insats');
    await press(page, booking.next);
    await page.getByRole('heading', { name: booking.suitability.heading }).waitFor();
  }
  if (step >= 2) {
    await page.getByRole('group', { name: booking.suitability.child }).getByLabel(texts.common.no).check();
    await page.getByRole('group', { name: booking.suitability.suits }).getByLabel(texts.common.yes).check();
    await page
      .getByLabel(booking.suitability.justification)
      .fill('Personen bor långt bort och kan sitta ostört.');
    await press(page, booking.next);
    await page.getByRole('heading', { name: booking.time.heading }).waitFor();
  }
  if (step >= 3) {
    await page.getByLabel(booking.time.repeat).selectOption('2');
    await press(page, booking.next);
    await page.getByRole('heading', { name: booking.people.heading }).waitFor();
    await page.getByLabel(booking.people.name).fill('Karin Karlsson');
    await page.getByLabel(booking.people.email).fill('karin@example.com');
    await page.getByLabel(booking.people.personalNumber).fill('19900101-2385');
    await press(page, booking.people.add);
    await page.getByText('Karin Karlsson', { exact: true }).waitFor();
  }
  if (step >= 4) {
    await press(page, booking.next);
    await page.getByRole('heading', { name: booking.review.heading }).waitFor();
  }
};

/** What visitors meet, and whoever comes by. */
export const visitorScenarios: readonly Scenario[] = [
  { name: 'start', path: '/', ready: ({ identify }) => identify.start.heading },
  {
    name: 'start-wrong-link',
    path: '/',
    act: async (page, { identify }) => {
      await page.getByLabel(identify.start.linkLabel).fill('https://example.com/');
      await press(page, identify.start.openLink);
    },
    ready: ({ common }) => common.problemsCount(1),
  },
  { name: 'sign-in', path: '/portal', ready: ({ identify }) => identify.choose.heading },
  {
    name: 'sign-in-code',
    path: '/portal',
    act: async (page, { identify }) => {
      await page.getByRole('button', { name: identify.choose.codeNote }).click();
      await page.getByLabel(identify.code.emailLabel).fill('anna@demokommunen.example');
      await press(page, identify.code.send);
    },
    ready: ({ identify }) => identify.code.codeLabel,
  },
  {
    name: 'sign-in-no-role',
    path: '/portal',
    prepare: asCitizen,
    ready: ({ identify }) => identify.signIn.noRoleHeading,
  },
  {
    name: 'identify-qr',
    path: invitationPath,
    act: async (page, { identify }) => {
      await choose(page, 'BankID');
      const useQr = page.getByRole('button', { name: identify.app.useQr });
      if (await useQr.isVisible()) await useQr.click();
      await page.waitForFunction(() =>
        document.querySelector<HTMLImageElement>('.qr img')?.src.includes('path'),
      );
    },
    ready: ({ identify }) => identify.app.qrHeading,
  },
  {
    name: 'identify-same-device',
    path: invitationPath,
    act: async (page, { identify }) => {
      await choose(page, 'BankID');
      await press(page, identify.app.useThisDevice);
    },
    ready: ({ identify }) => identify.app.open('BankID'),
  },
  {
    name: 'identify-failed',
    path: invitationPath,
    act: async (page, { identify }, service) => {
      await choose(page, 'Freja');
      await page.getByText(identify.app.qrHeading).waitFor();
      service.state.order = { ...service.state.order!, state: 'failed', failure: 'cancelled-by-user' };
    },
    ready: ({ identify }) => identify.failedHeading,
  },
  {
    name: 'identify-test',
    path: invitationPath,
    prepare: (service) => {
      service.state.session = { ...canned.session(), isTestService: true };
    },
    act: async (page, { identify }) => {
      await page.getByRole('button', { name: identify.choose.testNote }).click();
      await page.getByLabel(identify.form.preset).selectOption('other');
      await press(page, identify.form.submit);
    },
    ready: ({ common }) => common.problemsCount(2),
  },
  {
    name: 'invitation',
    path: invitationPath,
    prepare: ({ state }) => {
      state.invitation = { ...state.invitation, payment: { amount: 100, currency: 'SEK', paid: false } };
    },
    ready: ({ identify }) => identify.choose.heading,
  },
  {
    name: 'invitation-identified',
    path: invitationPath,
    prepare: asCitizen,
    ready: ({ visit }) => visit.invitation.goOn,
  },
  {
    name: 'invitation-refused',
    path: invitationPath,
    prepare: (service) => {
      asCitizen(service);
      service.refusals.set(`POST /api/invitations/${canned.TOKEN}/claim`, {
        status: 403,
        code: 'identity-mismatch',
      });
    },
    act: (page, { visit }) => press(page, visit.invitation.goOn),
    ready: ({ visit }) => visit.invitation.refusedHeading,
  },
  {
    name: 'invitation-cancelled',
    path: invitationPath,
    prepare: ({ state }) => void (state.invitation = { ...state.invitation, status: 'cancelled' }),
    ready: ({ visit }) => visit.invitation.cancelledHeading,
  },
  {
    name: 'invitation-gone',
    path: invitationPath,
    prepare: ({ refusals }) =>
      void refusals.set(`GET /api/invitations/${canned.TOKEN}`, { status: 410, code: 'gone' }),
    ready: ({ visit }) => visit.invitation.goneHeading,
  },
  {
    name: 'before',
    path: meetingPath,
    prepare: as({}),
    act: checked,
    ready: ({ visit }) => visit.before.heading,
  },
  {
    name: 'before-missing',
    path: meetingPath,
    prepare: as({}),
    act: async (page, texts) => {
      await checked(page, texts);
      await press(page, texts.visit.before.toWaitingRoom);
    },
    ready: ({ common }) => common.problemsCount(1),
  },
  {
    name: 'before-payment',
    path: meetingPath,
    prepare: (service) => {
      as({})(service);
      service.state.payment = { amount: 100, currency: 'SEK', paid: false };
    },
    act: checked,
    ready: ({ visit }) => visit.before.payHeading,
  },
  {
    name: 'before-host',
    path: meetingPath,
    prepare: asEarlyHost,
    act: checked,
    ready: ({ lobby }) => lobby.startFirst,
  },
  {
    name: 'before-host-message',
    path: meetingPath,
    prepare: (service) => {
      asEarlyHost(service);
      service.state.me = { ...canned.earlyHost(), state: 'admitted', meetingStatus: 'open' };
      service.state.lobby = {
        ...canned.earlyLobby(),
        notice: 'Jag är strax klar, ni kommer in om fem minuter.',
        people: canned
          .earlyLobby()
          .people.map((person) => (person.role === 'host' ? { ...person, state: 'admitted' } : person)),
      };
    },
    act: async (page, texts) => {
      await checked(page, texts);
      await page.getByText(texts.lobby.noticeHeading).click();
      await press(page, texts.lobby.noticeSend);
    },
    ready: ({ lobby }) => lobby.noticeMissing,
  },
  {
    name: 'lobby-test-proof',
    path: meetingPath,
    prepare: (service) => {
      asEarlyHost(service);
      service.state.session = { ...canned.staffSession(), isTestService: true, person: canned.testPerson };
      service.state.lobby = {
        ...canned.earlyLobby(),
        people: [canned.lobbyPerson({ verified: { ...canned.testPerson, name: 'Karin Karlsson' } })],
      };
    },
    act: checked,
    ready: ({ common }) => common.testProof,
  },
  {
    name: 'lobby-deny',
    path: meetingPath,
    prepare: (service) => {
      asHost(service);
      service.state.me = { ...canned.host(), state: 'admitted' };
    },
    act: async (page, texts) => {
      await press(page, texts.lobby.denyName('Amir Haddad'));
      await page.getByRole('dialog').getByRole('button', { name: texts.lobby.deny, exact: true }).click();
    },
    ready: ({ lobby }) => lobby.denyReasonMissing,
    window: true,
  },
  {
    name: 'waiting',
    path: meetingPath,
    prepare: as({ state: 'waiting', queuePlace: 2 }),
    ready: ({ visit }) => visit.waiting.heading,
  },
  {
    name: 'waiting-notice',
    path: meetingPath,
    prepare: as({
      state: 'waiting',
      queuePlace: 1,
      hostPresent: true,
      notice: 'Jag är strax klar, du kommer in om fem minuter.',
    }),
    ready: ({ visit }) => visit.waiting.noticeHeading,
  },
  {
    name: 'revoked',
    path: meetingPath,
    prepare: as({ state: 'denied', reason: 'revoked' }),
    ready: ({ visit }) => visit.denied.revokedHeading,
  },
  {
    name: 'denied',
    path: meetingPath,
    prepare: as({ state: 'denied', reason: 'Mötet gäller en annan person.' }),
    ready: ({ visit }) => visit.denied.heading,
  },
  {
    name: 'left',
    path: meetingPath,
    prepare: as({ state: 'left' }),
    ready: ({ visit }) => visit.left.heading,
  },
  {
    name: 'ended',
    path: meetingPath,
    prepare: as({ state: 'left', meetingStatus: 'ended' }),
    ready: ({ visit }) => visit.left.endedHeading,
  },
  {
    name: 'meeting-not-yours',
    path: meetingPath,
    prepare: (service) => {
      asCitizen(service);
      service.refusals.set(`GET /api/meetings/${canned.MEETING_ID}/me`, { status: 404, code: 'not-found' });
    },
    ready: ({ visit }) => visit.before.notYoursHeading,
  },
  { name: 'device-test', path: '/test', act: checked, ready: ({ info }) => info.deviceTest.heading },
  { name: 'support', path: '/support', ready: ({ info }) => info.support.heading },
  { name: 'accessibility', path: '/accessibility', ready: ({ info }) => info.accessibility.heading },
  { name: 'not-found', path: '/nothing/here', ready: ({ info }) => info.notFound.heading },
  {
    name: 'server-down',
    path: '/',
    prepare: (service) => void (service.online = false),
    ready: ({ failures }) => failures.byCode.offline,
  },
];

/** The portal, the administration, the operation: for those who work with it. */
export const staffScenarios: readonly Scenario[] = [
  { name: 'portal', path: '/portal', prepare: asStaff, ready: () => 'Samordnad individuell plan' },
  {
    name: 'portal-empty',
    path: '/portal',
    prepare: (service) => {
      asStaff(service);
      service.state.overview = { ...service.state.overview, upcoming: [], rooms: [] };
    },
    ready: ({ portal }) => portal.noneUpcoming,
  },
  { name: 'portal-earlier', path: '/portal/earlier', prepare: asStaff, ready: () => 'Första samtalet' },
  {
    name: 'portal-failed',
    path: '/portal',
    prepare: (service) => {
      asStaff(service);
      service.refusals.set('GET /api/portal/overview', { status: 500, code: 'internal' });
    },
    ready: ({ failures }) => failures.byCode.internal,
  },
  {
    name: 'book-1-subject',
    path: '/portal/book',
    prepare: asStaff,
    act: async (page, { booking, common }) => {
      await page.getByLabel(booking.information.confidentiality).selectOption('4');
      await press(page, booking.next);
      await page.getByText(common.problemsCount(1)).waitFor();
    },
    ready: ({ booking }) => booking.information.exceedsHeading,
  },
  {
    name: 'book-2-suitability',
    path: '/portal/book',
    prepare: asStaff,
    act: async (page, texts) => {
      await page.getByLabel(texts.booking.information.confidentiality).selectOption('4');
      await toStep(1)(page, texts);
    },
    ready: ({ booking }) => booking.suitability.deviationHeading,
  },
  {
    name: 'book-2-refused',
    path: '/portal/book',
    prepare: asStaff,
    act: async (page, texts) => {
      await toStep(1)(page, texts);
      await page
        .getByRole('group', { name: texts.booking.suitability.child })
        .getByLabel(texts.common.yes)
        .check();
    },
    ready: ({ booking }) => booking.suitability.refusedHeading,
  },
  {
    name: 'book-3-time',
    path: '/portal/book',
    prepare: asStaff,
    act: toStep(2),
    ready: ({ booking }) => booking.time.heading,
  },
  {
    name: 'book-4-people',
    path: '/portal/book',
    prepare: asStaff,
    act: toStep(3),
    ready: () => 'Karin Karlsson',
  },
  {
    name: 'book-5-review',
    path: '/portal/book',
    prepare: asStaff,
    act: toStep(4),
    ready: ({ booking }) => booking.review.heading,
  },
  {
    name: 'portal-meeting',
    path: `/portal/meetings/${canned.MEETING_ID}`,
    prepare: (service) => {
      asStaff(service);
      service.state.meeting = canned.meeting({ seriesId: 'series' });
    },
    ready: ({ portal }) => portal.meeting.invitationsHeading,
  },
  {
    name: 'portal-meeting-invite',
    path: `/portal/meetings/${canned.MEETING_ID}`,
    prepare: (service) => {
      asStaff(service);
      service.state.overview = { ...canned.overview(), emailEnabled: false, smsEnabled: false };
    },
    act: (page, { portal }) => page.getByText(portal.meeting.inviteHeading, { exact: true }).click(),
    ready: ({ booking }) => booking.people.linkOnly,
  },
  {
    name: 'portal-meeting-revoke',
    path: `/portal/meetings/${canned.MEETING_ID}`,
    prepare: (service) => {
      asStaff(service);
      service.state.meeting = canned.meeting({ seriesId: 'series' });
    },
    act: (page, { portal }) => press(page, portal.meeting.revokeOf('Karin Karlsson')),
    ready: ({ portal }) => portal.meeting.revokeLead,
    window: true,
  },
  {
    name: 'portal-meeting-cancel',
    path: `/portal/meetings/${canned.MEETING_ID}`,
    prepare: asStaff,
    act: (page, { portal }) => press(page, portal.meeting.cancel),
    ready: ({ portal }) => portal.meeting.cancelQuestion,
    window: true,
  },
  {
    name: 'admin-organisation',
    path: '/admin',
    prepare: asStaff,
    ready: ({ admin }) => admin.organisation.supportLead,
  },
  { name: 'admin-organisers', path: '/admin/organisers', prepare: asStaff, ready: () => 'Bertil Berg' },
  {
    name: 'admin-meeting-types',
    path: '/admin/meeting-types',
    prepare: asStaff,
    ready: () => 'Rådgivning',
  },
  {
    name: 'admin-api-keys',
    path: '/admin/api-keys',
    prepare: asStaff,
    act: async (page, { admin }) => {
      await page.getByLabel(admin.apiKeys.name).fill('Bokningssystemet');
      await press(page, admin.apiKeys.add);
    },
    ready: ({ admin }) => admin.apiKeys.newLead,
    window: true,
  },
  { name: 'admin-audit', path: '/admin/audit', prepare: asStaff, ready: ({ admin }) => admin.audit.intact },
  {
    name: 'admin-audit-broken',
    path: '/admin/audit',
    prepare: (service) => {
      asStaff(service);
      service.state.audit = { ...canned.audit(), intact: false, nextBefore: null, entries: [] };
    },
    ready: ({ admin }) => admin.audit.brokenHeading,
  },
  { name: 'admin-erase', path: '/admin/erase', prepare: asStaff, ready: ({ admin }) => admin.erase.lead },
  { name: 'operator', path: '/operator', prepare: asStaff, ready: () => 'Exempelregionen' },
  {
    name: 'session-expiry',
    path: '/portal',
    prepare: (service) => {
      service.state.session = { ...canned.staffSession(), idleTimeoutMinutes: 0.05 };
    },
    ready: ({ info }) => info.expiry.heading,
    window: true,
  },
];
