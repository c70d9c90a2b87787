/** What the parts of congestion control towards one receiver tell each other. All bitrates in bits per second. */

/** One step of quality of one video stream: what it costs to forward everything up to these layers. */
export interface Rung {
  spatialLayer: number;
  temporalLayer: number;
  /** All layers up to this one together; measured, or estimated for a layer that is not being sent at present. */
  bitrate: number;
}

/** A video stream that competes for the bitrate of one transport. */
export interface AllocatedStream {
  /** 1..255, mediasoup's `consumer.setPriority`. */
  readonly priority: number;
  /** Ascending in quality and in bitrate, up to what the application prefers; empty: nothing to send, asks for nothing. */
  readonly rungs: readonly Rung[];
  /** Index in `rungs` of what is being forwarded, -1 when nothing is. */
  readonly current: number;
}

/** A bitrate to try out by sending that fast for a moment (libwebrtc: ProbeClusterConfig). */
export interface ProbeCluster {
  id: number;
  bitrate: number;
  minPackets: number;
  minBytes: number;
  /** Its first packet is to be small padding. Default false. */
  leadIn?: boolean;
}

/** One line of the explanation of an estimate: numbers by name, so that it can be plotted. */
export interface EstimateTrace {
  /** Milliseconds. */
  now: number;
  /** What led to it: 'feedback', 'timeout', 'remb', 'probe'. */
  cause: string;
  /** The estimate after it. */
  targetBitrate: number;
  /** Inputs and states of the parts, such as `trend`, `threshold`, `usage`, `acknowledged`, `loss`, `decision`. */
  [name: string]: number | string;
}
