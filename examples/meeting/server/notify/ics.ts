/**
 * The calendar part of an invitation: one event as iTIP (RFC 5546) in iCalendar (RFC 5545). Times in UTC, so that no time
 * zone definition is needed. It says no more than that there is a digital meeting, when and with whom: calendars are
 * read by colleagues, secretaries and their software.
 */

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
}

/** Lines end with CRLF and are folded at 75 octets. */
export function calendarFile(event: CalendarEvent): string {
  const { method, organiser, attendee } = event;
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//sluss//meeting service//EN',
    'CALSCALE:GREGORIAN',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    `UID:${escapeText(event.uid)}`,
    `SEQUENCE:${event.sequence}`,
    `DTSTAMP:${utc(event.stamp)}`,
    `DTSTART:${utc(event.startsAt)}`,
    `DTEND:${utc(event.endsAt)}`,
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
    'END:VCALENDAR',
  ]
    .map((line) => `${fold(line)}\r\n`)
    .join('');
}

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
