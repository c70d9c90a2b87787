/** Invitations and codes through a real SMTP server. */
import t from 'tap';
import { codeMail } from '../../../examples/meeting/server/notify/code-mail.js';
import {
  invitationMail,
  type InvitationMail,
} from '../../../examples/meeting/server/notify/invitation-mail.js';
import { noticeTexts } from '../../../examples/meeting/server/notify/invitation-texts.js';
import { DeliveryError, SmtpMailer } from '../../../examples/meeting/server/notify/mailer.js';
import { readCalendar, textOf } from './calendar-lines.js';
import { calendarParts, MailServer } from './mail-server.js';

const invitation: InvitationMail = {
  id: '11111111-0000-4000-8000-000000000001',
  to: 'kim@example.org',
  kind: 'invitation',
  language: 'sv',
  organisation: 'Demokommunen <b>& "Co"',
  startsAt: Date.parse('2026-11-23T08:00:00Z'),
  durationMinutes: 45,
  link: 'https://meet.example.org/i/abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  minimumAssurance: 'substantial',
  support: {
    name: 'Kontaktcenter',
    phone: '011-15 00 00',
    email: 'stod@example.org',
    hours: 'vardagar 8–16',
  },
  calendar: {
    id: '22222222-0000-4000-8000-000000000002',
    method: 'REQUEST',
    sequence: 0,
    startsAt: Date.parse('2026-11-23T08:00:00Z'),
    endsAt: Date.parse('2026-11-23T08:45:00Z'),
  },
  now: Date.parse('2026-11-20T10:00:00Z'),
  from: 'meeting@example.org',
  publicUrl: 'https://meet.example.org',
};

t.test('an invitation: text, HTML and a calendar part that says the same', async (t) => {
  const server = await MailServer.start(t);
  const mailer = new SmtpMailer({ url: server.url, from: 'meeting@example.org', fromName: 'Säkra möten' });
  await mailer.send(invitationMail(invitation));
  const [received] = await server.received(1);
  const { mail } = received;
  t.strictSame([received.from, received.to], ['meeting@example.org', ['kim@example.org']]);
  t.equal(mail.from?.name, 'Säkra möten');
  t.equal(mail.subject, 'Inbjudan till digitalt möte – Demokommunen <b>& "Co"');
  t.equal(mail.messageId, '<11111111-0000-4000-8000-000000000001@example.org>');
  t.match(mail.text, 'måndag 23 november 2026 kl. 09:00–09:45');
  t.match(mail.text, invitation.link);
  t.match(mail.text, 'Kontaktcenter, 011-15 00 00, stod@example.org, vardagar 8–16');
  t.match(mail.html, '<html lang="sv">');
  t.match(mail.html, `<a href="${invitation.link}"`);
  t.match(mail.html, 'Demokommunen &lt;b&gt;&amp; &quot;Co&quot;');
  t.notMatch(mail.html, /<img|<script|src=/, 'nothing is fetched');
  t.match(received.raw, /^Auto-Submitted: auto-generated\r$/m);

  const parts = calendarParts(received);
  t.strictSame(parts.map(({ type }) => type).sort(), ['application/ics', 'text/calendar']);
  t.match(
    received.raw,
    /Content-Type: text\/calendar; charset=utf-8; method=REQUEST/i,
    'what Outlook looks at',
  );
  for (const { text } of parts) {
    const lines = readCalendar(text);
    const value = (name: string) => lines.find((line) => line.name === name)?.value ?? '';
    t.equal(value('METHOD'), 'REQUEST');
    t.equal(value('UID'), `${invitation.calendar.id}@meet.example.org`);
    t.equal(textOf(value('SUMMARY')), 'Digitalt möte – Demokommunen <b>& "Co"');
    t.equal(value('URL'), invitation.link);
  }
});

t.test('English, new time, cancellation', async (t) => {
  const server = await MailServer.start(t);
  const mailer = new SmtpMailer({ url: server.url, from: 'meeting@example.org', fromName: 'Meetings' });
  const { calendar } = invitation;
  const updated = { ...calendar, sequence: 1 };
  await mailer.send(invitationMail({ ...invitation, language: 'en', kind: 'update', calendar: updated }));
  const cancelled = { ...calendar, method: 'CANCEL', sequence: 2 } as const;
  await mailer.send(
    invitationMail({ ...invitation, language: 'en', kind: 'cancellation', calendar: cancelled }),
  );
  const [update, cancellation] = await server.received(2);
  t.match(update.mail.subject, /^New time for your digital meeting/);
  t.match(update.mail.text, /Monday,? 23 November 2026 at 09:00–09:45 \(Swedish time\)/);
  t.match(cancellation.mail.subject, /^Your digital meeting is cancelled/);
  t.notMatch(cancellation.mail.text, invitation.link, 'there is nothing to open');
  t.match(cancellation.raw, /method=CANCEL/i);
  const lines = readCalendar(calendarParts(cancellation)[0].text);
  t.ok(lines.some(({ name, value }) => name === 'METHOD' && value === 'CANCEL'));
  t.ok(lines.some(({ name, value }) => name === 'SEQUENCE' && value === '2'));
});

t.test('a text message says it in one', async (t) => {
  for (const language of ['sv', 'en'] as const) {
    for (const kind of ['invitation', 'update', 'cancellation'] as const) {
      const { sms } = noticeTexts({ ...invitation, organisation: 'Demokommunen', language, kind });
      t.ok(sms.length <= 200, `${sms.length} characters`);
      t.match(sms, '09:00');
      t.equal(sms.includes(invitation.link), kind !== 'cancellation');
    }
  }
});

t.test('of a series: all times in the mail, and one text message', async (t) => {
  const times = [0, 7, 14].map((days) => ({
    startsAt: invitation.startsAt + days * 86_400_000,
    durationMinutes: 45,
  }));
  const { text, html } = invitationMail({ ...invitation, times });
  for (const date of ['23 november', '30 november', '7 december']) {
    t.match(text, `- måndag ${date} 2026 kl. 09:00–09:45`);
    t.match(html, `<li>måndag ${date} 2026 kl. 09:00–09:45</li>`);
  }
  t.match(text, 'bjuder in dig till 3 digitala möten');
  for (const language of ['sv', 'en'] as const) {
    for (const kind of ['invitation', 'update', 'cancellation'] as const) {
      const { sms } = noticeTexts({ ...invitation, organisation: 'Demokommunen', language, kind, times });
      t.ok(sms.length <= 200, `${sms.length} characters`);
      t.match(sms, /\b3\b.*09:00/);
    }
  }
});

t.test('a code', async (t) => {
  const server = await MailServer.start(t);
  const mailer = new SmtpMailer({ url: server.url, from: 'meeting@example.org', fromName: 'Säkra möten' });
  const message = {
    id: 'c1',
    to: 'anna@example.org',
    code: '123456',
    validMinutes: 10,
    serviceName: 'Säkra möten',
  };
  await mailer.send(codeMail({ ...message, language: 'sv' }));
  const [{ mail }] = await server.received(1);
  t.equal(mail.subject, 'Din kod till Säkra möten', 'the code itself is not on the locked screen');
  t.match(mail.text, 'Din kod är 123456');
  t.match(mail.html, '123456');
  t.equal(mail.attachments.length, 0);
});

t.test('what cannot be delivered is told without the address', async (t) => {
  const server = await MailServer.start(t);
  const mailer = new SmtpMailer({
    url: server.url,
    from: 'meeting@example.org',
    fromName: 'x',
    timeout: 2_000,
  });
  const failure = async (): Promise<DeliveryError> => {
    try {
      await mailer.send(invitationMail(invitation));
    } catch (error) {
      if (error instanceof DeliveryError) return error;
    }
    throw new Error('it did not fail');
  };
  server.refuse = () => 550;
  const refused = await failure();
  t.equal(refused.permanent, true, 'there is no such address');
  t.notMatch(refused.message, /kim/);
  server.refuse = () => 451;
  t.equal((await failure()).permanent, false, 'try again later');
  await server.stop();
  const gone = await failure();
  t.equal(gone.permanent, false);
  t.match(gone.message, /ECONNREFUSED|ESOCKET|ECONNECTION/);
});
