import t from 'tap';
import { checkPlans } from '../../support/netem/check-plans.js';
import { STEP_PLANS } from '../../support/netem/plans/steps.js';

checkPlans(t, STEP_PLANS);
