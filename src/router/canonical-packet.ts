// Hot path: write() runs once per received packet, the constants are used once per receiver. Nothing is allocated.
import { readU32, writeU16, writeU32 } from '../rtp/bytes.js';
import { ACTIVE_DECODE_TARGETS_GROWTH, withActiveDecodeTargets } from '../rtp/codecs/dependency-writer.js';
import { type DependencyStructure } from '../rtp/codecs/dependency-structure.js';
import { ExtensionIterator } from '../rtp/extension-block.js';
import { CANONICAL_EXTENSION_ID } from '../rtp/header-extension-ids.js';
import { ONE_BYTE_PROFILE, TWO_BYTE_PROFILE, type RtpPacket } from '../rtp/rtp-packet.js';
import { type RtpHeaderExtensionParameters, type RtpHeaderExtensionUri } from '../rtp/rtp-parameters.js';

/** Longest MID that fits the room kept for it; ours are small decimal numbers. */
export const MAX_MID_LENGTH = 8;
/** What a canonical header can grow by over the packet as it came. */
export const CANONICAL_GROWTH = 64;

const MID = CANONICAL_EXTENSION_ID['urn:ietf:params:rtp-hdrext:sdes:mid'];
const ABS_SEND_TIME = CANONICAL_EXTENSION_ID['http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time'];
const DEPENDENCY =
  CANONICAL_EXTENSION_ID[
    'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension'
  ];
const TRANSPORT_SEQUENCE =
  CANONICAL_EXTENSION_ID['http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'];

/** Hop-by-hop elements, which we write anew or which mean nothing to a receiver of ours. */
const NOT_FORWARDED: readonly RtpHeaderExtensionUri[] = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:mediasoup:params:rtp-hdrext:packet-id',
];

const FIRST_ELEMENT = 16;

/** Where the elements that each receiver fills in lie, from the start of the packet. Element = head and data. */
export interface HeaderLayout {
  readonly headSize: 1 | 2;
  readonly mid: number;
  readonly absSendTime: number;
  readonly transportSequence: number;
  readonly others: number;
}

function layout(headSize: 1 | 2): HeaderLayout {
  const absSendTime = FIRST_ELEMENT + headSize + MAX_MID_LENGTH;
  const transportSequence = absSendTime + headSize + 3;
  return {
    headSize,
    mid: FIRST_ELEMENT,
    absSendTime,
    transportSequence,
    others: transportSequence + headSize + 2,
  };
}

/** RFC 8285 section 4.2. */
const ONE_BYTE_LAYOUT = layout(1);
/** RFC 8285 section 4.3, when an element is too long or its id too high for the short form. */
const TWO_BYTE_LAYOUT = layout(2);

/** The layout of a packet that write() made; told by the low byte of the profile. */
export function layoutOf(bytes: Uint8Array, offset: number): HeaderLayout {
  return bytes[offset + 12] === ONE_BYTE_PROFILE >> 8 ? ONE_BYTE_LAYOUT : TWO_BYTE_LAYOUT;
}

/** Length of the header of a packet that write() made. */
export function canonicalHeaderLength(bytes: Uint8Array, offset: number): number {
  return 16 + ((bytes[offset + 14] << 8) | bytes[offset + 15]) * 4;
}

/**
 * Writes the header of a packet that carries nothing of a sender: sequence number, timestamp and SSRC follow from the caller.
 * @returns its length
 */
export function writeEmptyHeader(bytes: Uint8Array, offset: number, payloadType: number): number {
  const length = (ONE_BYTE_LAYOUT.others + 3) & ~3;
  bytes.fill(0, offset, offset + length);
  bytes[offset] = 0x90;
  bytes[offset + 1] = payloadType;
  writeU16(bytes, offset + 12, ONE_BYTE_PROFILE);
  writeU16(bytes, offset + 14, (length - 16) >> 2);
  return length;
}

/** Writes the head of an element that is `length` bytes long, in either form. */
export function writeElementHead(
  bytes: Uint8Array,
  offset: number,
  headSize: 1 | 2,
  id: number,
  length: number,
): void {
  if (headSize === 1) {
    bytes[offset] = (id << 4) | (length - 1);
  } else {
    bytes[offset] = id;
    bytes[offset + 1] = length;
  }
}

/**
 * Rewrites received packets into the one form that all receivers start from: the router's extension ids, no CSRC list,
 * no padding, and room at fixed places for MID, abs-send-time and the transport-wide sequence number. A receiver then
 * is one copy and a few bytes.
 */
export class CanonicalWriter {
  /** Producer's id to canonical id; 0 = leave out. */
  private readonly ids = new Uint8Array(256);
  private readonly iterator = new ExtensionIterator();
  private readonly withDependency: boolean;

  constructor(headerExtensions: readonly RtpHeaderExtensionParameters[]) {
    for (const extension of headerExtensions) {
      if (!NOT_FORWARDED.includes(extension.uri))
        this.ids[extension.id] = CANONICAL_EXTENSION_ID[extension.uri] ?? 0;
    }
    this.withDependency = this.ids.includes(DEPENDENCY);
  }

  /**
   * @param target offset with room for the packet and CANONICAL_GROWTH
   * @param structure of the stream, when the packet has a dependency descriptor that could be read
   * @returns the length written
   */
  write(
    packet: RtpPacket,
    payloadType: number,
    bytes: Uint8Array,
    target: number,
    structure: DependencyStructure | null,
  ): number {
    const staged = stageWhole(packet, bytes, target);
    const form = this.needsTwoByteForm(packet) ? TWO_BYTE_LAYOUT : ONE_BYTE_LAYOUT;
    bytes.fill(0, target, target + form.others);
    bytes[target] = 0x90;
    bytes[target + 1] = (packet.marker ? 0x80 : 0) | payloadType;
    for (let index = 2; index < 12; index++) bytes[target + index] = packet.bytes[packet.offset + index];
    const profile = form === ONE_BYTE_LAYOUT ? ONE_BYTE_PROFILE : TWO_BYTE_PROFILE;
    writeU16(bytes, target + 12, profile);
    const others = this.writeDependency(packet, bytes, target + form.others, form.headSize, structure);
    const end = this.writeOthers(packet, bytes, others, form.headSize);
    const headerLength = (end - target + 3) & ~3;
    bytes.fill(0, end, target + headerLength);
    writeU16(bytes, target + 14, (headerLength - 16) >> 2);
    const { payloadOffset, payloadLength } = packet;
    const payload = staged + payloadOffset;
    if (staged >= target && payload >= target + headerLength) {
      bytes.copyWithin(target + headerLength, payload, payload + payloadLength);
    } else {
      bytes.set(packet.bytes.subarray(payloadOffset, payloadOffset + payloadLength), target + headerLength);
    }
    return headerLength + payloadLength;
  }

  private needsTwoByteForm(packet: RtpPacket): boolean {
    if (packet.extensionProfile === 0) return false;
    this.iterator.begin(packet);
    while (this.iterator.next()) {
      const { id, dataLength } = this.iterator;
      const canonical = this.ids[id];
      const longest = canonical === DEPENDENCY ? 16 - ACTIVE_DECODE_TARGETS_GROWTH : 16;
      if (canonical !== 0 && (dataLength === 0 || dataLength > longest || canonical > 14)) return true;
    }
    return false;
  }

  /** The dependency descriptor stands first of the others, where each receiver finds it to write its decode targets. */
  private writeDependency(
    packet: RtpPacket,
    bytes: Uint8Array,
    at: number,
    headSize: 1 | 2,
    structure: DependencyStructure | null,
  ): number {
    if (!this.withDependency) return at;
    this.iterator.begin(packet);
    while (this.iterator.next()) {
      if (this.ids[this.iterator.id] !== DEPENDENCY) continue;
      const { dataOffset, dataLength } = this.iterator;
      const data = at + headSize;
      const length = withActiveDecodeTargets(packet.bytes, dataOffset, dataLength, structure, bytes, data);
      writeElementHead(bytes, at, headSize, DEPENDENCY, length);
      return data + length;
    }
    return at;
  }

  private writeOthers(packet: RtpPacket, bytes: Uint8Array, start: number, headSize: 1 | 2): number {
    let at = start;
    this.iterator.begin(packet);
    while (this.iterator.next()) {
      const id = this.ids[this.iterator.id];
      const { dataOffset, dataLength } = this.iterator;
      if (id === 0 || id === DEPENDENCY) continue;
      writeElementHead(bytes, at, headSize, id, dataLength);
      at += headSize;
      for (let index = 0; index < dataLength; index++) bytes[at + index] = packet.bytes[dataOffset + index];
      at += dataLength;
    }
    return at;
  }
}

/**
 * Copies the datagram from the socket's buffer to the end of the packet's room, where the header that is still to be written
 * leaves it alone: a part of it could only be copied by making a view first, for every packet.
 * @returns where its first byte lies; -1: there is no room for all of it
 */
function stageWhole(packet: RtpPacket, bytes: Uint8Array, target: number): number {
  const staged = target + packet.length + CANONICAL_GROWTH - packet.bytes.length;
  if (staged < target) return -1;
  bytes.set(packet.bytes, staged);
  return staged;
}

/** Offset of the data of the dependency descriptor in a packet that write() made, -1 when it has none. */
export function findDependency(bytes: Uint8Array, offset: number): number {
  const at = layoutOf(bytes, offset);
  const head = offset + at.others;
  if (head >= offset + canonicalHeaderLength(bytes, offset)) return -1;
  const id = at.headSize === 1 ? bytes[head] >> 4 : bytes[head];
  return id === DEPENDENCY ? head + at.headSize : -1;
}

/** Length of that data. */
export function dependencyLength(bytes: Uint8Array, offset: number): number {
  const at = layoutOf(bytes, offset);
  const head = offset + at.others;
  return at.headSize === 1 ? (bytes[head] & 0x0f) + 1 : bytes[head + 1];
}

/** Per receiver: which of the hop-by-hop elements it negotiated, and its MID. */
export class ReceiverHeader {
  /** Its characters, in two words: one object less to read for each packet. What is not used is zero. */
  private readonly midLength: number;
  private readonly midFirst: number;
  private readonly midSecond: number;
  private readonly withAbsSendTime: boolean;
  readonly withTransportSequence: boolean;
  readonly withDependency: boolean;

  constructor(mid: string | undefined, headerExtensions: readonly RtpHeaderExtensionParameters[]) {
    const has = (id: number): boolean => headerExtensions.some((extension) => extension.id === id);
    const usable = mid !== undefined && mid.length > 0 && mid.length <= MAX_MID_LENGTH && has(MID);
    const bytes = new Uint8Array(MAX_MID_LENGTH);
    if (usable) for (let index = 0; index < mid.length; index++) bytes[index] = mid.charCodeAt(index);
    this.midLength = usable ? mid.length : 0;
    this.midFirst = readU32(bytes, 0) | 0;
    this.midSecond = readU32(bytes, 4) | 0;
    this.withAbsSendTime = has(ABS_SEND_TIME);
    this.withTransportSequence = has(TRANSPORT_SEQUENCE);
    this.withDependency = has(DEPENDENCY);
  }

  /**
   * Fills the room that CanonicalWriter left; what was not negotiated stays zero, which is padding.
   * @param transportSequence -1: the packet goes without
   */
  apply(bytes: Uint8Array, offset: number, absSendTime: number, transportSequence: number): void {
    const at = layoutOf(bytes, offset);
    const headSize = at.headSize;
    if (this.midLength > 0) {
      const position = offset + at.mid;
      writeElementHead(bytes, position, headSize, MID, this.midLength);
      writeU32(bytes, position + headSize, this.midFirst);
      if (this.midLength > 4) writeU32(bytes, position + headSize + 4, this.midSecond);
    }
    if (this.withAbsSendTime) {
      const position = offset + at.absSendTime;
      writeElementHead(bytes, position, headSize, ABS_SEND_TIME, 3);
      bytes[position + headSize] = absSendTime >>> 16;
      bytes[position + headSize + 1] = absSendTime >>> 8;
      bytes[position + headSize + 2] = absSendTime;
    }
    if (this.withTransportSequence && transportSequence >= 0) {
      const position = offset + at.transportSequence;
      writeElementHead(bytes, position, headSize, TRANSPORT_SEQUENCE, 2);
      writeU16(bytes, position + headSize, transportSequence);
    }
  }
}
