import { escapeHtml } from './html.js';
import { calendarFile, type CalendarEvent } from './ics.js';
import { noticeTexts, type Notice, type NoticeTexts } from './invitation-texts.js';
import type { Mail } from './mailer.js';

/** What of the calendar event is not in the words. */
export type NoticeEvent = Pick<
  CalendarEvent,
  'method' | 'sequence' | 'startsAt' | 'endsAt' | 'rule' | 'slotAt'
> & {
  /** Of the invitation, or of all those to a series. */
  id: string;
};

export interface InvitationMail extends Notice {
  /** Of the message; the same when it is sent again. */
  id: string;
  to: string;
  calendar: NoticeEvent;
  /** Milliseconds since 1970. */
  now: number;
  /** Who the calendar says invites: the service's own address. */
  from: string;
  /** Of the service; its host name makes the event's id unique. */
  publicUrl: string;
}

/** Plain text, the same as simple HTML, and a calendar part. */
export function invitationMail(mail: InvitationMail): Mail {
  const texts = noticeTexts(mail);
  const { id: eventId, ...event } = mail.calendar;
  const { method } = event;
  // A series that is cut short still stands with what is left of it.
  const isCutShort = mail.kind === 'cancellation' && method === 'REQUEST';
  const eventTexts = isCutShort ? noticeTexts({ ...mail, kind: 'invitation', times: undefined }) : texts;
  const content = calendarFile({
    ...event,
    uid: `${eventId}@${new URL(mail.publicUrl).hostname}`,
    stamp: mail.now,
    summary: texts.calendarSummary,
    description: calendarDescription(mail, method, eventTexts),
    location: texts.calendarLocation,
    url: method === 'CANCEL' ? mail.publicUrl : mail.link,
    organiser: { name: mail.organisation, email: mail.from },
    attendee: { email: mail.to },
  });
  return {
    id: mail.id,
    to: mail.to,
    subject: texts.subject,
    text: plainText(mail, texts),
    html: htmlText(mail, texts),
    calendar: { method, content },
  };
}

function calendarDescription({ link }: Notice, method: CalendarEvent['method'], texts: NoticeTexts): string {
  return [texts.lead, ...(method === 'CANCEL' ? [] : [link]), ...texts.steps, texts.support]
    .filter((line) => line !== '')
    .join('\n');
}

function plainText({ kind, link }: Notice, texts: NoticeTexts): string {
  const parts = [texts.lead, [texts.when, ...texts.times.map((time) => `- ${time}`)].join('\n')];
  if (kind !== 'cancellation') {
    parts.push(`${texts.linkLabel}:\n${link}`);
    parts.push(texts.steps.map((step, index) => `${index + 1}. ${step}`).join('\n'));
  }
  return `${[...parts, texts.support, texts.footer].filter((part) => part !== '').join('\n\n')}\n`;
}

/** No picture, no script, nothing fetched: it reads the same in every client, aloud too, and tells nobody that it was opened. */
function htmlText({ kind, link, language }: Notice, texts: NoticeTexts): string {
  const invites = kind !== 'cancellation';
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(texts.subject)}</title>`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>',
    '<body style="margin:0;padding:24px;font:16px/1.5 Arial,sans-serif;color:#1a1a1a;background:#ffffff">',
    '<main style="max-width:560px">',
    `<h1 style="font-size:22px;line-height:1.3">${escapeHtml(texts.heading)}</h1>`,
    `<p>${escapeHtml(texts.lead)}</p>`,
    `<p><strong>${escapeHtml(texts.when)}</strong></p>`,
    ...(texts.times.length > 0
      ? [`<ul>${texts.times.map((time) => `<li>${escapeHtml(time)}</li>`).join('')}</ul>`]
      : []),
    ...(invites
      ? [
          `<p><a href="${escapeHtml(link)}" style="color:#0b4f8a">${escapeHtml(texts.linkLabel)}</a><br>`,
          `<span style="word-break:break-all">${escapeHtml(link)}</span></p>`,
          `<ol>${texts.steps.map((step) => `<li>${escapeHtml(step)}</li>`).join('')}</ol>`,
        ]
      : []),
    ...(texts.support === '' ? [] : [`<p>${escapeHtml(texts.support)}</p>`]),
    `<p style="color:#595959">${escapeHtml(texts.footer)}</p>`,
    '</main></body></html>',
    '',
  ].join('\n');
}
