/** Who asks, seen through the proxies that the operator trusts. Headers from anybody else are not believed. */
import { BlockList, isIP, isIPv4 } from 'node:net';

export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #none: boolean;

  /** Addresses and networks, `10.0.0.0/8`. Throws a TypeError for what is neither. */
  constructor(entries: readonly string[]) {
    this.#none = entries.length === 0;
    for (const entry of entries) {
      const [address, bits, ...rest] = entry.split('/');
      const version = isIP(address);
      const prefix = bits === undefined ? undefined : Number(bits);
      const badPrefix =
        prefix !== undefined &&
        !(Number.isInteger(prefix) && prefix >= 0 && prefix <= (version === 4 ? 32 : 128));
      if (version === 0 || rest.length > 0 || bits === '' || badPrefix) {
        throw new TypeError(`"${entry}" is neither an IP address nor a network such as 10.0.0.0/8`);
      }
      const family = version === 4 ? 'ipv4' : 'ipv6';
      if (prefix === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, prefix, family);
    }
  }

  trusts(address: string): boolean {
    return !this.#none && isIP(address) !== 0 && this.#list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  }

  /**
   * From the right: each trusted proxy tells who came to it. What stands left of the first untrusted address was written
   * by that one itself and says nothing.
   */
  clientAddress(socketAddress: string, forwardedFor: string): string {
    let current = normalAddress(socketAddress);
    const hops = forwardedFor.split(',').map((hop) => hop.trim());
    while (this.trusts(current) && hops.length > 0) {
      const next = normalAddress(hops.pop()!);
      if (isIP(next) === 0) break;
      current = next;
    }
    return current;
  }

  /** True when the last trusted proxy got the request over TLS. */
  isForwardedTls(socketAddress: string, forwardedProto: string): boolean {
    if (!this.trusts(normalAddress(socketAddress))) return false;
    return forwardedProto.split(',').at(-1)!.trim().toLowerCase() === 'https';
  }
}

/** The shortest writing of an address; IPv4 within IPv6 as IPv4. */
export function normalAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const short = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const [high, low] = [parseInt(mapped[1], 16), parseInt(mapped[2], 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** What shares a limit: an IPv4 address, or the /64 of IPv6 that one subscriber has. */
export function limitKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head, tail = ''] = normalAddress(address).split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.slice(0, 4).join(':');
}
