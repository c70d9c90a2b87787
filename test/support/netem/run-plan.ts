import { FEEDBACK_INTERVAL_MS } from '#src/bwe/transport-feedback-sender.js';
import { AdaptiveSender } from './adaptive-sender.js';
import { LayeredSender } from './layered-sender.js';
import { Link } from './link.js';
import { MediaReceiver } from './media-receiver.js';
import type { MediaFlowPlan, Plan } from './plan.js';
import { MediaFlowRecord, type PlanRun } from './plan-run.js';
import { Random } from './random.js';
import { TcpFlow } from './tcp-flow.js';
import { UdpFlow } from './udp-flow.js';
import { VirtualTime } from './virtual-time.js';

export interface RunOptions {
  /** Keep the estimators' explanations in `MediaFlowRecord.trace`. Default false. */
  trace?: boolean;
}

/** Plays a plan from beginning to end: the same plan and seed give the same run. */
export function runPlan(plan: Plan, seed: number, options: RunOptions = {}): PlanRun {
  const time = new VirtualTime();
  const random = new Random(seed).fork(plan.name);
  const links = {
    forward: new Link(time, random.fork('forward'), plan.forward),
    backward: new Link(time, random.fork('backward'), plan.backward),
  };
  const media = plan.flows.map((flow, index) => {
    const way = flow.direction ?? 'forward';
    const there = links[way];
    const back = links[way === 'forward' ? 'backward' : 'forward'];
    const chance = random.fork(`flow ${index}`);
    if (flow.kind === 'udp') new UdpFlow(time, index, flow, there);
    else if (flow.kind === 'tcp') new TcpFlow(time, chance, index, flow, there, back);
    else return startMedia(time, chance, index, flow, there, back, options);
    return null;
  });
  time.run(plan.duration);
  return { plan, seed, forward: links.forward.record, backward: links.backward.record, media };
}

function startMedia(
  time: VirtualTime,
  random: Random,
  index: number,
  plan: MediaFlowPlan,
  there: Link,
  back: Link,
  options: RunOptions,
): MediaFlowRecord {
  const record = new MediaFlowRecord();
  const parts = {
    time,
    random: random.fork('video'),
    flow: index,
    plan,
    link: there,
    record,
    trace: options.trace === true,
  };
  const sender = plan.video.kind === 'layered' ? new LayeredSender(parts) : new AdaptiveSender(parts);
  const phase = random.between(0, FEEDBACK_INTERVAL_MS);
  sender.sendTo(new MediaReceiver(time, record, back, sender, plan.accessDelayMs ?? 0, phase));
  return record;
}
