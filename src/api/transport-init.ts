/** What transports are made of, and what they make their consumers of. Not public. */
import type { RtpCapabilities } from '../rtp/rtp-parameters.js';
import type { ConsumerSettings } from '../router/settings.js';
import type { Channel } from '../worker/channel.js';
import type { AppData } from './app-data.js';
import type { Producer } from './producer.js';

/** What a transport needs of its router. */
export interface TransportRouter {
  readonly rtpCapabilities: RtpCapabilities;
  findProducer(producerId: string): Producer | undefined;
  addProducer(producer: Producer): void;
  removeProducer(producer: Producer): void;
}

/** What a router makes a transport of. */
export interface TransportInit<TransportAppData extends AppData> {
  id: string;
  channel: Channel;
  router: TransportRouter;
  appData: TransportAppData;
  onClose: () => void;
}

/** What a consumer is to be, as far as it was negotiated. */
export type NegotiatedConsumer = Pick<
  ConsumerSettings,
  'type' | 'rtpParameters' | 'paused' | 'preferredLayers' | 'ignoreDtx'
>;
