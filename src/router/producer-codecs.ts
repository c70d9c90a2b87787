import { type RtpCodecParameters } from '../rtp/rtp-parameters.js';
import { isRed } from '../rtp/codecs/red.js';
import { type ProducerSettings } from './settings.js';

/** One payload type of a sender. */
export interface ProducerCodec {
  readonly parameters: RtpCodecParameters;
  /** The router's payload type for it. */
  readonly mappedPayloadType: number;
  /** For RTX: the payload type that it repairs. */
  readonly apt: number | undefined;
  readonly red: boolean;
}

/** The payload types of a producer as its sender numbers them. */
export class ProducerCodecs {
  /** The first that is not RTX. */
  readonly media: RtpCodecParameters;
  private readonly byPayloadType: (ProducerCodec | undefined)[] = new Array<undefined>(128).fill(undefined);

  constructor({ id, rtpParameters, rtpMapping }: ProducerSettings) {
    const media = rtpParameters.codecs.find((entry) => !/\/rtx$/i.test(entry.mimeType));
    if (media === undefined) throw new Error(`producer ${id} has no media codec`);
    this.media = media;
    for (const parameters of rtpParameters.codecs) {
      const mapping = rtpMapping.codecs.find((entry) => entry.payloadType === parameters.payloadType);
      if (mapping === undefined) continue;
      const apt = /\/rtx$/i.test(parameters.mimeType) ? Number(parameters.parameters?.['apt']) : undefined;
      const { mappedPayloadType } = mapping;
      this.byPayloadType[parameters.payloadType & 0x7f] = { parameters, mappedPayloadType, apt, red: isRed(parameters) };
    }
  }

  get(payloadType: number): ProducerCodec | undefined {
    return this.byPayloadType[payloadType];
  }
}
