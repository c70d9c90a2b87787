/**
 * Milliseconds that a layer may be behind while another one of the same picture goes on: then frames come, but not of this
 * layer. When nothing comes at all (a still screen, a stalled uplink) no layer is gone.
 */
export const LAYER_OVERTAKEN_MS = 300;
/** Milliseconds between looks whether the layer being shown still comes. */
export const LAYER_LOOK_MS = 100;
