import type { Rung } from '#src/bwe/congestion-types.js';
import { CongestionController } from '#src/router/congestion-controller.js';
import type { CongestionHost, ControlledStream } from '#src/router/congestion-host.js';
import type { TransportFeedback } from '#src/rtp/rtcp/transport-feedback.js';
import { Timers } from '#src/stream/timers.js';
import { AUDIO_BITRATE } from './media-packet.js';
import { MediaSender, type SenderParts } from './media-sender.js';
import type { LayeredVideo } from './plan.js';

/** A key frame has to be asked for and to come before a higher layer can be sent. */
const KEY_FRAME_WAIT_MS = 150;

/** Forwards simulcast as the product does: its congestion controller chooses the layer, paces and probes. */
export class LayeredSender extends MediaSender implements ControlledStream, CongestionHost {
  readonly timers = new Timers();
  readonly id = 'video';
  readonly kind = 'video';
  readonly priority = 1;
  readonly rungs: readonly Rung[];
  /** Index in `rungs` of what is sent. */
  current = -1;
  private readonly controller: CongestionController;
  private target = -1;
  private targetSince = 0;
  /** What waits in the pacer, by its number. */
  private readonly sizes = new Uint16Array(0x10000);
  private output = 0;

  constructor(parts: SenderParts) {
    super(parts);
    const { initialBitrate, video } = parts.plan;
    this.rungs = (video as LayeredVideo).rungs.map((bitrate, spatialLayer) => ({
      spatialLayer,
      temporalLayer: 0,
      bitrate,
    }));
    this.controller = new CongestionController(this, { feedback: 'transport-cc', initialBitrate });
    if (parts.trace) this.controller.onEstimate = (line) => void parts.record.trace.push(line);
    if (parts.plan.audio !== false) this.controller.addStream(0, new AudioStream(() => this.active));
    this.controller.addStream(0, this);
  }

  // ---- what the controller calls

  override get active(): boolean {
    return super.active;
  }

  updateRungs(): void {
    // They are always the same.
  }

  pathRestored(): void {
    // Nobody decodes it.
  }

  setTargetLayers(now: number, spatialLayer: number): void {
    if (spatialLayer === this.target) return;
    this.target = spatialLayer;
    this.targetSince = now;
    if (spatialLayer < this.current) this.change(spatialLayer);
  }

  bitrate(): number {
    return this.current < 0 ? 0 : this.rungs[this.current].bitrate;
  }

  sendPaced(now: number, output: number, _input: number, _era: number, rtx: boolean, probe: number): number {
    const bytes = this.sizes[output];
    this.controller.sentPaced(now, this.transmit(now, 'video', bytes), bytes, rtx, probe);
    return bytes;
  }

  sendPadding(now: number, bytes: number, probe: number): number {
    this.controller.sentPaced(now, this.transmit(now, 'padding', bytes), bytes, true, probe);
    return bytes;
  }

  sendProbation(now: number, bytes: number, probe: number): number {
    return this.sendPadding(now, bytes, probe);
  }

  traces(): boolean {
    return false;
  }

  trace(): void {
    // Nobody asked for it.
  }

  // ---- what the flow calls

  protected get estimate(): number {
    return this.controller.stats(this.parts.time.now).availableOutgoingBitrate;
  }

  protected get rung(): number {
    return this.active ? this.current : -1;
  }

  protected nextTimeout(): number {
    return this.timers.next;
  }

  protected handleTimeout(now: number): void {
    this.timers.run(now);
  }

  protected receiveFeedback(now: number, feedback: TransportFeedback): void {
    this.controller.receiveFeedback(now, feedback);
  }

  protected receiveRoundTrip(now: number, ms: number): void {
    this.controller.receiveRoundTrip(now, ms);
  }

  protected activeChanged(now: number, active: boolean): void {
    if (active) this.video.requestKeyFrame();
    else this.controller.forget(this);
    this.controller.start(now);
    this.controller.changed(now);
  }

  protected frame(now: number): number {
    if (this.target > this.current && now - this.targetSince >= KEY_FRAME_WAIT_MS) this.change(this.target);
    return this.current < 0 ? 0 : this.video.nextFrame(now);
  }

  protected sendVideo(now: number, bytes: number): void {
    if (this.controller.admits(now)) {
      this.controller.sentDirectly(now, this.transmit(now, 'video', bytes), bytes, false);
      return;
    }
    this.output = (this.output + 1) & 0xffff;
    this.sizes[this.output] = bytes;
    this.controller.enqueue(now, this, this.output, this.output, 0, false, bytes);
  }

  protected sendAudio(now: number, bytes: number): void {
    this.controller.sentDirectly(now, this.transmit(now, 'audio', bytes), bytes, false);
  }

  private change(rung: number): void {
    if (rung < 0) this.controller.forget(this);
    this.current = rung;
    this.video.bitrate = this.bitrate();
    this.video.requestKeyFrame();
  }
}

/** Only counted by the controller. */
class AudioStream implements ControlledStream {
  readonly id = 'audio';
  readonly kind = 'audio';
  readonly priority = 1;
  readonly rungs: readonly Rung[] = [];
  readonly current = -1;

  constructor(private readonly isActive: () => boolean) {}

  get active(): boolean {
    return this.isActive();
  }

  bitrate(): number {
    return AUDIO_BITRATE;
  }

  updateRungs(): void {
    // It has none.
  }

  pathRestored(): void {
    // Sound needs no key frame.
  }

  setTargetLayers(): void {
    // It has none.
  }

  sendPaced(): number {
    return 0;
  }

  sendPadding(): number {
    return 0;
  }
}
