import t from 'tap';
import { checkPlans } from '../../support/netem/check-plans.js';
import { RFC8867_PLANS } from '../../support/netem/plans/rfc8867.js';

checkPlans(t, RFC8867_PLANS);
