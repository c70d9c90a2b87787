// @ts-check
/** What people send: sizes and rates of their packets. */

/** @typedef {import('./room.js').Layer} Layer */

/** Speech in Opus. @type {Layer} */
export const SPEECH = { frameRate: 50, packetsPerFrame: 1, size: 112 };

/** Sound packets per second of a speaker, and of somebody silent (Opus with discontinuous transmission). */
export const SPEECH_PPS = SPEECH.frameRate;
export const SILENCE_PPS = 2.5;

/** Three layers of about 100, 400 and 1,100 kbit/s. @type {Layer[]} */
export const SIMULCAST = [
  { frameRate: 15, packetsPerFrame: 1, size: 900, temporalLayers: true },
  { frameRate: 15, packetsPerFrame: 3, size: 1142, temporalLayers: true },
  { frameRate: 30, packetsPerFrame: 4, size: 1142, temporalLayers: true },
];

/**
 * One layer of video.
 * @param {number} packetsPerSecond
 * @returns {Layer}
 */
export function videoLayer(packetsPerSecond) {
  const frameRate = Math.min(30, packetsPerSecond);
  return { frameRate, packetsPerFrame: Math.max(1, Math.round(packetsPerSecond / frameRate)), size: 1142 };
}

/** Of a receiver that nobody reads, base64. */
export const UNREAD_KEY = Buffer.alloc(30, 7).toString('base64');
