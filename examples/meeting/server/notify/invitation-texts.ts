/**
 * What those who are invited are told: who invites, when, the link, what they need, where help is. Not what it is about and
 * not who else comes: mail and text messages are read on locked screens, by families and by servers on the way.
 */
import type { Assurance, Language, SupportContact } from '../../shared/api.js';
import { dateText, timeText } from '../portal/stockholm-time.js';

/** `update`: the time is another. `cancellation`: it will not be held. */
export type NoticeKind = 'invitation' | 'update' | 'cancellation';

export interface Notice {
  kind: NoticeKind;
  language: Language;
  organisation: string;
  startsAt: number;
  durationMinutes: number;
  link: string;
  minimumAssurance: Assurance;
  support: SupportContact;
  /** Of several meetings, all of which this is about; `startsAt` is the first's. Left out: one meeting. */
  times?: readonly { startsAt: number; durationMinutes: number }[];
}

export interface NoticeTexts {
  subject: string;
  heading: string;
  /** Paragraphs, plain text. */
  lead: string;
  when: string;
  /** Of several meetings, one line each, under `when`; empty for one. */
  times: string[];
  /** Empty when there is nothing to do. */
  steps: string[];
  linkLabel: string;
  support: string;
  footer: string;
  /** All of it in one text message. */
  sms: string;
  calendarSummary: string;
  calendarLocation: string;
}

export function noticeTexts(notice: Notice): NoticeTexts {
  return notice.language === 'sv' ? swedish(notice) : english(notice);
}

function swedish(notice: Notice): NoticeTexts {
  const { kind, organisation, startsAt, durationMinutes } = notice;
  const when = `${dateText(startsAt, 'sv')} kl. ${timeText(startsAt, durationMinutes)}`;
  const strong = notice.minimumAssurance !== 'low';
  const { times } = notice;
  const count = times?.length ?? 1;
  const words = times
    ? ({
        invitation: [
          'Inbjudan till digitala möten',
          `${organisation} bjuder in dig till ${count} digitala möten.`,
        ],
        update: [
          'Nya tider för digitala möten',
          `Dina digitala möten med ${organisation} har fått nya tider.`,
        ],
        cancellation: ['Digitala möten är avbokade', `Dina digitala möten med ${organisation} är avbokade.`],
      } as const)
    : ({
        invitation: ['Inbjudan till digitalt möte', `${organisation} bjuder in dig till ett digitalt möte.`],
        update: ['Ny tid för digitalt möte', `Ditt digitala möte med ${organisation} har fått en ny tid.`],
        cancellation: ['Digitalt möte är avbokat', `Ditt digitala möte med ${organisation} är avbokat.`],
      } as const);
  const [heading, lead] = words[kind];
  const which = times ? `dina ${count} digitala möten från` : 'ditt digitala möte';
  const identify = strong ? 'Identifiera dig med din e-legitimation.' : 'Identifiera dig.';
  return {
    subject: `${heading} – ${organisation}`,
    heading,
    lead,
    when: times
      ? kind === 'cancellation'
        ? 'Tiderna var (svensk tid):'
        : 'Tider (svensk tid):'
      : kind === 'cancellation'
        ? `Tiden var ${when}.`
        : `Tid: ${when} (svensk tid).`,
    times: (times ?? []).map(
      (one) => `${dateText(one.startsAt, 'sv')} kl. ${timeText(one.startsAt, one.durationMinutes)}`,
    ),
    steps:
      kind === 'cancellation'
        ? []
        : [
            times
              ? 'Öppna länken när det är dags, helst några minuter före. Samma länk gäller alla tider. Du kan prova ljud och bild innan.'
              : 'Öppna länken när det är dags, helst några minuter före. Du kan prova ljud och bild innan.',
            `${identify} Därefter väntar du tills du blir insläppt.`,
            'Sitt ostört, så att ingen annan hör samtalet.',
          ],
    linkLabel: 'Öppna mötet',
    support: supportLine(notice.support, 'Behöver du hjälp? Kontakta'),
    footer: 'Länken är personlig. Dela den inte. Meddelandet går inte att svara på.',
    sms:
      kind === 'cancellation'
        ? `${organisation}: ${which} ${shortWhen(notice, 'kl.')} är ${times ? 'avbokade' : 'avbokat'}.`
        : `${organisation}: ${kind === 'update' ? `${times ? 'nya tider' : 'ny tid'} för ${which}` : times ? `inbjudan till ${count} digitala möten från` : 'inbjudan till digitalt möte'} ` +
          `${shortWhen(notice, 'kl.')}. ${strong ? 'E-legitimation behövs. ' : ''}${notice.link}`,
    calendarSummary: `Digitalt möte – ${organisation}`,
    calendarLocation: 'Digitalt möte',
  };
}

function english(notice: Notice): NoticeTexts {
  const { kind, organisation, startsAt, durationMinutes } = notice;
  const when = `${dateText(startsAt, 'en')} at ${timeText(startsAt, durationMinutes)}`;
  const strong = notice.minimumAssurance !== 'low';
  const { times } = notice;
  const count = times?.length ?? 1;
  const words = times
    ? ({
        invitation: [
          'Invitation to digital meetings',
          `${organisation} invites you to ${count} digital meetings.`,
        ],
        update: [
          'New times for your digital meetings',
          `Your digital meetings with ${organisation} have new times.`,
        ],
        cancellation: [
          'Your digital meetings are cancelled',
          `Your digital meetings with ${organisation} are cancelled.`,
        ],
      } as const)
    : ({
        invitation: ['Invitation to a digital meeting', `${organisation} invites you to a digital meeting.`],
        update: [
          'New time for your digital meeting',
          `Your digital meeting with ${organisation} has a new time.`,
        ],
        cancellation: [
          'Your digital meeting is cancelled',
          `Your digital meeting with ${organisation} is cancelled.`,
        ],
      } as const);
  const [heading, lead] = words[kind];
  const which = times ? `your ${count} digital meetings from` : 'your digital meeting';
  return {
    subject: `${heading} – ${organisation}`,
    heading,
    lead,
    when: times
      ? kind === 'cancellation'
        ? 'The times were (Swedish time):'
        : 'Times (Swedish time):'
      : kind === 'cancellation'
        ? `The time was ${when}.`
        : `Time: ${when} (Swedish time).`,
    times: (times ?? []).map(
      (one) => `${dateText(one.startsAt, 'en')} at ${timeText(one.startsAt, one.durationMinutes)}`,
    ),
    steps:
      kind === 'cancellation'
        ? []
        : [
            times
              ? 'Open the link when it is time, a few minutes early if you can. The same link is for all times. You can try sound and picture before.'
              : 'Open the link when it is time, a few minutes early if you can. You can try sound and picture before.',
            `${strong ? 'Identify yourself with your e-ID.' : 'Identify yourself.'} Then you wait until you are let in.`,
            'Sit undisturbed, so that nobody else hears the conversation.',
          ],
    linkLabel: 'Open the meeting',
    support: supportLine(notice.support, 'Do you need help? Contact'),
    footer: 'The link is personal. Do not share it. This message cannot be replied to.',
    sms:
      kind === 'cancellation'
        ? `${organisation}: ${which} ${shortWhen(notice, 'at')} ${times ? 'are' : 'is'} cancelled.`
        : `${organisation}: ${kind === 'update' ? `${times ? 'new times' : 'new time'} for ${which}` : times ? `invitation to ${count} digital meetings from` : 'invitation to a digital meeting'} ` +
          `${shortWhen(notice, 'at')}. ${strong ? 'You need your e-ID. ' : ''}${notice.link}`,
    calendarSummary: `Digital meeting – ${organisation}`,
    calendarLocation: 'Digital meeting',
  };
}

/** `23 nov. kl. 09:00`: short enough for one text message. */
function shortWhen({ startsAt, durationMinutes, language }: Notice, at: string): string {
  const day = new Intl.DateTimeFormat(language === 'sv' ? 'sv-SE' : 'en-GB', {
    timeZone: 'Europe/Stockholm',
    day: 'numeric',
    month: 'short',
  }).format(startsAt);
  return `${day} ${at} ${timeText(startsAt, durationMinutes).slice(0, 5)}`;
}

function supportLine(support: SupportContact, lead: string): string {
  const ways = [support.phone, support.email, support.hours].filter((way) => way !== '');
  if (support.name === '' && ways.length === 0) return '';
  return `${lead} ${[support.name, ...ways].filter((part) => part !== '').join(', ')}.`;
}
