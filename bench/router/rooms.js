/** Rooms for the benchmarks of the forwarding loop. Each gives a turn: time passes, packets come in and go out. */
import { TransportFeedbackSender } from '../../dist/bwe/transport-feedback-sender.js';
import { ActiveSpeakerObserver } from '../../dist/router/active-speaker-observer.js';
import { readTransportSequence } from '../../dist/rtp/header-extensions.js';
import { RtpPacket } from '../../dist/rtp/rtp-packet.js';
import { EXTENSION_IDS } from '../load/traffic/media-source.js';
import { audioConsumer, audioProducer, TRANSPORT_WIDE_ID, videoConsumer, videoProducer } from './settings.js';
import { VirtualRouter } from './virtual-router.js';
import { AudioWire, VideoWire } from './wire.js';

const VIDEO_SSRC = 1111;
const VIDEO_PPS = 600;
const FEEDBACK_MS = 50;
const AUDIO_MS = 20;
/** Between two packets of somebody silent whose browser uses discontinuous transmission. */
const DTX_MS = 400;
const OBSERVER_INTERVAL_MS = 300;

/**
 * One VP8 stream of 600 packets per second to N receivers.
 * @param {{ receivers: number, srtp: boolean, reports?: boolean }} options reports: transport-wide feedback comes back, so
 *   that every receiver's bandwidth is estimated and its packets are paced
 * @returns {() => number} one packet in; how many went out
 */
export function videoRoom({ receivers, srtp, reports = false }) {
  const virtual = new VirtualRouter();
  const sender = virtual.transport('sender', false);
  sender.produce(virtual.now, videoProducer('video', VIDEO_SSRC, EXTENSION_IDS));
  const viewers = Array.from({ length: receivers }, (_, n) => {
    const transport = virtual.transport(`receiver-${n}`, srtp);
    if (reports) transport.egress.initialBitrate = 20_000_000;
    transport.consume(virtual.now, videoConsumer(`consumer-${n}`, 'video', 5000 + 2 * n, reports));
    return transport;
  });
  const report = reports ? reporting(virtual, viewers) : null;
  const video = new VideoWire();
  return () => {
    const before = virtual.sent;
    virtual.advance(1000 / VIDEO_PPS);
    sender.receiveRtp(virtual.now, video.next(), 0, video.length);
    virtual.flush();
    if (report !== null) report();
    return virtual.sent - before;
  };
}

/**
 * Everybody hears everybody; as many speak as wanted, the others are silent.
 * @param {{ people: number, producing?: number, speaking: number, silence: 'nothing' | 'dtx', observed?: boolean }} options
 *   producing: who has a microphone at all, default: everybody; observed: the router tells who speaks
 * @returns {() => number} 20 ms pass, one packet of each speaker; how many went out
 */
export function audioRoom({ people, producing = people, speaking, silence, observed = true }) {
  const virtual = new VirtualRouter();
  const everybody = Array.from({ length: people }, (_, n) => {
    const transport = virtual.transport(`person-${n}`, true);
    const ssrc = 20_000 + 2 * n;
    if (n < producing) transport.produce(virtual.now, audioProducer(`audio-${n}`, ssrc, EXTENSION_IDS));
    return { transport, voice: new AudioWire(ssrc) };
  });
  const microphones = everybody.slice(0, producing);
  let ssrc = 100_000;
  for (let listener = 0; listener < people; listener++) {
    for (let n = 0; n < producing; n++) {
      if (n === listener) continue;
      const settings = audioConsumer(`consumer-${listener}-${n}`, `audio-${n}`, ssrc++);
      everybody[listener].transport.consume(virtual.now, settings);
    }
  }
  if (observed) observe(virtual, producing);
  // Also who is silent now has spoken before.
  for (const person of microphones) say(virtual, person);
  let turns = 0;
  return () => {
    const before = virtual.sent;
    virtual.advance(AUDIO_MS);
    for (let n = 0; n < speaking; n++) say(virtual, everybody[n]);
    if (silence === 'dtx') {
      // Spread evenly over the time between two packets of each.
      const slots = DTX_MS / AUDIO_MS;
      for (let n = speaking + (turns % slots); n < producing; n += slots) say(virtual, everybody[n]);
    }
    turns++;
    virtual.flush();
    return virtual.sent - before;
  };
}

function say(virtual, { transport, voice }) {
  transport.receiveRtp(virtual.now, voice.next(), 0, voice.length);
}

function observe(virtual, producing) {
  const observer = new ActiveSpeakerObserver('speakers', virtual.router, virtual.environment, {
    interval: OBSERVER_INTERVAL_MS,
  });
  for (let n = 0; n < producing; n++) observer.addProducer(virtual.now, `audio-${n}`);
}

/** What the receivers say of what they got, every 50 ms; all of it arrived, 20 ms after it left. */
function reporting(virtual, viewers) {
  const packet = new RtpPacket();
  const reporters = new Map(viewers.map((transport) => [transport, new TransportFeedbackSender()]));
  const rtcp = new Uint8Array(1500);
  virtual.onLeaving = (batch, index) => {
    packet.parse(batch.bytes, batch.offsets[index], batch.lengths[index]);
    const at = packet.findExtension(TRANSPORT_WIDE_ID);
    const number = readTransportSequence(batch.bytes, at, packet.extensionDataLength);
    const reporter = reporters.get(batch.destinations[index].transport);
    if (number >= 0 && reporter !== undefined) reporter.record(virtual.now + 20, number);
  };
  let nextReport = FEEDBACK_MS;
  return () => {
    if (virtual.now < nextReport) return;
    nextReport += FEEDBACK_MS;
    for (let n = 0; n < viewers.length; n++) {
      const length = reporters.get(viewers[n]).write(rtcp, 0, 1, 2);
      if (length > 0) viewers[n].receiveRtcp(virtual.now, rtcp, 0, length);
    }
    virtual.flush();
  };
}
