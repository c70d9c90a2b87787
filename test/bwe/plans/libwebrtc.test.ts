import t from 'tap';
import { checkPlans } from '../../support/netem/check-plans.js';
import { LIBWEBRTC_PLANS } from '../../support/netem/plans/libwebrtc.js';

checkPlans(t, LIBWEBRTC_PLANS);
