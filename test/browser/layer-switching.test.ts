/** Layers are switched every second for a minute, for every codec that Chromium has, and the picture never stumbles. */
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { types as clientTypes } from 'mediasoup-client';
import { createWorker, type types } from 'sluss';
import { launchChromium } from '../support/browser/browsers.js';
import { MediaPage, type Sample } from '../support/browser/media-page.js';
import { until } from '../support/browser/until.js';

const SWITCHES = 60;
const LONGEST_GAP_MS = 500;
/** The smallest picture of which Chromium sends two spatial layers. */
const CAMERA = { width: 480, height: 270, frameRate: 15 };

interface Course {
  name: string;
  codec: string;
  encodings: clientTypes.RtpEncodingParameters[];
  /** False: what is sent has one temporal layer. */
  temporalLayers: boolean;
}

const simulcast = (scalabilityMode: string): clientTypes.RtpEncodingParameters[] => [
  { rid: 'r0', scaleResolutionDownBy: 2, maxBitrate: 100_000, scalabilityMode },
  { rid: 'r1', scaleResolutionDownBy: 1, maxBitrate: 250_000, scalabilityMode },
];
const svc = (scalabilityMode: string): clientTypes.RtpEncodingParameters[] => [
  { maxBitrate: 350_000, scalabilityMode },
];

const courses: Course[] = [
  { name: 'VP8 simulcast', codec: 'video/VP8', encodings: simulcast('L1T3'), temporalLayers: true },
  { name: 'H264 simulcast', codec: 'video/H264', encodings: simulcast('L1T1'), temporalLayers: false },
  { name: 'VP9 SVC', codec: 'video/VP9', encodings: svc('L2T3_KEY'), temporalLayers: true },
  { name: 'AV1 SVC', codec: 'video/AV1', encodings: svc('L2T3_KEY'), temporalLayers: true },
];

/** One follows the other, spatial and temporal layer in turns. */
const STEPS: Required<types.ConsumerLayers>[] = [
  { spatialLayer: 1, temporalLayer: 2 },
  { spatialLayer: 0, temporalLayer: 2 },
  { spatialLayer: 0, temporalLayer: 0 },
  { spatialLayer: 1, temporalLayer: 0 },
  { spatialLayer: 1, temporalLayer: 1 },
  { spatialLayer: 0, temporalLayer: 1 },
];

interface Step {
  wanted: Required<types.ConsumerLayers>;
  /** As the step ended. */
  sample: Sample;
  /** Of the second half of the step, when the switch is over. */
  frameRate: number;
}

interface Run {
  before: Sample;
  steps: Step[];
  /** Events of the consumer. */
  changes: number;
}

t.test(`${SWITCHES} switches, one a second`, async (t) => {
  const worker = await createWorker();
  t.teardown(() => worker.close());
  const router = await worker.createRouter({ mediaCodecs });
  const browser = await launchChromium(t);
  const stage = await MediaPage.open(browser, router);
  const audience = await MediaPage.open(browser, router);
  // Two at a time: four encoders want more than two processors give.
  for (const pair of [courses.slice(0, 2), courses.slice(2)]) {
    const runs = await Promise.allSettled(pair.map((course) => switchLayers(course, stage, audience)));
    for (const [index, run] of runs.entries()) {
      await t.test(pair[index].name, async (t) => {
        if (run.status === 'rejected') throw run.reason;
        judge(t, pair[index], run.value);
      });
    }
  }
});

const mediaCodecs: types.RouterOptions['mediaCodecs'] = [
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90000 },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90000 },
];

/** Null: this Chromium cannot send it. */
async function switchLayers(course: Course, stage: MediaPage, audience: MediaPage): Promise<Run | null> {
  if (!(await stage.canSend(course.codec))) return null;
  const up = await stage.createTransport('send');
  const camera = await stage.publishCamera(up, { ...CAMERA, ...course });
  await untilSent(stage, camera, course);
  const down = await audience.createTransport('recv');
  const [consumer] = await audience.consume(down, [{ person: 'sender', producer: camera }]);
  const sample = async (): Promise<Sample> =>
    (await audience.samples()).find(({ consumerId }) => consumerId === consumer.id)!;
  // Begins at the top, well seen.
  await until(`${course.name} in full`, async () => (await sample()).frameWidth === CAMERA.width);

  let changes = 0;
  consumer.on('layerschange', () => changes++);
  await audience.forgetGaps(consumer.id);
  const before = await sample();
  const steps: Step[] = [];
  for (let n = 1; n <= SWITCHES; n++) {
    const wanted = STEPS[n % STEPS.length];
    const end = performance.now() + 1000;
    await consumer.setPreferredLayers(wanted);
    await wait(500);
    const half = await sample();
    await wait(end - performance.now());
    const last = await sample();
    const frameRate = ((last.framesDecoded - half.framesDecoded) * 1000) / (last.at - half.at);
    steps.push({ wanted, sample: last, frameRate });
  }
  await stage.closeTransport(up);
  await audience.closeTransport(down);
  return { before, steps, changes };
}

function judge(t: Test, course: Course, run: Run | null): void {
  if (run === null) {
    t.comment(`this Chromium has no ${course.codec} encoder`);
    return;
  }
  const { before, steps, changes } = run;
  const after = steps.at(-1)!.sample;
  const decoded = after.framesDecoded - before.framesDecoded;
  const asked = after.pliCount - before.pliCount;
  const frozen = after.totalFreezesDuration - before.totalFreezesDuration;
  const freezes = after.freezeCount - before.freezeCount;
  const asWanted = steps.filter(
    ({ wanted, sample }) => sample.frameWidth === CAMERA.width / 2 ** (1 - wanted.spatialLayer),
  ).length;
  t.comment(
    `${course.name}: ${decoded} pictures, longest gap ${after.longestGap.toFixed(0)} ms, ${freezes} freezes of ` +
      `${frozen.toFixed(2)} s together, ${asked} picture losses, ${asWanted} of ${steps.length} in time`,
  );
  t.ok(after.longestGap <= LONGEST_GAP_MS, `longest gap ${after.longestGap.toFixed(0)} ms`);
  t.ok(frozen <= (LONGEST_GAP_MS / 1000) * freezes, `${freezes} freezes, ${frozen.toFixed(2)} s together`);
  t.equal(asked, 0, 'no picture was lost: the decoder could use everything');
  t.ok(asWanted >= steps.length * 0.9, `${asWanted} of ${steps.length} switches done within their second`);
  t.ok(changes >= SWITCHES * 0.45, `${changes} layer changes were told`);
  if (!course.temporalLayers) return;
  const rate = (temporalLayer: number): number => {
    const some = steps.filter(({ wanted }) => wanted.temporalLayer === temporalLayer);
    return some.reduce((sum, { frameRate }) => sum + frameRate, 0) / some.length;
  };
  const rates = [0, 1, 2].map(rate);
  t.comment(`${course.name}: ${rates.map((one) => one.toFixed(1)).join(', ')} pictures a second`);
  t.ok(rates[2] > CAMERA.frameRate * 0.8, 'all pictures at the top');
  t.ok(rates[1] < rates[2] * 0.75, 'fewer in the middle');
  t.ok(rates[0] < rates[1] * 0.75, 'and fewer at the bottom');
}

/** Until the browser sends all layers. */
async function untilSent(
  stage: MediaPage,
  camera: types.Producer,
  { codec, encodings }: Course,
): Promise<void> {
  await until(`all layers of ${codec}`, async () => {
    const sending = await stage.sending(camera);
    const whole = sending.filter(({ framesPerSecond = 0 }) => framesPerSecond > 0);
    const wide = sending.some(({ frameWidth }) => frameWidth === CAMERA.width);
    return wide && whole.length === encodings.length;
  });
}
