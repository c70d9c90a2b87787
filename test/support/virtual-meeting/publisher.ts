import { Nack } from '#src/rtp/rtcp/nack.js';
import { Pli } from '#src/rtp/rtcp/pli.js';
import { PayloadFeedbackFormat, RtcpReader, RtcpType, RtpFeedbackFormat } from '#src/rtp/rtcp/rtcp-reader.js';
import type { MediaKind, ProducerType, RtpParameters } from '#src/rtp/rtp-parameters.js';
import type { Producer } from '#src/router/producer.js';
import type { Random } from '../netem/random.js';
import { Camera, type CameraOptions } from './camera.js';
import type { Datagram, MeetingTransport } from './meeting-transport.js';
import { Microphone } from './microphone.js';
import { MAPPED } from './parameters.js';
import { SentStream } from './sent-stream.js';
import type { VirtualMeeting } from './virtual-meeting.js';

/** One who sends: what its browser does with what the router asks for. */
export class Publisher {
  readonly random: Random;
  private readonly clockOffset: number;
  private readonly reader = new RtcpReader();
  private readonly pli = new Pli();
  private readonly nack = new Nack();
  private readonly cameras: Camera[] = [];

  constructor(
    readonly meeting: VirtualMeeting,
    readonly transport: MeetingTransport,
  ) {
    this.random = meeting.random.fork(`${transport.name} media`);
    this.clockOffset = 1_650_000_000_000 + this.random.between(0, 1e9);
    transport.peer = { receive: (_now, datagram) => this.receive(datagram) };
  }

  /** One way. */
  get delayMs(): number {
    return this.transport.roundTripMs / 2;
  }

  camera(name = 'camera', options: CameraOptions = {}): Camera {
    const camera = new Camera(this, `${this.transport.name}-${name}`, options);
    this.cameras.push(camera);
    return camera;
  }

  /** @param payloadBytes of each packet */
  microphone(name = 'microphone', payloadBytes?: number): Microphone {
    return new Microphone(this, `${this.transport.name}-${name}`, payloadBytes);
  }

  /** When something that happens every so often begins. */
  phase(intervalMs: number): number {
    return this.random.between(0, intervalMs);
  }

  stream(mid: string, rid: string, payloadType: number, clockRate: number): SentStream {
    const options = {
      ssrc: this.meeting.nextSsrc(),
      mid,
      rid,
      payloadType,
      clockRate,
      firstSequence: Math.floor(this.random.between(0, 0x10000)),
      firstTimestamp: Math.floor(this.random.between(0, 2 ** 32)),
      clockOffset: this.clockOffset,
    };
    return new SentStream(options, (data, rtcp) => this.transport.send(data, rtcp));
  }

  produce(id: string, kind: MediaKind, type: ProducerType, rtpParameters: RtpParameters): Producer {
    const { codecs, encodings = [] } = rtpParameters;
    const rtpMapping = {
      codecs: codecs.map(({ payloadType }) => ({ payloadType, mappedPayloadType: payloadType + MAPPED })),
      encodings: encodings.map((encoding, index) => ({ ...encoding, mappedSsrc: 9000 + index })),
    };
    return this.meeting.enter((now) =>
      this.transport.rtp.produce(now, {
        id,
        kind,
        type,
        rtpParameters,
        rtpMapping,
        keyFrameRequestDelay: 0,
        paused: false,
      }),
    );
  }

  private receive({ data, rtcp }: Datagram): void {
    if (!rtcp) throw new Error('media was sent to a publisher');
    const { reader, pli, nack } = this;
    reader.begin(data, 0, data.length);
    while (reader.next()) {
      const { packetType, count, packetOffset, packetLength } = reader;
      if (packetType === RtcpType.PSFB && count === PayloadFeedbackFormat.Pli) {
        pli.parse(data, packetOffset, packetLength);
        for (const camera of this.cameras) camera.receivePli(pli.mediaSsrc);
      } else if (packetType === RtcpType.RTPFB && count === RtpFeedbackFormat.Nack) {
        nack.parse(data, packetOffset, packetLength);
        this.answer(nack);
      }
    }
  }

  private answer(nack: Nack): void {
    for (let number = nack.next(); number >= 0; number = nack.next()) {
      for (const camera of this.cameras) camera.receiveNack(nack.mediaSsrc, number);
    }
  }
}
