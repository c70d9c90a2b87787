/** Milliseconds after which a layer that is quiet is gone. */
export const LAYER_QUIET_MS = 1000;
/** Milliseconds that it may be quiet while another layer of the same picture goes on: then frames come, but not of this. */
export const LAYER_OVERTAKEN_MS = 300;
/** Milliseconds between looks whether the layer being shown still comes. */
export const LAYER_LOOK_MS = 100;
