// @ts-check
/** The kernel's own count of UDP datagrams: the same measure for every server, whatever that server says of itself. */
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} UdpCounters
 * @property {number} sent datagrams that the kernel took from senders
 * @property {number} received datagrams that were read by their receivers
 * @property {number} sendBufferErrors
 * @property {number} receiveBufferErrors datagrams for a socket whose buffer was full; unread sinks always have these
 */

/** @returns {UdpCounters} of this network namespace, IPv4 */
export function udpCounters() {
  const [names, values] = readFileSync('/proc/net/snmp', 'latin1')
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '));
  /** @param {string} name */
  const read = (name) => Number(values[names.indexOf(name)] ?? 0);
  return {
    sent: read('OutDatagrams'),
    received: read('InDatagrams'),
    sendBufferErrors: read('SndbufErrors'),
    receiveBufferErrors: read('RcvbufErrors'),
  };
}
