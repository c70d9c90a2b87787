/** Text of an IP address to its bytes in network order. */
import { isIP } from 'node:net';

/**
 * 4 or 16 bytes. An IPv4-mapped address (`::ffff:192.0.2.1`, what a dual-stack socket reports) gives 4: the peer knows
 * itself by its IPv4 address. A zone (`fe80::1%eth0`) is dropped. Throws a TypeError for anything else.
 */
export function ipAddressBytes(address: string): Uint8Array {
  const zone = address.indexOf('%');
  const text = zone === -1 ? address : address.slice(0, zone);
  const version = isIP(text);
  if (version === 4) return parseIpv4(text);
  if (version === 6) return unmap(parseIpv6(text));
  throw new TypeError(`'${address}' is no IP address`);
}

function parseIpv4(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number);
}

/** The syntax is already checked by isIP(). */
function parseIpv6(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const [head, tail] = text.split('::');
  fillGroups(bytes, 0, head);
  if (tail !== undefined) fillGroups(bytes, 16 - groupBytes(tail), tail);
  return bytes;
}

function fillGroups(bytes: Uint8Array, start: number, groups: string): void {
  if (groups === '') return;
  let at = start;
  for (const group of groups.split(':')) {
    if (group.includes('.')) {
      bytes.set(parseIpv4(group), at);
      at += 4;
    } else {
      const value = Number.parseInt(group, 16);
      bytes[at++] = value >> 8;
      bytes[at++] = value & 0xff;
    }
  }
}

function groupBytes(groups: string): number {
  if (groups === '') return 0;
  return groups.split(':').reduce((sum, group) => sum + (group.includes('.') ? 4 : 2), 0);
}

function unmap(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return bytes;
  return bytes[10] === 0xff && bytes[11] === 0xff ? bytes.slice(12) : bytes;
}
