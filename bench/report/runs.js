// @ts-check
/** Every result that the report is made of: its name, how one run of it is made, and about how long that takes. */

/** @typedef {{ name: string, command: string, seconds: number }} Run */

const FAN_OUT = 'load/main.js fan-out --repeat 1 --seconds 4';

/** One round of these is one run of each. @type {Run[]} */
export const ROUNDS = [
  {
    name: 'fan-out-video',
    command: `${FAN_OUT} --kind video --receivers 200 --pps 600 --size 1142 --targets sluss,mediasoup,sendto`,
    seconds: 70,
  },
  {
    name: 'fan-out-audio',
    command: `${FAN_OUT} --kind audio --receivers 400 --pps 300 --size 112 --targets sluss,mediasoup,sendto`,
    seconds: 72,
  },
  {
    name: 'fan-out-small',
    command: `${FAN_OUT} --kind video --receivers 20 --pps 300 --targets sluss,mediasoup,werift,janus`,
    seconds: 90,
  },
  {
    name: 'viewers',
    command:
      'load/main.js viewers --viewers 100 --video-pps 60 --join-rate 40 --seconds 4 --repeat 1 --targets sluss,mediasoup,janus',
    seconds: 60,
  },
  { name: 'join-storm', command: 'load/main.js join-storm --viewers 200 --repeat 1', seconds: 16 },
  { name: 'meeting', command: 'load/main.js meeting --people 12 --seconds 6 --repeat 1', seconds: 48 },
  { name: 'workers', command: 'load/main.js workers --seconds 3 --repeat 1', seconds: 30 },
  { name: 'pipe', command: 'load/main.js pipe --seconds 4 --repeat 1', seconds: 48 },
  { name: 'srtp', command: 'srtp/protect.js --seconds 0.4', seconds: 22 },
  { name: 'udp-send', command: 'transport/udp-send.js --seconds 1', seconds: 12 },
  { name: 'dtls-handshake', command: 'transport/dtls-handshake.js --seconds 1', seconds: 6 },
  { name: 'router', command: 'router/fan-out.js --seconds 0.5', seconds: 9 },
  { name: 'silence', command: 'router/silence.js --seconds 1', seconds: 10 },
  { name: 'allocations', command: 'router/allocations.js --seconds 1', seconds: 16 },
  { name: 'allocations-worker', command: 'transport/allocations.js --seconds 4', seconds: 15 },
  { name: 'gateway-http', command: 'gateway/http.js --seconds 3 --repeat 1', seconds: 18 },
  { name: 'gateway-page', command: 'gateway/http.js --path /page --seconds 3 --repeat 1', seconds: 18 },
  { name: 'gateway-signalling', command: 'gateway/signalling.js --seconds 5', seconds: 20 },
];

/** Once, whatever the number of rounds. @type {Run[]} */
export const LONG = [
  { name: 'memory', command: 'load/main.js memory --consumers 1000 --seconds 60 --repeat 1', seconds: 150 },
  { name: 'soak', command: 'load/main.js soak --minutes 15', seconds: 915 },
];

/** @param {number} seconds */
export function duration(seconds) {
  const rounded = Math.round(seconds);
  if (rounded < 90) return `${rounded} s`;
  return `${Math.round(rounded / 60)} min`;
}
