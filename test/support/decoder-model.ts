/** Feeds a layered stream to a filter and judges what comes out: everything forwarded must be decodable. */
import { createLayerFilter } from '#src/router/create-layer-filter.js';
import { type LayerFilter } from '#src/router/layer-filter.js';
import { type LayeredFrame, type LayeredPacket, PacketReader } from './layered-stream.js';

interface Fate {
  frame: LayeredFrame;
  forwarded: number;
  dropped: number;
  /** Packets that need not be forwarded: the filter could not read them, or a later key frame had come before. */
  excused: number;
  markers: number;
}

export class DecoderModel {
  readonly filter: LayerFilter;
  readonly forwarded: LayeredPacket[] = [];
  readonly fates = new Map<number, Fate>();
  private readonly reader: PacketReader;
  private begun = false;
  private keyPicture = 0;

  constructor(mimeType: string, withDescriptor: boolean) {
    this.filter = createLayerFilter(mimeType, withDescriptor);
    this.reader = new PacketReader(mimeType);
  }

  /** @returns whether the packet is forwarded; before the first key frame nothing is */
  receive(packet: LayeredPacket): boolean {
    const forwarded = this.reader.read(packet);
    if (!this.begun) {
      if (!forwarded.keyFrame) return false;
      this.begun = true;
      this.filter.begin(forwarded);
    }
    const fate = this.fateOf(packet.frame);
    const unreadable = packet.descriptor !== null && forwarded.dependency === null;
    if (forwarded.keyFrame) this.keyPicture = Math.max(this.keyPicture, packet.frame.picture);
    if (!this.filter.admits(forwarded)) {
      fate.dropped += 1;
      if (unreadable || packet.frame.picture < this.keyPicture) fate.excused += 1;
      return false;
    }
    fate.forwarded += 1;
    if (this.filter.marker(forwarded)) fate.markers += 1;
    this.forwarded.push(packet);
    return true;
  }

  receiveAll(packets: readonly LayeredPacket[]): void {
    for (const packet of packets) this.receive(packet);
  }

  /** The frames forwarded of one picture, as `spatial.temporal`. */
  layersOf(picture: number): string {
    const layers = [...this.fates.values()]
      .filter((fate) => fate.frame.picture === picture && fate.forwarded > 0)
      .map(({ frame }) => `${frame.spatial}.${frame.temporal}`);
    return layers.join(' ');
  }

  markersOf(picture: number): number {
    return [...this.fates.values()]
      .filter((fate) => fate.frame.picture === picture)
      .reduce((sum, fate) => sum + fate.markers, 0);
  }

  /** What is wrong with what was forwarded; empty when all is well. A reference that never came to us is not our fault. */
  faults(): string[] {
    const faults: string[] = [];
    for (const { frame, forwarded, dropped, excused } of this.fates.values()) {
      const name = `frame ${frame.id} (picture ${frame.picture}, ${frame.spatial}.${frame.temporal})`;
      if (forwarded > 0 && dropped > excused) faults.push(`${name} was forwarded in part`);
      if (forwarded === 0) continue;
      for (const reference of frame.references) {
        const fate = this.fates.get(reference.id);
        if (fate !== undefined && fate.forwarded === 0 && fate.dropped > fate.excused) {
          faults.push(`${name} refers to ${reference.id}, which was left out`);
        }
      }
    }
    return faults;
  }

  private fateOf(frame: LayeredFrame): Fate {
    let fate = this.fates.get(frame.id);
    if (fate === undefined) {
      fate = { frame, forwarded: 0, dropped: 0, excused: 0, markers: 0 };
      this.fates.set(frame.id, fate);
    }
    return fate;
  }
}
