/** One person's bad network is nobody else's: a good viewer does not notice a poor viewer, nor a lossy publisher. */
import t, { type Test } from 'tap';
import { CAMERA, ImpairedCall, type Viewer } from '../support/browser/impaired-call.js';
import { change, type Change } from '../support/browser/reception.js';

const PHASE_MS = 12_000;
/** In the order in which they publish. */
const ANNA = 0;
const BJORN = 1;

t.test('a good viewer of two people', async (t) => {
  const call = await ImpairedCall.open(t, { uplinks: true });
  const good = await call.join({ name: 'good viewer' });
  await settle(good);

  const phase = async (): Promise<Change[]> => {
    const from = good.timeline.at(-1)!;
    await good.watch(PHASE_MS);
    return [ANNA, BJORN].map((index) => change(from, good.timeline.at(-1)!, index));
  };
  const alone = await phase();

  await t.test('with a poor viewer beside', async (t) => {
    const poor = await call.join({ name: 'poor viewer', toClient: { capacity: 150_000, loss: 0.1 } });
    const [anna, bjorn] = await phase();
    await poor.watch(0);
    await poor.leave();
    const lost = poor.proxy.toClient.lostAtRandom + poor.proxy.toClient.lostInQueue;
    t.ok(lost > 50, `the poor viewer missed ${lost} packets`);
    expectUnchanged(t, 'Anna', alone[ANNA], anna);
    expectUnchanged(t, 'Björn', alone[BJORN], bjorn);
  });

  await t.test('with a lossy publisher beside', async (t) => {
    const { uplink } = call.publishers[ANNA];
    const before = uplink!.toServer.lostAtRandom;
    uplink!.change('toServer', { loss: 0.15 });
    const [, bjorn] = await phase();
    uplink!.change('toServer', { loss: 0 });
    const lost = uplink!.toServer.lostAtRandom - before;
    t.ok(lost > 50, `Anna lost ${lost} packets`);
    expectUnchanged(t, 'Björn', alone[BJORN], bjorn);
  });
  await good.leave();
});

/** Until the largest pictures are shown. */
async function settle(viewer: Viewer): Promise<void> {
  const limit = performance.now() + 15_000;
  do await viewer.watch(1_000);
  while (
    performance.now() < limit &&
    viewer.timeline.at(-1)!.video.some(({ frameWidth }) => frameWidth < CAMERA.width)
  );
}

function expectUnchanged(t: Test, person: string, alone: Change, now: Change): void {
  t.comment(`${person}: ${describe(alone)} before, ${describe(now)} meanwhile`);
  t.equal(alone.width, CAMERA.width, `${person} was at full width`);
  t.equal(now.width, CAMERA.width, `${person} is at full width`);
  t.ok(now.frameRate > alone.frameRate * 0.9, `${person} moves as before`);
  t.equal(now.freezes, 0, `${person} does not freeze`);
  t.ok(now.concealed < alone.concealed + 1, `${person} sounds as before`);
  // Chromium makes them for all layers at once, so each change of the poor viewer's layer costs everyone one.
  t.ok(now.keyFrames <= alone.keyFrames + 4, `${person} sends ${now.keyFrames} key frames`);
}

function describe({ width, frameRate, freezes, keyFrames, concealed }: Change): string {
  return (
    `${width} wide at ${frameRate.toFixed(1)}/s, ${freezes} freezes, ${keyFrames} key frames, ` +
    `${concealed.toFixed(1)}% concealed`
  );
}
