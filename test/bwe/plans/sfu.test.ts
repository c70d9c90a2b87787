import t from 'tap';
import { checkPlans } from '../../support/netem/check-plans.js';
import { SFU_PLANS } from '../../support/netem/plans/sfu.js';

checkPlans(t, SFU_PLANS);
