/**
 * A small reader of DER (X.690), for the parts of certificates and OCSP responses that must be compared octet by octet.
 * Whatever is not DER throws a `DerError`.
 */
export class DerError extends Error {
  override readonly name = 'DerError';
}

export const Tag = {
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OID: 0x06,
  ENUMERATED: 0x0a,
  GENERALIZED_TIME: 0x18,
  SEQUENCE: 0x30,
} as const;

/** Of the context, constructed: `[number]`. */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

export interface Der {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly raw: Uint8Array;
}

/** One element and nothing after it. */
export function readDer(bytes: Uint8Array): Der {
  const element = readAt(bytes, 0);
  if (element.raw.length !== bytes.length) throw new DerError('something follows');
  return element;
}

export function children({ content, tag }: Der): Der[] {
  if ((tag & 0x20) === 0) throw new DerError('not constructed');
  const elements: Der[] = [];
  for (let at = 0; at < content.length;) {
    const element = readAt(content, at);
    elements.push(element);
    at += element.raw.length;
  }
  return elements;
}

/** Throws unless the element is there and has this tag. */
export function expectTag(element: Der | undefined, tag: number): Der {
  if (element?.tag !== tag) throw new DerError(`tag ${tag} expected`);
  return element;
}

/** The octets of a BIT STRING that has no unused bits. */
export function bitStringOctets(element: Der | undefined): Uint8Array {
  const { content } = expectTag(element, Tag.BIT_STRING);
  if (content[0] !== 0) throw new DerError('unused bits');
  return content.subarray(1);
}

/** Dotted. */
export function readOid(element: Der | undefined): string {
  const { content } = expectTag(element, Tag.OID);
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw new DerError('arc too large');
    if ((octet & 0x80) !== 0) continue;
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(arc / 40));
      arcs.push(first, arc - first * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/** Milliseconds since 1970; in UTC and by the second, as RFC 5280, section 4.1.2.5.2 demands (fractions are tolerated). */
export function readGeneralizedTime(element: Der | undefined): number {
  const text = Buffer.from(expectTag(element, Tag.GENERALIZED_TIME).content).toString('latin1');
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{1,6})?Z$/.exec(text);
  if (!match) throw new DerError('no time');
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function readAt(bytes: Uint8Array, at: number): Der {
  if (bytes.length - at < 2) throw new DerError('cut off');
  const tag = bytes[at];
  if ((tag & 0x1f) === 0x1f) throw new DerError('long tags are not used here');
  let length = bytes[at + 1];
  let header = 2;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    if (octets === 0 || octets > 3 || bytes.length - at < 2 + octets) throw new DerError('length');
    length = 0;
    for (let index = 0; index < octets; index++) length = length * 256 + bytes[at + 2 + index];
    header += octets;
  }
  const end = at + header + length;
  if (end > bytes.length) throw new DerError('cut off');
  return { tag, content: bytes.subarray(at + header, end), raw: bytes.subarray(at, end) };
}
