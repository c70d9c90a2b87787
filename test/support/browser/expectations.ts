import type { Test } from 'tap';
import type { Watched } from './meeting-page.js';

/** What "they see and hear each other" means in numbers. */
export function expectGoodMedia(t: Test, viewer: string, watched: readonly Watched[]): void {
  for (const { name, framesPerSecond, freezes, audioEnergy, picture, moved, codec, frameWidth } of watched) {
    const what = `${viewer} receives ${name}`;
    t.comment(
      `${what}: ${codec}, ${frameWidth} wide, ${framesPerSecond.toFixed(1)}/s, brightness ${picture?.brightness.toFixed(0)}`,
    );
    t.ok(framesPerSecond >= 10, `${what}: at least 10 pictures a second, got ${framesPerSecond.toFixed(1)}`);
    t.equal(freezes, 0, `${what}: no freeze`);
    t.ok(picture !== null && picture.brightness > 20, `${what}: the picture is not black`);
    t.ok(moved, `${what}: the picture moves`);
    t.ok(audioEnergy > 0, `${what}: there is sound`);
  }
}
