import type { RtpPacket } from '#src/rtp/rtp-packet.js';
import type { Consumer } from '#src/router/consumer.js';
import type { ConsumerSettings } from '#src/router/settings.js';
import type { VirtualTime } from '../netem/virtual-time.js';
import { AudioReceiver } from './audio-receiver.js';
import { Camera } from './camera.js';
import type { Microphone } from './microphone.js';
import { audioParameters, MAPPED, videoParameters } from './parameters.js';
import { type Playback } from './playback.js';
import { ReceivedStream } from './received-stream.js';
import { VideoReceiver } from './video-receiver.js';
import type { WatchOptions } from './viewer.js';

/** One stream as one viewer gets it. */
export class Watched {
  readonly stream: ReceivedStream;
  readonly video: VideoReceiver | null;
  readonly audio: AudioReceiver | null;
  /** When the viewer asked for key frames. */
  readonly plis: number[] = [];
  /** Media packets as they came: timestamp, length of payload. */
  readonly log: { at: number; sequence: number; timestamp: number; payloadLength: number }[] = [];
  /** Packets without payload in the media stream. */
  fillers = 0;

  constructor(
    time: VirtualTime,
    readonly consumer: Consumer,
    mimeType: string,
    ssrc: number,
  ) {
    const audio = mimeType.startsWith('audio/');
    this.stream = new ReceivedStream(ssrc, audio ? 48_000 : 90_000, !audio);
    this.video = audio ? null : new VideoReceiver(time, mimeType, (sequence) => this.stream.forget(sequence));
    this.audio = audio ? new AudioReceiver() : null;
  }

  static settings(
    viewer: string,
    source: Camera | Microphone,
    ssrc: number,
    mid: string,
    { preferredLayers, paused = false }: WatchOptions,
  ): ConsumerSettings {
    const video = source instanceof Camera;
    const encodings = [
      {
        ssrc,
        rtx: { ssrc: ssrc + 1 },
        ...(video && source.type !== 'simple' && { scalabilityMode: source.scalabilityMode }),
      },
    ];
    return {
      id: `${viewer}-${source.id}`,
      producerId: source.id,
      kind: video ? 'video' : 'audio',
      type: video ? source.type : 'simple',
      rtpParameters: video
        ? videoParameters(source.mimeType, mid, encodings, MAPPED, source.mimeType === 'video/AV1')
        : audioParameters(mid, ssrc, MAPPED),
      consumableRtpEncodings: [],
      paused,
      preferredLayers,
      ignoreDtx: false,
    };
  }

  get playback(): Playback {
    if (this.video === null) throw new Error('not a video');
    return this.video.playback;
  }

  receive(now: number, packet: RtpPacket, repair: boolean): void {
    const sequence = this.stream.receive(now, packet.sequenceNumber, packet.timestamp, repair);
    if (sequence < 0) return;
    const { timestamp, payloadLength } = packet;
    this.log.push({ at: now, sequence, timestamp, payloadLength });
    if (payloadLength === 0) {
      this.fillers += 1;
      return;
    }
    this.video?.receive(sequence, packet);
    this.audio?.receive(now, timestamp);
  }
}
