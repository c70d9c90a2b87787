import { isIPv4, isIPv6 } from 'node:net';
import { isUnspecified } from './config.js';

/** What of the machine's network interfaces matters here: `os.networkInterfaces()` flattened. */
export interface InterfaceAddress {
  address: string;
  family: string;
  internal: boolean;
}

export interface AddressPlan {
  /** What clients are told to send media to. */
  announced: string;
  /** What to tell the person who starts the server, and what will not work. */
  warnings: string[];
}

/**
 * `host` is where media is received, `hasHttps` whether people reach the pages so. Chooses the address that clients are told, and
 * finds out beforehand where it cannot work: a wrong one shows only as "no picture", on other people's machines.
 */
export function planAddresses(
  host: string,
  announcedAddress: string | undefined,
  interfaces: readonly InterfaceAddress[],
  hasHttps = false,
): AddressPlan {
  const warnings: string[] = [];
  const announced = announcedAddress ?? (isUnspecified(host) ? firstReachable(host, interfaces) : host);
  if (announced === undefined) {
    return {
      announced: isIPv6(host) ? '::1' : '127.0.0.1',
      warnings: [
        'this machine has no network address but its own loopback: only pages on this machine can take part',
      ],
    };
  }
  if (isLoopback(host)) {
    warnings.push(
      `media is received on ${host} only: only pages on this machine can take part. ` +
        'For others set HOST=0.0.0.0 (or, behind a proxy on this machine, RTC_HOST) and ANNOUNCED_ADDRESS to the address at which they reach this machine',
    );
  } else {
    if (isLoopback(announced)) {
      warnings.push(
        `clients are told ${announced}, which on their machines means themselves: set ANNOUNCED_ADDRESS to an address they can reach`,
      );
    } else if (isPrivate(announced)) {
      warnings.push(
        `clients are told ${announced}, an address of a private network: only that network can take part. ` +
          'For others set ANNOUNCED_ADDRESS to the public address',
      );
    }
    if (!hasHttps) {
      warnings.push(
        'browsers give camera and microphone only to pages from https or localhost: put an HTTPS proxy in front for other machines',
      );
    }
  }
  return { announced, warnings };
}

function firstReachable(host: string, interfaces: readonly InterfaceAddress[]): string | undefined {
  const family = isIPv6(host) ? 'IPv6' : 'IPv4';
  const usable = interfaces.filter(
    (one) => !one.internal && one.family === family && !one.address.toLowerCase().startsWith('fe80:'),
  );
  return (usable.find((one) => !isPrivate(one.address)) ?? usable[0])?.address;
}

function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || (isIPv4(address) && address.startsWith('127.'));
}

/** RFC 1918, RFC 6598 (carrier NAT), link-local, and IPv6 unique local addresses. */
function isPrivate(address: string): boolean {
  if (isIPv4(address)) {
    const [a, b] = address.split('.').map(Number);
    return (
      a === 10 ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && b === 168) ||
      (a === 100 && b >= 64 && b < 128) ||
      (a === 169 && b === 254)
    );
  }
  return isIPv6(address) && /^(f[cd]|fe[89ab])/i.test(address);
}
