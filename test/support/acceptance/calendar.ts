/** Reads a calendar file (RFC 5545) as a mail program does. */
export interface CalendarEntry {
  /** Of the calendar: METHOD, VERSION ... */
  calendar: Map<string, string>;
  /** Of its one event; parameters such as CN are in the name: `ORGANIZER;CN="Demokommunen"`. */
  event: Map<string, string>;
}

/** Throws unless it is one calendar with one event. */
export function readCalendar(text: string): CalendarEntry {
  const lines = text
    .replace(/\r\n[ \t]/g, '')
    .split('\r\n')
    .filter((line) => line !== '');
  const expected = (at: number, line: string): void => {
    if (lines.at(at) !== line) throw new Error(`the calendar has "${lines.at(at)}" where ${line} belongs`);
  };
  expected(0, 'BEGIN:VCALENDAR');
  expected(-1, 'END:VCALENDAR');
  const begin = lines.indexOf('BEGIN:VEVENT');
  const end = lines.indexOf('END:VEVENT');
  if (begin < 0 || end < begin || lines.lastIndexOf('BEGIN:VEVENT') !== begin)
    throw new Error('no single event');
  return {
    calendar: properties([...lines.slice(1, begin), ...lines.slice(end + 1, -1)]),
    event: properties(lines.slice(begin + 1, end)),
  };
}

function properties(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.map((line) => {
      // The first colon that no quotation marks surround.
      const [, name, value] = /^((?:[^":]|"[^"]*")+):(.*)$/.exec(line)!;
      return [name, value.replace(/\\n/g, '\n').replace(/\\([\\;,])/g, '$1')];
    }),
  );
}

/** `20261123T090000Z` in milliseconds since 1970. */
export function calendarTime(value: string | undefined): number {
  return Date.parse((value ?? '').replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
