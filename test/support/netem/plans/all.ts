import type { Plan } from '../plan.js';
import { LIBWEBRTC_PLANS } from './libwebrtc.js';
import { RFC8867_PLANS } from './rfc8867.js';
import { SFU_PLANS } from './sfu.js';
import { STEP_PLANS } from './steps.js';

export const ALL_PLANS: readonly Plan[] = [...RFC8867_PLANS, ...STEP_PLANS, ...SFU_PLANS, ...LIBWEBRTC_PLANS];
