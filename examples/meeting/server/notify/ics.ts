/**
 * The calendar part of an invitation: one event as iTIP (RFC 5546) in iCalendar (RFC 5545). A single time is in UTC, so that
 * no time zone definition is needed; a series keeps its hour when summer time begins, so it is in Swedish time. It says no
 * more than that there is a digital meeting, when and with whom: calendars are read by colleagues, secretaries and their
 * software.
 */
import { TIME_ZONE, wallTime } from '../portal/stockholm-time.js';
import type { WeeklyRule } from './series-calendar.js';

export interface CalendarEvent {
  /** REQUEST invites or updates, CANCEL takes back. */
  method: 'REQUEST' | 'CANCEL';
  /** The same for every message about this invitation. */
  uid: string;
  /** From 0, higher with every new time, and with the cancellation. */
  sequence: number;
  /** Milliseconds since 1970. */
  stamp: number;
  startsAt: number;
  endsAt: number;
  summary: string;
  description: string;
  location: string;
  url: string;
  organiser: { name: string; email: string };
  attendee: { email: string };
  /** The event is a series. */
  rule?: WeeklyRule | null;
  /** It is this one of a series, by its start in the rule. */
  slotAt?: number;
}

/** Lines end with CRLF and are folded at 75 octets. */
export function calendarFile(event: CalendarEvent): string {
  const { rule, slotAt } = event;
  const isOfSeries = slotAt !== undefined || (rule !== undefined && rule !== null);
  const time = isOfSeries ? localTime : utcTime;
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//sluss//meeting service//EN',
    'CALSCALE:GREGORIAN',
    `METHOD:${event.method}`,
    ...(isOfSeries ? SWEDISH_TIME : []),
    ...component(event, time, [
      ...(slotAt === undefined ? [] : [time('RECURRENCE-ID', slotAt)]),
      ...(rule ? [`RRULE:FREQ=WEEKLY;INTERVAL=${rule.everyWeeks};COUNT=${rule.count}`] : []),
      ...(rule?.except ?? []).map((instant) => time('EXDATE', instant)),
    ]),
    ...(rule?.moved ?? []).flatMap((moved) =>
      component({ ...event, ...moved }, time, [time('RECURRENCE-ID', moved.slotAt)]),
    ),
    'END:VCALENDAR',
  ]
    .map((line) => `${fold(line)}\r\n`)
    .join('');
}

type TimeProperty = (name: string, instant: number) => string;

function component(event: CalendarEvent, time: TimeProperty, recurrence: readonly string[]): string[] {
  const { method, organiser, attendee } = event;
  return [
    'BEGIN:VEVENT',
    `UID:${escapeText(event.uid)}`,
    `SEQUENCE:${event.sequence}`,
    `DTSTAMP:${utc(event.stamp)}`,
    time('DTSTART', event.startsAt),
    time('DTEND', event.endsAt),
    ...recurrence,
    `SUMMARY:${escapeText(event.summary)}`,
    `DESCRIPTION:${escapeText(event.description)}`,
    `LOCATION:${escapeText(event.location)}`,
    // A URI is not text: nothing in it is escaped, and what would end the line cannot be in it.
    `URL:${new URL(event.url).href}`,
    `ORGANIZER;CN=${parameter(organiser.name)}:${mailto(organiser.email)}`,
    // Answers would go to an address that nobody reads: who comes shows in the waiting room.
    `ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:${mailto(attendee.email)}`,
    `STATUS:${method === 'CANCEL' ? 'CANCELLED' : 'CONFIRMED'}`,
    'TRANSP:OPAQUE',
    'CLASS:PRIVATE',
    'END:VEVENT',
  ];
}

/** As it has been since 1996 (RFC 5545 section 3.6.5). */
const SWEDISH_TIME = [
  'BEGIN:VTIMEZONE',
  `TZID:${TIME_ZONE}`,
  'BEGIN:STANDARD',
  'DTSTART:19961027T030000',
  'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'TZNAME:CET',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:19960331T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'TZNAME:CEST',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
];

const utcTime: TimeProperty = (name, instant) => `${name}:${utc(instant)}`;
const localTime: TimeProperty = (name, instant) =>
  `${name};TZID=${TIME_ZONE}:${utc(wallTime(instant)).slice(0, -1)}`;

/** `20261123T090000Z` */
function utc(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** RFC 5545 section 3.3.11. */
export function escapeText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\n/g, '\\n');
}

/** RFC 6068: what has a meaning in a URI is escaped. */
function mailto(email: string): string {
  return `mailto:${encodeURI(email).replace(/[?&#;,:]/g, encodeURIComponent)}`;
}

/** A quoted parameter value with the escapes of RFC 6868. */
function parameter(value: string): string {
  const escaped = value
    .replace(/\^/g, '^^')
    .replace(/"/g, "^'")
    .replace(/\r\n?|\n/g, '^n')
    .replace(/[\u0000-\u001f\u007f]/g, '');
  return `"${escaped}"`;
}

/** RFC 5545 section 3.1: at most 75 octets a line, never within a character. */
export function fold(line: string): string {
  let folded = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      folded += '\r\n ';
      // The space counts.
      octets = 1;
    }
    folded += character;
    octets += size;
  }
  return folded;
}
