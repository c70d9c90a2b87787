/** Reads iCalendar strictly, line by line (RFC 5545): what a lenient reader forgives is an error here. */

export interface CalendarLine {
  name: string;
  parameters: Record<string, string>;
  value: string;
}

export function readCalendar(file: string): CalendarLine[] {
  if (!file.endsWith('\r\n')) throw new Error('the last line does not end with CRLF');
  const physical = file.slice(0, -2).split('\r\n');
  for (const line of physical) {
    if (/[\r\n]/.test(line)) throw new Error('a bare CR or LF');
    if (Buffer.byteLength(line) > 75) throw new Error(`a line of ${Buffer.byteLength(line)} octets`);
    if (line === '') throw new Error('an empty line');
    // A character cut in two would not survive.
    if (line.includes('\ufffd')) throw new Error('a broken character');
  }
  return physical
    .join('\r\n')
    .replaceAll('\r\n ', '')
    .split('\r\n')
    .map((line) => {
      const found = /^([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:,]*))*):(.*)$/.exec(line);
      if (found === null) throw new Error(`not a content line: ${line}`);
      const [, name, parameters, value] = found;
      if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) throw new Error(`control characters in ${name}`);
      const pairs = [...parameters.matchAll(/;([A-Z-]+)=("[^"]*"|[^";:,]*)/g)];
      return {
        name,
        parameters: Object.fromEntries(pairs.map(([, key, text]) => [key, text.replace(/^"|"$/g, '')])),
        value,
      };
    });
}

/** The text of a TEXT property. */
export function textOf(value: string): string {
  if (/(?<!\\)(?:\\\\)*[;,]/.test(value)) throw new Error(`an unescaped ; or , in ${value}`);
  return value.replace(/\\([\\;,nN])/g, (_, escaped: string) =>
    escaped.toLowerCase() === 'n' ? '\n' : escaped,
  );
}
