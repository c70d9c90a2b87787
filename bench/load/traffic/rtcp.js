// @ts-check
/** The few RTCP packets that load clients write and read (RFC 3550, 4585, 5104; transport-wide feedback). */

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const NTP_EPOCH_MS = 2_208_988_800_000;
/** Reference time of feedback: 64 ms; deltas: 250 us. */
const REFERENCE_MS = 64;
const DELTA_MS = 0.25;

/**
 * @param {import('./media-source.js').MediaSource} source
 * @param {number} wallClock Date.now()
 */
export function senderReport(source, wallClock) {
  const packet = header(SENDER_REPORT, 0, 28, source.options.ssrc);
  const ntp = wallClock + NTP_EPOCH_MS;
  packet.writeUInt32BE(Math.floor(ntp / 1000), 8);
  packet.writeUInt32BE(Math.floor((ntp % 1000) * 4_294_967.296), 12);
  packet.writeUInt32BE(source.timestamp, 16);
  packet.writeUInt32BE(source.packets >>> 0, 20);
  packet.writeUInt32BE(source.octets >>> 0, 24);
  return packet;
}

/**
 * A report without loss.
 * @param {number} ownSsrc
 * @param {{ ssrc: number, highest: number }[]} streams highest: extended sequence number
 */
export function receiverReport(ownSsrc, streams) {
  const blocks = streams.slice(0, 31);
  const packet = header(RECEIVER_REPORT, blocks.length, 8 + 24 * blocks.length, ownSsrc);
  blocks.forEach(({ ssrc, highest }, index) => {
    packet.writeUInt32BE(ssrc, 8 + index * 24);
    packet.writeUInt32BE(highest >>> 0, 16 + index * 24);
  });
  return packet;
}

/**
 * Picture loss indication.
 * @param {number} ownSsrc
 * @param {number} mediaSsrc
 */
export function pictureLoss(ownSsrc, mediaSsrc) {
  const packet = header(PAYLOAD_FEEDBACK, 1, 12, ownSsrc);
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}

/**
 * Transport-wide congestion control feedback for packets that all arrived or did not.
 * @param {number} ownSsrc
 * @param {number} mediaSsrc
 * @param {number} count of this feedback packet
 * @param {number} base first transport-wide number
 * @param {(number | undefined)[]} arrivals milliseconds, from `base` on; at least one is there
 */
export function transportFeedback(ownSsrc, mediaSsrc, count, base, arrivals) {
  const first = arrivals.find((arrival) => arrival !== undefined) ?? 0;
  const reference = Math.floor(first / REFERENCE_MS);
  const deltas = [];
  const symbols = [];
  let previous = reference * REFERENCE_MS;
  for (const arrival of arrivals) {
    if (arrival === undefined) {
      symbols.push(0);
      continue;
    }
    const delta = Math.round((arrival - previous) / DELTA_MS);
    previous += delta * DELTA_MS;
    const small = delta >= 0 && delta <= 255;
    symbols.push(small ? 1 : 2);
    deltas.push(small ? Buffer.from([delta]) : int16(Math.max(-32768, Math.min(32767, delta))));
  }
  const chunks = [];
  for (let at = 0; at < symbols.length; at += 7) {
    // Status vector of two-bit symbols.
    let chunk = 0xc000;
    for (let n = 0; n < 7; n++) chunk |= (symbols[at + n] ?? 0) << (12 - 2 * n);
    chunks.push(int16(chunk));
  }
  const body = Buffer.concat([...chunks, ...deltas]);
  const length = 20 + Math.ceil(body.length / 4) * 4;
  const packet = header(TRANSPORT_FEEDBACK, 15, length, ownSsrc);
  packet.writeUInt32BE(mediaSsrc, 8);
  packet.writeUInt16BE(base & 0xffff, 12);
  packet.writeUInt16BE(arrivals.length, 14);
  packet.writeUIntBE(reference & 0xffffff, 16, 3);
  packet[19] = count & 0xff;
  body.copy(packet, 20);
  return packet;
}

/**
 * SSRCs whose sender is asked for a key frame (PLI, FIR).
 * @param {Buffer} compound plain RTCP
 */
export function keyFrameRequests(compound) {
  const wanted = [];
  for (let at = 0; at + 12 <= compound.length;) {
    const end = at + 4 + compound.readUInt16BE(at + 2) * 4;
    const format = compound[at] & 0x1f;
    if (compound[at + 1] === PAYLOAD_FEEDBACK && end <= compound.length) {
      if (format === 1) wanted.push(compound.readUInt32BE(at + 8));
      if (format === 4)
        for (let fci = at + 12; fci + 8 <= end; fci += 8) wanted.push(compound.readUInt32BE(fci));
    }
    at = end;
  }
  return wanted;
}

/** @param {Uint8Array} datagram whether it is RTCP rather than RTP (RFC 5761) */
export function isRtcp(datagram) {
  return datagram[1] >= 192 && datagram[1] <= 223;
}

/**
 * @param {number} type
 * @param {number} count
 * @param {number} length
 * @param {number} ssrc
 */
function header(type, count, length, ssrc) {
  const packet = Buffer.alloc(length);
  packet[0] = 0x80 | count;
  packet[1] = type;
  packet.writeUInt16BE(length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
}

/** @param {number} value */
function int16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value & 0xffff);
  return bytes;
}
