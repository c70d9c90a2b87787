import type { Test } from 'tap';
import { describeGoal, goalMet } from './goals.js';
import type { Plan } from './plan.js';
import { runPlan } from './run-plan.js';

/** Each plan holds for each of them: one lucky run proves nothing. */
export const SEEDS = [1, 2, 3];

/** A subtest per plan and seed with an assertion per goal. */
export function checkPlans(t: Test, plans: readonly Plan[]): void {
  for (const plan of plans) {
    t.test(`${plan.name}: ${plan.title}`, (t) => {
      for (const seed of SEEDS) {
        const run = runPlan(plan, seed);
        for (const record of run.media)
          t.equal(record?.malformedFeedback ?? 0, 0, 'all feedback can be read');
        for (const goal of plan.goals) {
          const value = goal.measure(run);
          t.ok(goalMet(goal, value), `seed ${seed}: ${describeGoal(goal, value)}`);
        }
      }
      t.end();
    });
  }
}
