/** The negotiation functions, as pure functions without a worker. */
export { canConsume, getConsumerRtpParameters } from './ortc/consumer-rtp-parameters.js';
export { generateRouterRtpCapabilities } from './ortc/router-rtp-capabilities.js';
export { getConsumableRtpParameters } from './ortc/consumable-rtp-parameters.js';
export { getPipeConsumerRtpParameters } from './ortc/pipe-consumer-rtp-parameters.js';
export { getProducerRtpParametersMapping } from './ortc/producer-mapping.js';
export { validateRtpCapabilities } from './ortc/validate-rtp-capabilities.js';
export { validateRtpParameters } from './ortc/validate-rtp-parameters.js';
