/** All plans, played and summed up for a reader. */
import { drawRun } from './draw-run.js';
import { describeGoal, formatNumber, goalMet } from './goals.js';
import {
  directionOf,
  linkUse,
  mediaLoss,
  queueDelayPercentile,
  worstRiseMs,
  type Direction,
} from './measures.js';
import type { Plan } from './plan.js';
import type { PlanRun } from './plan-run.js';
import { ALL_PLANS } from './plans/all.js';
import { runPlan } from './run-plan.js';

export interface Report {
  /** Markdown: the table, then the pictures. */
  text: string;
  pictures: { file: string; svg: string }[];
}

/** Of each figure the worst of all seeds; the picture is of the first one. */
export function writeReport(seeds: readonly number[]): Report {
  const pictures: Report['pictures'] = [];
  const rows: string[] = [];
  const gallery: string[] = [];
  for (const plan of ALL_PLANS) {
    const runs = seeds.map((seed) => runPlan(plan, seed));
    const directions = mediaDirections(plan);
    const missed = missedGoals(runs);
    rows.push(
      row([
        `[${plan.name}](#${anchor(heading(plan))})`,
        plan.title,
        ...figures(runs, directions),
        missed.length === 0 ? 'yes' : `no: ${missed.join('; ')}`,
      ]),
    );
    gallery.push(`### ${heading(plan)}`, '', `Source: ${plan.source}.`, '');
    for (const direction of directions) {
      const file = direction === 'forward' ? `${plan.name}.svg` : `${plan.name}-back.svg`;
      pictures.push({ file, svg: drawRun(runs[0], direction) });
      gallery.push(`![${plan.title}${direction === 'forward' ? '' : ', way back'}](bwe/${file})`, '');
    }
    gallery.push(
      ...plan.goals.map(
        (goal) => `- ${runs.map((run) => describeGoal(goal, goal.measure(run))).at(worstIndex(goal, runs))}`,
      ),
    );
    gallery.push('');
  }
  const header = ['Case', 'What happens', 'Link use', 'Queue delay p95', 'Loss', 'Time to 90%', 'Goals met'];
  const table = [row(header), row(header.map(() => '---')), ...rows];
  const summary = `Seeds ${seeds.join(', ')}; each figure is the worst of them.`;
  return { text: [summary, '', ...table, '', '## Pictures', '', ...gallery].join('\n'), pictures };
}

/** A line per goal, for a terminal. */
export function measure(part: string, seeds: readonly number[]): string[] {
  const lines: string[] = [];
  for (const plan of ALL_PLANS.filter(({ name }) => name.includes(part))) {
    for (const seed of seeds) {
      const run = runPlan(plan, seed);
      for (const goal of plan.goals) {
        const value = goal.measure(run);
        lines.push(
          `${goalMet(goal, value) ? 'met   ' : 'MISSED'} ${plan.name} seed ${seed}: ${describeGoal(goal, value)}`,
        );
      }
    }
  }
  return lines;
}

/** The explanation of the estimate of one media flow, as comma-separated values with a header. */
export function explain(name: string, seed: number, flow: number): string[] {
  const plan = ALL_PLANS.find((candidate) => candidate.name === name);
  if (plan === undefined) {
    throw new Error(
      `no plan is called ${name}; there are ${ALL_PLANS.map((known) => known.name).join(', ')}`,
    );
  }
  const trace = runPlan(plan, seed, { trace: true }).media[flow]?.trace;
  if (trace === undefined) throw new Error(`flow ${flow} of ${name} is no media flow`);
  const columns = [...new Set(trace.flatMap((line) => Object.keys(line)))];
  return [columns.join(','), ...trace.map((line) => columns.map((column) => line[column] ?? '').join(','))];
}

function mediaDirections(plan: Plan): Direction[] {
  const used = plan.flows.filter(({ kind }) => kind === 'media').map(directionOf);
  return (['forward', 'backward'] as const).filter((direction) => used.includes(direction));
}

function figures(runs: PlanRun[], directions: Direction[]): string[] {
  const all = (figure: (run: PlanRun, direction: Direction) => number) =>
    runs.flatMap((run) => directions.map((direction) => figure(run, direction)));
  return [
    formatNumber(Math.min(100, Math.min(...all(linkUse)) * 100), '%'),
    formatNumber(Math.max(...all((run, direction) => queueDelayPercentile(run, direction, 95))), 'ms'),
    `${(Math.max(...all(mediaLoss)) * 100).toFixed(1)}%`,
    formatNumber(Math.max(...all(worstRiseMs)) / 1000, 's'),
  ];
}

function missedGoals(runs: PlanRun[]): string[] {
  return runs[0].plan.goals
    .map((goal) => ({ goal, missed: runs.filter((run) => !goalMet(goal, goal.measure(run))).length }))
    .filter(({ missed }) => missed > 0)
    .map(({ goal, missed }) => `${goal.name} (${missed} of ${runs.length})`);
}

function worstIndex(goal: Plan['goals'][number], runs: PlanRun[]): number {
  const values = runs.map((run) => goal.measure(run));
  const worst = goal.atLeast !== undefined ? Math.min(...values) : Math.max(...values);
  return Math.max(0, values.indexOf(worst));
}

function heading(plan: Plan): string {
  return `${plan.name}: ${plan.title}`;
}

/** As GitHub makes them of headings. */
function anchor(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');
}

function row(cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}
