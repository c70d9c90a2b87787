import type { PacketDestination, TransportSink } from '#src/router/environment.js';
import { RtpTransport } from '#src/router/rtp-transport.js';
import type { LinkOptions } from '../netem/link-options.js';
import { Link, type Packet, type PacketReceiver } from '../netem/link.js';
import { WIRE_OVERHEAD } from '../netem/media-packet.js';
import type { VirtualMeeting } from './virtual-meeting.js';

export interface Datagram extends Packet {
  data: Uint8Array;
  rtcp: boolean;
}

/** Both directions of the path between the router and one participant; what is left out is a good network. */
export interface PathOptions {
  /** Towards the participant. */
  down?: Partial<LinkOptions>;
  /** From the participant. */
  up?: Partial<LinkOptions>;
}

const GOOD: LinkOptions = { capacity: [{ at: 0, bps: 50_000_000 }], delayMs: 20 };

/** One transport of the router with the network behind it. The participant is whoever `peer` is. */
export class MeetingTransport implements TransportSink, PacketDestination {
  readonly srtpSender = null;
  rtpDestination: PacketDestination | null = this;
  readonly rtp: RtpTransport;
  readonly down: Link;
  readonly up: Link;
  readonly roundTripMs: number;
  peer: PacketReceiver<Datagram> = { receive: () => undefined };
  private readonly arrivals: PacketReceiver<Datagram> = {
    receive: (_now, datagram) => this.arrived(datagram),
  };

  constructor(
    readonly name: string,
    private readonly meeting: VirtualMeeting,
    path: PathOptions,
  ) {
    const down = { ...GOOD, ...path.down };
    const up = { ...GOOD, ...path.up };
    this.down = new Link(meeting.time, meeting.random.fork(`${name} down`), down);
    this.up = new Link(meeting.time, meeting.random.fork(`${name} up`), up);
    this.roundTripMs = down.delayMs + up.delayMs;
    this.rtp = new RtpTransport(name, meeting.room.router, this, meeting.room.environment);
  }

  /** RTP from the router's batch. */
  collect(data: Uint8Array): void {
    this.down.send(datagram(data, false), this.peer);
  }

  /** RTCP from the router. */
  sendRtcp(bytes: Uint8Array, offset: number, length: number): void {
    this.down.send(datagram(bytes.slice(offset, offset + length), true), this.peer);
  }

  /** From the participant to the router. The router may write into the bytes. */
  send(data: Uint8Array, rtcp: boolean): void {
    this.up.send(datagram(data, rtcp), this.arrivals);
  }

  /** Reasons for which the router dropped something, with counts. */
  get drops(): Record<string, number> {
    const all = Object.entries(this.rtp.drops.snapshot());
    return Object.fromEntries(all.filter(([, count]) => count > 0));
  }

  private arrived({ data, rtcp }: Datagram): void {
    this.meeting.enter((now) => {
      if (rtcp) this.rtp.receiveRtcp(now, data, 0, data.length);
      else this.rtp.receiveRtp(now, data, 0, data.length);
    });
  }
}

function datagram(data: Uint8Array, rtcp: boolean): Datagram {
  return { flow: rtcp ? -1 : 0, bytes: data.length + WIRE_OVERHEAD, data, rtcp };
}
