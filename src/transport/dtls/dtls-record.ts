/**
 * The DTLS 1.2 record layer (RFC 6347 section 4.1): a cursor over the records of a datagram, and a writer.
 * Records of other versions and of unknown types end the walk: what follows cannot be trusted to be a record.
 */

export const ContentType = { ChangeCipherSpec: 20, Alert: 21, Handshake: 22, ApplicationData: 23 } as const;

export const RECORD_HEADER_LENGTH = 13;

/** Room for records in one datagram of ours: below every usual path MTU, IP and UDP headers included. */
export const MAX_DATAGRAM_PAYLOAD = 1200;

/** RFC 6347 section 4.1.1: 2^14 bytes of plaintext and at most 2048 of expansion. */
const MAX_RECORD_LENGTH = 16384 + 2048;

const VERSION_MAJOR = 254;
const VERSION_1_2_MINOR = 253;
const VERSION_1_0_MINOR = 255;

export class RecordReader {
  bytes: Uint8Array = new Uint8Array(0);
  contentType = 0;
  epoch = 0;
  /** 48 bits: a safe integer */
  sequenceNumber = 0;
  fragmentOffset = 0;
  fragmentLength = 0;
  /** true when the walk ended before the end of the datagram */
  malformed = false;

  private position = 0;

  begin(datagram: Uint8Array): void {
    this.bytes = datagram;
    this.position = 0;
    this.malformed = datagram.length === 0;
  }

  next(): boolean {
    const { bytes, position } = this;
    if (this.malformed || position === bytes.length) return false;
    if (bytes.length - position < RECORD_HEADER_LENGTH) return this.fail();
    const contentType = bytes[position];
    const epoch = (bytes[position + 3] << 8) | bytes[position + 4];
    const minor = bytes[position + 2];
    // The first ClientHello carries DTLS 1.0 in its record header: the version is not yet negotiated.
    const versionFits =
      bytes[position + 1] === VERSION_MAJOR &&
      (minor === VERSION_1_2_MINOR || (minor === VERSION_1_0_MINOR && epoch === 0));
    if (!versionFits) return this.fail();
    if (contentType < ContentType.ChangeCipherSpec || contentType > ContentType.ApplicationData)
      return this.fail();
    const length = (bytes[position + 11] << 8) | bytes[position + 12];
    if (length === 0 || length > MAX_RECORD_LENGTH) return this.fail();
    if (length > bytes.length - position - RECORD_HEADER_LENGTH) return this.fail();

    this.contentType = contentType;
    this.epoch = epoch;
    this.sequenceNumber = readU48(bytes, position + 5);
    this.fragmentOffset = position + RECORD_HEADER_LENGTH;
    this.fragmentLength = length;
    this.position = this.fragmentOffset + length;
    return true;
  }

  private fail(): false {
    this.malformed = true;
    return false;
  }
}

export function buildRecord(
  contentType: number,
  epoch: number,
  sequenceNumber: number,
  fragment: Uint8Array,
): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_LENGTH + fragment.length);
  record[0] = contentType;
  record[1] = VERSION_MAJOR;
  record[2] = VERSION_1_2_MINOR;
  record[3] = epoch >>> 8;
  record[4] = epoch;
  writeU48(record, 5, sequenceNumber);
  record[11] = fragment.length >>> 8;
  record[12] = fragment.length;
  record.set(fragment, RECORD_HEADER_LENGTH);
  return record;
}

/** Packs records into as few datagrams as fit, in order. A record larger than a datagram travels alone. */
export function packRecords(records: readonly Uint8Array[]): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  let group: Uint8Array[] = [];
  let size = 0;
  for (const record of records) {
    if (group.length > 0 && size + record.length > MAX_DATAGRAM_PAYLOAD) {
      datagrams.push(concatBytes(group));
      group = [];
      size = 0;
    }
    group.push(record);
    size += record.length;
  }
  if (group.length > 0) datagrams.push(concatBytes(group));
  return datagrams;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function readU48(bytes: Uint8Array, offset: number): number {
  const high = (bytes[offset] << 8) | bytes[offset + 1];
  const low =
    ((bytes[offset + 2] << 24) | (bytes[offset + 3] << 16) | (bytes[offset + 4] << 8) | bytes[offset + 5]) >>>
    0;
  return high * 0x1_0000_0000 + low;
}

function writeU48(bytes: Uint8Array, offset: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  bytes[offset] = high >>> 8;
  bytes[offset + 1] = high;
  bytes[offset + 2] = value >>> 24;
  bytes[offset + 3] = value >>> 16;
  bytes[offset + 4] = value >>> 8;
  bytes[offset + 5] = value;
}
