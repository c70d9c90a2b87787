/** The parts of the service's pages that need no browser. */
import fc from 'fast-check';
import t from 'tap';
import type { BookMeetingRequest } from '../../../examples/meeting/shared/api.js';
import { failureFrom } from '../../../examples/meeting/web/service/api/failure.js';
import { query } from '../../../examples/meeting/web/service/api/request.js';
import { Booking } from '../../../examples/meeting/web/service/model/booking.js';
import {
  personalNumber,
  phoneNumber,
  wholeNumber,
} from '../../../examples/meeting/web/service/model/checks.js';
import {
  clockOf,
  dayOf,
  endOfDay,
  momentOf,
  startOfDay,
  weeksLater,
} from '../../../examples/meeting/web/service/model/dates.js';
import { failureText } from '../../../examples/meeting/web/service/model/failure-text.js';
import { Field, Form } from '../../../examples/meeting/web/service/model/form.js';
import { preferredLanguage } from '../../../examples/meeting/web/service/model/language.js';
import { PackageForm } from '../../../examples/meeting/web/service/model/room-package.js';
import {
  invitationToken,
  meetingPath,
  parseRoute,
} from '../../../examples/meeting/web/service/model/route.js';
import { language } from '../../../examples/meeting/web/service/texts/texts.js';
import { en } from '../../../examples/meeting/web/service/texts/en/index.js';
import { sv } from '../../../examples/meeting/web/service/texts/sv/index.js';
import * as canned from './canned.js';

t.test('the first language: the browser\u2019s own order, else Swedish', async (t) => {
  t.equal(preferredLanguage(['en-GB', 'sv']), 'en');
  t.equal(preferredLanguage(['de', 'sv-SE', 'en']), 'sv');
  t.equal(preferredLanguage(['de', 'fr']), 'sv');
  t.equal(preferredLanguage([]), 'sv');
});

t.test('routes: every address of the service, and what is none', async (t) => {
  t.same(parseRoute('/'), { page: 'start' });
  t.same(parseRoute('/i/abc'), { page: 'invitation', token: 'abc' });
  t.same(parseRoute('/portal'), { page: 'portal', view: 'upcoming' });
  t.same(parseRoute('/portal/'), { page: 'portal', view: 'upcoming' });
  t.same(parseRoute('/portal/book'), { page: 'portal', view: 'book' });
  t.same(parseRoute('/portal/meetings/m-1'), { page: 'portal-meeting', id: 'm-1' });
  t.same(parseRoute('/admin'), { page: 'admin', view: 'organisation' });
  t.same(parseRoute('/admin/audit'), { page: 'admin', view: 'audit' });
  t.same(parseRoute('/operator'), { page: 'operator' });
  t.same(parseRoute('/test'), { page: 'device-test' });
  for (const path of [
    '/i',
    '/meeting',
    '/admin/x',
    '/portal/x',
    '/portal/book/x',
    '/i/a/b',
    '/start',
    '/test/x',
  ]) {
    t.same(parseRoute(path), { page: 'not-found' }, path);
  }
  t.equal(parseRoute('/i/%E5').page, 'invitation', 'broken escapes do no harm');
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (id) => {
      t.same(parseRoute(meetingPath(id)), { page: 'meeting', id });
    }),
    { numRuns: 100 },
  );
});

t.test('invitations: from a whole link, its path, with what stands around it', async (t) => {
  const token = canned.TOKEN;
  for (const pasted of [
    `https://meet.example/i/${token}`,
    ` /i/${token} `,
    `i/${token}`,
    `https://meet.example/i/${token}?lang=en`,
    `https://meet.example/i/${token}#x`,
  ]) {
    t.equal(invitationToken(pasted), token, pasted);
  }
  for (const pasted of ['', token, 'https://meet.example/i/short', `https://meet.example/j/${token}`]) {
    t.equal(invitationToken(pasted), null, pasted);
  }
});

t.test('times: Swedish clock time, on both sides of the change of the clock', async (t) => {
  t.equal(momentOf('2031-03-04', '14:00'), '2031-03-04T13:00:00.000Z');
  t.equal(momentOf('2031-07-01', '14:00'), '2031-07-01T12:00:00.000Z');
  // Summer time begins on 30 March 2031 at 2 o'clock.
  t.equal(momentOf('2031-03-30', '01:30'), '2031-03-30T00:30:00.000Z');
  t.equal(momentOf('2031-03-30', '03:30'), '2031-03-30T01:30:00.000Z');
  t.equal(weeksLater('2031-03-25T13:00:00.000Z', 1), '2031-04-01T12:00:00.000Z', 'the clock time stays');
  t.equal(startOfDay('2031-03-30'), '2031-03-29T23:00:00.000Z');
  t.equal(endOfDay('2031-03-30'), '2031-03-30T22:00:00.000Z', 'a day of 23 hours');
  t.equal(endOfDay('2031-10-26'), '2031-10-26T23:00:00.000Z', 'a day of 25 hours');
  t.equal(startOfDay(''), undefined);
  t.equal(momentOf('', '14:00'), null);
  t.equal(momentOf('2031-02-31', ''), null);
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }), (at) => {
      const iso = new Date(at - (at % 60_000)).toISOString();
      const again = momentOf(dayOf(new Date(iso)), clockOf(iso));
      // The hour that comes twice in October may be taken as the other one.
      const apart = Math.abs(Date.parse(again ?? '') - Date.parse(iso));
      t.ok(apart === 0 || apart === 3_600_000, iso);
    }),
    { numRuns: 300 },
  );
});

t.test('checks', async (t) => {
  const wrong = () => 'wrong';
  const good = (check: (value: string) => unknown, value: string) => check(value) === null;
  t.ok(good(personalNumber(wrong), '19800101-2387'));
  t.ok(good(personalNumber(wrong), '198001012387'));
  t.notOk(good(personalNumber(wrong), '8001012387'));
  t.ok(good(phoneNumber(wrong), '070-123 45 67'));
  t.ok(good(phoneNumber(wrong), '+46 70 123 45 67'));
  t.notOk(good(phoneNumber(wrong), '112'));
  t.ok(good(wholeNumber(1, 5, wrong), '5'));
  for (const value of ['', '0', '6', '1.5', 'x']) t.notOk(good(wholeNumber(1, 5, wrong), value), value);
});

t.test('failures: whatever a server or a proxy answers, there are words in both languages', async (t) => {
  const message = { sv: 'Nej.', en: 'No.' };
  const own = failureFrom(409, { error: { code: 'conflict', message, field: 'name' } });
  t.match(own, { code: 'conflict', field: 'name', status: 409 });
  t.equal(failureText(own), 'Nej.');
  language.value = 'en';
  t.equal(failureText(own), 'No.');
  t.equal(
    failureText(failureFrom(403, { error: { code: 'identity-mismatch', message } })),
    en.failures.byCode['identity-mismatch'],
  );
  language.value = 'sv';
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), fc.jsonValue(), (status, body) => {
      t.not(failureText(failureFrom(status, body)), '');
    }),
    { numRuns: 200 },
  );
  t.equal(query({ from: '2031-03-01', to: '', meeting: undefined }), '?from=2031-03-01');
  t.equal(query({}), '');
});

t.test(
  'forms: errors wait for the first attempt, go as they are mended, and take the server’s',
  async (t) => {
    const name = new Field<string>('name', '', (value) => (value === '' ? () => 'missing' : null));
    const email = new Field<string>('support-email', '');
    const form = new Form(() => [name, email]);
    t.same(form.errors.value, []);
    t.equal(await form.submit(async () => void t.fail('nothing is sent')), false);
    t.same(
      form.errors.value.map(({ id }) => id),
      ['name'],
    );
    t.equal(form.refusals.value, 1);
    name.value = 'x';
    t.same(form.errors.value, []);
    const refused = failureFrom(400, {
      error: { code: 'taken', message: { sv: 'Upptagen', en: 'Taken' }, field: 'support.supportEmail' },
    });
    t.equal(await form.submit(() => Promise.reject(refused)), false);
    t.equal(email.error.value?.(), 'Upptagen');
    t.equal(form.problem.value, null);
    await form.submit(() => Promise.reject(failureFrom(500, null)));
    t.equal(form.problem.value?.(), sv.failures.byCode.internal);
    await t.rejects(
      form.submit(() => Promise.reject(new TypeError('our own mistake'))),
      TypeError,
    );
    t.equal(form.busy.value, false);
  },
);

t.test('bookings: the type’s demands, deviations, series, and no way round a refusal', async (t) => {
  const booking = new Booking(canned.overview());
  t.equal(booking.next(), false, 'a title is missing');
  booking.title.value = 'Möte';
  booking.chooseType('type-2');
  t.equal(booking.minimumAssurance.value, 'low');
  t.equal(booking.exceedsType.value, true, 'availability 2 of 1');
  t.equal(booking.next(), true);
  booking.child.value = 'yes';
  t.equal(booking.next(), false, 'a protection assessment of a child');
  booking.child.value = 'no';
  booking.suits.value = 'no';
  t.equal(booking.next(), false, 'it does not suit the person');
  booking.suits.value = 'yes';
  booking.justification.value = 'Bor långt bort';
  t.equal(booking.next(), false, 'who decided on the deviation is missing');
  booking.deviationReason.value = 'Kan inte resa';
  booking.decidedBy.value = 'Enhetschefen';
  t.equal(booking.next(), true);
  booking.date.value = '2031-03-25';
  booking.time.value = '14:00';
  booking.repeat.value = '1';
  booking.count.value = '2';
  t.same(booking.dates.value, ['2031-03-25T13:00:00.000Z', '2031-04-01T12:00:00.000Z']);
  t.equal(booking.next(), true);
  t.equal(booking.next(), false, 'nobody is invited');
  booking.invitee.name.value = 'Karin';
  booking.invitee.via.value = 'link';
  t.equal(booking.next(), false, 'somebody is filled in and not added');
  t.equal(booking.addInvitee(), 'Karin');
  t.equal(booking.next(), true);
  const request: BookMeetingRequest = booking.request();
  t.match(request, {
    meetingTypeId: 'type-2',
    startsAt: '2031-03-25T13:00:00.000Z',
    series: { everyWeeks: 1, count: 2 },
    assessment: { deviation: { reason: 'Kan inte resa', decidedBy: 'Enhetschefen' } },
    invitees: [{ name: 'Karin', via: 'link' }],
  });
  t.notOk('email' in request.invitees[0]);
  t.notOk('payment' in request);
});

t.test('packages of rooms: the offered ones are known again', async (t) => {
  t.equal(new PackageForm({ 5: 6, 25: 2, 50: 0, 100: 0 }).name.value, 'medium');
  const own = new PackageForm({ 5: 8, 25: 2, 50: 1, 100: 0 });
  t.equal(own.name.value, 'own');
  t.same(own.read(), { 5: 8, 25: 2, 50: 1, 100: 0 });
});

t.test('both languages have a text for everything', async (t) => {
  const shape = (value: unknown): unknown => {
    if (typeof value === 'function') return value.length;
    if (Array.isArray(value)) return value.map(shape);
    if (typeof value !== 'object' || value === null) return typeof value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
  };
  t.strictSame(shape(en), shape(sv));
});
