import type { Test } from 'tap';
import type { CapacityStep, LinkOptions } from '../netem/link-options.js';
import type { Camera, CameraOptions } from './camera.js';
import type { PathOptions } from './meeting-transport.js';
import type { Microphone } from './microphone.js';
import type { Viewer } from './viewer.js';
import { VirtualMeeting } from './virtual-meeting.js';
import type { Watched } from './watched.js';

/** Two publishers with camera and microphone, and one viewer of all of it. Times are counted from when the viewer comes. */
export interface TwoCameras {
  meeting: VirtualMeeting;
  viewer: Viewer;
  cameras: Camera[];
  microphones: Microphone[];
  videos: Watched[];
  sounds: Watched[];
  /** When the viewer came. */
  from: number;
}

export interface TwoCamerasOptions extends CameraOptions {
  seed?: number;
  /** Of the way to the viewer; bps or steps, from when the meeting begins. */
  capacity: number | CapacityStep[];
  down?: Partial<LinkOptions>;
  up?: Partial<LinkOptions>;
  publisher?: PathOptions;
  /** Bytes of sound in each packet. */
  voiceBytes?: number;
  /** Milliseconds that both have been sending before the viewer comes. Default 1000. */
  warmUpMs?: number;
}

const WARM_UP_MS = 1000;

export function twoCameras(options: TwoCamerasOptions): TwoCameras {
  const { seed, capacity, down, up, publisher, voiceBytes, warmUpMs = WARM_UP_MS, ...camera } = options;
  const meeting = new VirtualMeeting(seed);
  const publishers = ['alice', 'bob'].map((name) => meeting.publisher(name, publisher));
  const cameras = publishers.map((one) => one.camera('camera', camera));
  const microphones = publishers.map((one) => one.microphone('microphone', voiceBytes));
  meeting.run(warmUpMs);
  const steps = typeof capacity === 'number' ? [{ at: 0, bps: capacity }] : capacity;
  const viewer = meeting.viewer('viewer', {
    down: { capacity: steps, delayMs: 25, ...down },
    up: { delayMs: 25, ...up },
  });
  const from = meeting.now;
  const videos = cameras.map((one) => viewer.watch(one));
  const sounds = microphones.map((one) => viewer.listen(one));
  return { meeting, viewer, cameras, microphones, videos, sounds, from };
}

/** Changes of layers that viewers were told of. */
export function layerChanges(meeting: VirtualMeeting, watched: Watched, from: number, to: number): number {
  const events = meeting.events(watched.consumer.id, 'layerschange');
  return events.filter(({ at }) => at >= from && at <= to).length;
}

/** Frames are whole: no packet of another one is in them. */
export function checkIntegrity(t: Test, { videos }: TwoCameras): void {
  for (const { video, consumer } of videos)
    t.same(video?.assembly.faults, [], `${consumer.id}: whole frames`);
}

export function checkSound(t: Test, { sounds }: TwoCameras, from: number, to: number, most = 0.014): void {
  for (const { audio, consumer } of sounds) {
    const concealed = audio!.concealed(from, to);
    t.ok(concealed < most, `${consumer.id}: ${(concealed * 100).toFixed(2)} % concealed`);
  }
}

/** @param longest milliseconds of a freeze that may be */
export function checkFluent(
  t: Test,
  videos: readonly Watched[],
  from: number,
  to: number,
  longest = 500,
): void {
  for (const { playback, consumer } of videos) {
    const freezes = playback.freezes(from, to).filter(({ ms }) => ms > longest);
    t.same(freezes, [], `${consumer.id}: no freeze of more than ${longest} ms`);
  }
}
