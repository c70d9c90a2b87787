/**
 * What one viewer sees and hears of two people behind bad networks. Most bounds are those of a forwarding unit
 * with libwebrtc's estimator under the same conditions.
 */
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { CAMERA, type Condition, ImpairedCall } from '../support/browser/impaired-call.js';
import { type Reception, receptionTable } from '../support/browser/reception.js';

const WATCH_MS = 20_000;
const SETTLED_MS = 10_000;
const OUTAGE_MS = 2_000;
/** Pixels; of three layers. */
const LOWEST_WIDTH = CAMERA.width / 4;
/**
 * A viewer is entitled to the layers that take no more than this share of the capacity. A tenth is what an estimate stays
 * below it; an upgrade needs 15% headroom, or layers would flap; key frames and repair take the rest.
 */
const FAIR_USE = 0.6;
/** SRTP's tag, UDP and IP around each packet. */
const AROUND_PACKET = 10 + 28;

t.test('one viewer of two people, one network after another', async (t) => {
  const call = await ImpairedCall.open(t);
  const receptions: Reception[] = [];
  const watch = async (condition: Condition): Promise<Reception> => {
    const viewer = await call.join(condition);
    await viewer.watch(WATCH_MS);
    const reception = viewer.reception(SETTLED_MS);
    await viewer.leave();
    receptions.push(reception);
    comment(t, reception);
    return reception;
  };

  for (const [name, capacity] of [
    ['250 kbps', 250_000],
    ['600 kbps', 600_000],
    ['1.5 Mbps', 1_500_000],
    ['5 Mbps', 5_000_000],
  ] as const) {
    // prettier-ignore
    await t.test(name, async (t) => {
      const reception = await watch({ name, toClient: { capacity } });
      const right = await rightWidths(call, capacity);
      t.comment(`right for ${name}: ${right.join(' and ')} wide`);
      // So narrow a network leaves layers swinging between the lowest and the next: the width of one moment says little.
      expectPictures(t, reception, capacity <= 250_000 ? right.map(() => LOWEST_WIDTH) : right);
      if (capacity <= 250_000) {
        t.ok(total(reception.freezes) < 8, `${total(reception.freezes)} freezes, less than 8`);
        t.ok(reception.concealed < 5, `${reception.concealed.toFixed(1)}% concealed, less than 5%`);
      } else {
        expectNoFreeze(t, reception);
        t.ok(reception.concealed < 1, `${reception.concealed.toFixed(1)}% concealed`);
      }
    });
  }

  await t.test('200 ms of delay', async (t) => {
    const reception = await watch({ name: '200 ms delay', toClient: { delay: 200 } });
    expectPictures(t, reception, [CAMERA.width, CAMERA.width]);
    expectNoFreeze(t, reception);
    t.ok(reception.concealed < 1, `${reception.concealed.toFixed(1)}% concealed`);
  });

  await t.test('an outage of 2 s', async (t) => {
    const viewer = await call.join({ name: '2 s outage' });
    await viewer.watch(8_000);
    const before = viewer.reception(4_000);
    viewer.proxy.outage = true;
    await wait(OUTAGE_MS);
    viewer.proxy.outage = false;
    const back = await viewer.untilPicturesMove(3_000);
    await viewer.watch(WATCH_MS - 8_000 - OUTAGE_MS - back);
    const reception = viewer.reception(4_000);
    await viewer.leave();
    receptions.push(reception);
    comment(t, reception);
    t.comment(`both pictures move ${back.toFixed(0)} ms after the outage`);
    t.ok(back < 3_000, `the picture is back after ${back.toFixed(0)} ms`);
    t.same(before.freezes, [0, 0], 'no freeze before');
    t.ok(
      Math.max(...reception.freezes) <= 1,
      `${reception.freezes.join(' and ')} freezes: the outage itself`,
    );
    expectPictures(t, reception, [CAMERA.width, CAMERA.width]);
  });

  await t.test('5% of the packets lost', async (t) => {
    const reception = await watch({ name: '5% loss', toClient: { loss: 0.05 } });
    expectPictures(t, reception, [CAMERA.width, CAMERA.width]);
    expectNoFreeze(t, reception);
    t.ok(reception.concealed < 5.5, `${reception.concealed.toFixed(1)}% concealed, less than 5.5%`);
  });

  t.comment('');
  for (const line of receptionTable(receptions)) t.comment(line);
});

/**
 * The widths that fit, by the bitrates as they are now: the pictures are raised in turns, layer by layer, as long as all
 * of it stays within a fair use of the capacity. Widest first.
 */
async function rightWidths(call: ImpairedCall, capacity: number): Promise<number[]> {
  const layers = await call.layerBitrates();
  const voices = await call.voiceBitrate();
  // 50 packets a second from each voice, one picture a packet or a packet for each 1,100 bytes.
  const onWire = (bitrate: number): number =>
    bitrate + AROUND_PACKET * 8 * Math.max(CAMERA.frameRate, bitrate / 8800);
  const voicesOnWire = voices + layers.length * 50 * AROUND_PACKET * 8;
  const chosen = layers.map(() => 0);
  const needed = (): number =>
    voicesOnWire + layers.reduce((all, bitrates, index) => all + onWire(bitrates[chosen[index]]), 0);
  for (let layer = 1; layer < layers[0].length; layer++) {
    for (let index = 0; index < layers.length; index++) {
      chosen[index] = layer;
      if (needed() > capacity * FAIR_USE) chosen[index] = layer - 1;
    }
  }
  return descending(chosen.map((layer) => CAMERA.width / 2 ** (layers[0].length - 1 - layer)));
}

/** At least so wide, and moving. */
function expectPictures(t: Test, { widths, frameRates }: Reception, right: readonly number[]): void {
  const seen = descending(widths);
  t.ok(
    seen.every((width, index) => width >= right[index]),
    `${seen.join(' and ')} wide, at least ${right.join(' and ')}`,
  );
  for (const rate of frameRates) t.ok(rate > 5, `${rate.toFixed(1)} pictures a second, more than 5`);
}

function expectNoFreeze(t: Test, { freezes }: Reception): void {
  t.same(freezes, [0, 0], 'no freeze');
}

function comment(t: Test, { name, freezesPerMinute, concealed, jitterBuffer }: Reception): void {
  t.comment(
    `${name}: ${freezesPerMinute.toFixed(1)} freezes a minute, ${concealed.toFixed(2)}% concealed, ` +
      `${jitterBuffer.toFixed(0)} ms in the jitter buffer`,
  );
}

function descending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => b - a);
}

function total(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}
