// Hot path: newPicture() runs once per picture and receiver. It allocates nothing.
import { tsDiff } from '../rtp/sequence.js';
import { type FollowedPacket } from './stream-log.js';

/** How long a picture may be repaired before it is given up: one second of the 90 kHz clock of video. */
const GRACE = 90_000;

/**
 * Notices that a picture which later ones build on is missing for good, by the numbers that codecs keep in clear:
 * TL0PICIDX counts the pictures of temporal layer 0 (RFC 7741 4.2, RFC 9628 4.2). Without it the picture id must do, which
 * counts all pictures: a missing one may be one that nothing builds on, but that cannot be told.
 */
export class BaseLayerWatch {
  /** Such a picture did not come in time: only a key frame helps. */
  broken = false;
  private last = -1;
  private missing = 0;
  private missingSince = 0;

  /** Nothing is missing. */
  get whole(): boolean {
    return this.missing === 0 && !this.broken;
  }

  /** A key frame begins. */
  begin(packet: FollowedPacket): void {
    this.repaired();
    this.last = packet.tl0PicIdx >= 0 ? packet.tl0PicIdx : packet.pictureId;
  }

  /** The key frame that begins the newest pictures has come, out of turn. */
  repaired(): void {
    this.broken = false;
    this.missing = 0;
  }

  /** The first packet of a picture that is newer than all before it. */
  newPicture(packet: FollowedPacket): void {
    const counted = packet.tl0PicIdx >= 0;
    const number = counted ? packet.tl0PicIdx : packet.pictureId;
    if (number < 0) return;
    const half = counted ? 0x80 : 0x4000;
    const ahead = (number - this.last) & (2 * half - 1);
    // Pictures of higher layers carry the number of their base, so they show that it is missing too.
    const lost = counted && packet.temporalLayer > 0 ? ahead : ahead - 1;
    if (this.last >= 0 && ahead < half && lost > 0) {
      if (this.missing === 0) this.missingSince = packet.timestamp;
      this.missing += lost;
    }
    this.last = number;
    if (this.missing > 0 && tsDiff(packet.timestamp, this.missingSince) > GRACE) this.broken = true;
  }

  /** The first packet of a picture that others have overtaken. */
  latePicture(packet: FollowedPacket): void {
    if (this.missing === 0 || (packet.tl0PicIdx >= 0 && packet.temporalLayer > 0)) return;
    this.missing -= 1;
    if (this.missing === 0) this.broken = false;
  }
}
