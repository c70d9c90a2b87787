// Hot path: receive() runs once per received audio packet that somebody listens to. It allocates nothing.
import { AudioLevel, readAudioLevel } from '../rtp/header-extensions.js';
import { type RtpHeaderExtensionParameters } from '../rtp/rtp-parameters.js';
import { type RtpPacket } from '../rtp/rtp-packet.js';
import { type AudioLevelListener, type ObservedProducer } from './rtp-observer.js';

/** How loud a sender says that it is, packet by packet (RFC 6464). */
export class AudioLevelReader {
  private readonly id: number;
  private readonly heard = new AudioLevel();

  constructor(extensions: readonly RtpHeaderExtensionParameters[]) {
    const uri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
    this.id = extensions.find((extension) => extension.uri === uri)?.id ?? 0;
  }

  /** Tells the listeners of the producer, when the packet has a level. */
  receive(now: number, producer: ObservedProducer, packet: RtpPacket): void {
    const listeners: readonly AudioLevelListener[] = producer.audioLevelListeners;
    if (listeners.length === 0 || this.id === 0) return;
    const at = packet.findExtension(this.id);
    if (at < 0 || !readAudioLevel(packet.bytes, at, packet.extensionDataLength, this.heard)) return;
    for (let index = 0; index < listeners.length; index++) {
      listeners[index].audioLevel(now, producer, this.heard.level, this.heard.voice);
    }
  }
}
