import { type CoreEnvironment } from '../router/environment.js';

/** What every transport shares with its worker: the pure core's environment, and the clock that the core does not have. */
export interface TransportContext {
  readonly core: CoreEnvironment;
  /** Monotonic milliseconds. */
  now(): number;
  /** A datagram was handled: send what waits in the batch and look at the deadlines again. */
  endTurn(): void;
}
