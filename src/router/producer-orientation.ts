import { VideoOrientation, readVideoOrientation } from '../rtp/header-extensions.js';
import { type RtpHeaderExtensionParameters } from '../rtp/rtp-parameters.js';
import { type RtpPacket } from '../rtp/rtp-packet.js';

/** Which way up the sender holds its camera (3GPP TS 26.114 7.4.5), told when it changes. */
export class OrientationWatch {
  private readonly id: number;
  private readonly current = new VideoOrientation();
  private readonly next = new VideoOrientation();
  private known = false;

  constructor(
    extensions: readonly RtpHeaderExtensionParameters[],
    private readonly changed: (orientation: { camera: boolean; flip: boolean; rotation: number }) => void,
  ) {
    this.id = extensions.find((extension) => extension.uri === 'urn:3gpp:video-orientation')?.id ?? 0;
  }

  receive(packet: RtpPacket): void {
    if (this.id === 0) return;
    const at = packet.findExtension(this.id);
    if (at < 0) return;
    const { current, next } = this;
    if (!readVideoOrientation(packet.bytes, at, packet.extensionDataLength, next)) return;
    const same =
      next.backCamera === current.backCamera &&
      next.flip === current.flip &&
      next.rotation === current.rotation;
    if (this.known && same) return;
    this.known = true;
    current.backCamera = next.backCamera;
    current.flip = next.flip;
    current.rotation = next.rotation;
    this.changed({ camera: next.backCamera, flip: next.flip, rotation: next.rotation });
  }
}
