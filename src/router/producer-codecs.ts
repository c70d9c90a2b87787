import { isRed } from '../rtp/codecs/red.js';
import { type RtpCodecParameters } from '../rtp/rtp-parameters.js';
import { mediaCodec } from './media-codec.js';
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
  /** The one that a decoder is made for. */
  readonly media: RtpCodecParameters;
  private readonly byPayloadType: (ProducerCodec | undefined)[] = new Array<undefined>(128).fill(undefined);

  constructor({ rtpParameters, rtpMapping }: ProducerSettings) {
    this.media = mediaCodec(rtpParameters.codecs);
    for (const parameters of rtpParameters.codecs) {
      const mapping = rtpMapping.codecs.find((entry) => entry.payloadType === parameters.payloadType);
      if (mapping === undefined) continue;
      const apt = /\/rtx$/i.test(parameters.mimeType) ? Number(parameters.parameters?.['apt']) : undefined;
      const { mappedPayloadType } = mapping;
      this.byPayloadType[parameters.payloadType & 0x7f] = {
        parameters,
        mappedPayloadType,
        apt,
        red: isRed(parameters),
      };
    }
  }

  get(payloadType: number): ProducerCodec | undefined {
    return this.byPayloadType[payloadType];
  }
}
