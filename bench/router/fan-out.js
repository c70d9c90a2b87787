/**
 * The forwarding loop without sockets: one VP8 stream of 1,142 bytes a packet to N receivers, with retransmission memory,
 * statistics and header extensions; plain, encrypted, and with the bandwidth of each receiver estimated and its packets
 * paced: `node bench/router/fan-out.js`.
 */
import { microBench } from '../support/micro-bench.js';
import { videoRoom } from './rooms.js';

const cases = {};
for (const receivers of [1, 10, 100]) {
  const name = `${String(receivers).padStart(3)} receivers`;
  cases[`${name}, plain`] = () => videoRoom({ receivers, srtp: false });
  cases[`${name}, AES_CM`] = () => videoRoom({ receivers, srtp: true });
  cases[`${name}, AES_CM, estimated and paced`] = () => videoRoom({ receivers, srtp: true, reports: true });
}
microBench({ title: 'Forwarding loop, without sockets', unit: 'forwarded packet', cases });
