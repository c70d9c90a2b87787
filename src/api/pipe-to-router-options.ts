import type { TransportListenInfo } from '../worker/entity-types.js';
import type { Consumer } from './consumer.js';
import { UnsupportedError } from './errors.js';
import type { TransportListenIp } from './listen-options.js';
import { Fields } from './ortc/fields.js';
import type { PipeTransportOptions } from './pipe-transport.js';
import type { Producer } from './producer.js';

/** What `router.pipeToRouter()` is told, apart from the other router. */
export interface PipeSettings {
  /** The producer to offer in the other router. */
  producerId?: string;
  /** Data channels are not supported yet: it throws `UnsupportedError`. */
  dataProducerId?: string;
  /** The producer there has the id of the original; to be false for a router of the same worker. Default true. */
  keepId?: boolean;
  /** Where both ends listen; counts for the first call for two routers, like those below. Default UDP on 127.0.0.1. */
  listenInfo?: TransportListenInfo;
  /** Older form of `listenInfo`. */
  listenIp?: TransportListenIp | string;
  /** Without effect: there are no data channels yet. */
  enableSctp?: boolean;
  /** RTX and NACK between the two, which is hardly ever needed on one host. Default false. */
  enableRtx?: boolean;
  /** Default false. */
  enableSrtp?: boolean;
}

export interface PipeToRouterResult {
  /** Of the type 'pipe', in this router. */
  pipeConsumer?: Consumer;
  /** In the other router. */
  pipeProducer?: Producer;
  /** Always undefined: data channels are not supported yet. */
  pipeDataConsumer?: undefined;
  /** Always undefined: data channels are not supported yet. */
  pipeDataProducer?: undefined;
}

/** The checked options of `router.pipeToRouter()`, defaults filled in; without `router`. */
export function readPipeToRouterOptions(options: PipeSettings): {
  producerId: string;
  keepId: boolean;
  transport: PipeTransportOptions;
} {
  const fields = new Fields(options, 'options');
  const producerId = fields.optionalString('producerId');
  const dataProducerId = fields.optionalString('dataProducerId');
  if (producerId !== undefined && dataProducerId !== undefined) {
    throw new TypeError('only one of options.producerId and options.dataProducerId can be given');
  }
  if (dataProducerId !== undefined) {
    throw new UnsupportedError('options.dataProducerId: data channels are not supported yet');
  }
  fields.boolean('enableSctp', true);
  const { listenInfo, listenIp } = options;
  return {
    producerId: producerId ?? fields.fail('producerId', 'the id of a producer of this router'),
    keepId: fields.boolean('keepId', true),
    transport: {
      listenInfo: listenInfo ?? (listenIp ? undefined : { protocol: 'udp', ip: '127.0.0.1' }),
      listenIp,
      enableRtx: fields.boolean('enableRtx', false),
      enableSrtp: fields.boolean('enableSrtp', false),
    },
  };
}
