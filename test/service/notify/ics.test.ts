/** The calendar file: every line as RFC 5545 and RFC 5546 want it. */
import fc from 'fast-check';
import t from 'tap';
import { calendarFile, fold, type CalendarEvent } from '../../../examples/meeting/server/notify/ics.js';
import { readCalendar, textOf } from './calendar-lines.js';

const event: CalendarEvent = {
  method: 'REQUEST',
  uid: '5f0c7a3e-0000-4000-8000-000000000001@meet.example.org',
  sequence: 2,
  stamp: Date.parse('2026-11-20T10:11:12.345Z'),
  startsAt: Date.parse('2026-11-23T08:00:00Z'),
  endsAt: Date.parse('2026-11-23T08:45:00Z'),
  summary: 'Digitalt möte – Demokommunen',
  description:
    'Rad ett; två, tre\nOch en bakåt\\streck på en rad som är så lång att den måste vikas någonstans 🙂.',
  location: 'Digitalt möte',
  url: 'https://meet.example.org/i/abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  organiser: { name: 'Kommunen "Norr", Åsele; Ö', email: 'meeting@example.org' },
  attendee: { email: 'kim@example.org' },
};

t.test('a request, property by property', async (t) => {
  const lines = readCalendar(calendarFile(event));
  t.strictSame(lines.map(({ name, value }) => `${name}:${value}`).slice(0, 6), [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//sluss//meeting service//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:REQUEST',
    'BEGIN:VEVENT',
  ]);
  t.strictSame(
    lines.slice(-2).map(({ name, value }) => `${name}:${value}`),
    ['END:VEVENT', 'END:VCALENDAR'],
  );
  const inner = lines.slice(6, -2);
  t.equal(new Set(inner.map(({ name }) => name)).size, inner.length, 'nothing twice');
  const value = (name: string) => lines.find((line) => line.name === name)?.value ?? '';
  // RFC 5546 section 3.2.2: what a REQUEST must have.
  t.equal(value('UID'), event.uid);
  t.equal(value('SEQUENCE'), '2');
  t.equal(value('DTSTAMP'), '20261120T101112Z');
  t.equal(value('DTSTART'), '20261123T080000Z');
  t.equal(value('DTEND'), '20261123T084500Z');
  t.equal(value('STATUS'), 'CONFIRMED');
  t.equal(textOf(value('SUMMARY')), event.summary);
  t.equal(textOf(value('DESCRIPTION')), event.description);
  t.equal(value('URL'), event.url);
  const organiser = lines.find(({ name }) => name === 'ORGANIZER');
  t.equal(organiser?.value, 'mailto:meeting@example.org');
  t.equal(organiser?.parameters.CN, "Kommunen ^'Norr^', Åsele; Ö", 'RFC 6868');
  t.match(
    lines.find(({ name }) => name === 'ATTENDEE'),
    {
      value: 'mailto:kim@example.org',
      parameters: { ROLE: 'REQ-PARTICIPANT', PARTSTAT: 'NEEDS-ACTION', RSVP: 'FALSE' },
    },
  );
});

t.test('a cancellation', async (t) => {
  const lines = readCalendar(calendarFile({ ...event, method: 'CANCEL', sequence: 3 }));
  const value = (name: string) => lines.find((line) => line.name === name)?.value;
  t.strictSame(['METHOD', 'STATUS', 'UID', 'SEQUENCE'].map(value), ['CANCEL', 'CANCELLED', event.uid, '3']);
});

t.test('nothing typed in can write a line of its own', async (t) => {
  const evil = 'x\r\nATTENDEE:mailto:evil@example.org\u0000\u0007';
  const file = calendarFile({
    ...event,
    summary: evil,
    description: evil,
    location: evil,
    organiser: { name: evil, email: 'a?cc=b@example.org' },
  });
  const lines = readCalendar(file);
  t.equal(lines.filter(({ name }) => name === 'ATTENDEE').length, 1);
  t.equal(lines.find(({ name }) => name === 'ORGANIZER')?.value, 'mailto:a%3Fcc=b@example.org');
});

t.test('folding keeps every character, whatever the text', async (t) => {
  t.equal(fold('a'.repeat(75)), 'a'.repeat(75));
  t.equal(fold('a'.repeat(76)), `${'a'.repeat(75)}\r\n a`);
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const folded = fold(text);
        for (const line of folded.split('\r\n'))
          if (Buffer.byteLength(line) > 75) throw new Error('too long');
        if (!text.includes('\r\n ') && folded.replaceAll('\r\n ', '') !== text)
          throw new Error('not the same');
      }),
    ),
  );
});
