/**
 * Bytes around each RTP packet: IPv4 and UDP headers and the SRTP tag. Rates are counted with them, because small packets
 * (audio, probes) are up to a third overhead, and a probe counted without would find a third too little.
 */
export const PACKET_OVERHEAD = 38;
