/** Moving landscapes for the cameras of people who do not exist: hills that glide by under a sun or a moon. */
import { closeSync, openSync, writeSync } from 'node:fs';

const WIDTH = 640;
const HEIGHT = 360;
const FRAME_RATE = 15;
/** The last picture leads over to the first. */
const LOOP_SECONDS = 8;

/** Colours are RRGGBB: the sky from its top to its bottom, the hills from the farthest to the nearest. */
const SCENES = {
  dusk: {
    sky: ['3d405b', 'f2a65a'],
    light: { color: 'ffe8c2', x: 440, y: 130, radius: 34 },
    hills: ['b5576a', '7a4069', '452b53'],
    seed: 0,
  },
  morning: {
    sky: ['6fb1d6', 'fdf0d5'],
    light: { color: 'ffffff', x: 170, y: 95, radius: 30 },
    hills: ['8fb8a8', '4f8a76', '22594d'],
    seed: 2.2,
  },
  night: {
    sky: ['1d3557', '6f9bbf'],
    light: { color: 'f4f1de', x: 500, y: 80, radius: 24 },
    hills: ['4a7396', '34577a', '223d5c'],
    seed: 4.6,
  },
};

/** Writes the scene as a YUV4MPEG2 file, which Chromium takes for a camera. */
export function filmScene(name, path) {
  const scene = SCENES[name];
  const background = paintBackground(scene);
  const frame = new Uint8Array((WIDTH * HEIGHT * 3) / 2);
  const file = openSync(path, 'w');
  writeSync(file, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAME_RATE}:1 Ip A1:1 C420\n`);
  for (let n = 0; n < LOOP_SECONDS * FRAME_RATE; n++) {
    paintFrame(frame, background, scene, n / (LOOP_SECONDS * FRAME_RATE));
    writeSync(file, 'FRAME\n');
    writeSync(file, frame);
  }
  closeSync(file);
}

/** Sky and light stand still: Y, U and V of each pixel. */
function paintBackground({ sky, light }) {
  const [top, bottom, shine] = [sky[0], sky[1], light.color].map(yuvOf);
  const pixels = new Float32Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const distance = Math.hypot(x - light.x, y - light.y);
      const bright = Math.max(clamp(light.radius - distance), 0.55 * Math.exp(-distance / 80));
      for (let part = 0; part < 3; part++) {
        const plain = mix(top[part], bottom[part], clamp(y / 240));
        pixels[(y * WIDTH + x) * 3 + part] = mix(plain, shine[part], bright);
      }
    }
  }
  return pixels;
}

/** `time` runs from 0 to 1 in one loop. */
function paintFrame(frame, background, { hills, seed }, time) {
  const colors = hills.map(yuvOf);
  const planeU = WIDTH * HEIGHT;
  const planeV = planeU + planeU / 4;
  const pixel = [0, 0, 0];
  for (let x = 0; x < WIDTH; x++) {
    const edges = hills.map((_, index) => edgeOf(index, x / WIDTH, time, seed));
    for (let y = 0; y < HEIGHT; y++) {
      const at = y * WIDTH + x;
      for (let part = 0; part < 3; part++) pixel[part] = background[at * 3 + part];
      for (let index = 0; index < edges.length; index++) {
        const covered = clamp(y - edges[index]);
        if (covered === 0) continue;
        const shade = 1.08 - (y / HEIGHT) * 0.25;
        pixel[0] = mix(pixel[0], colors[index][0] * shade, covered);
        pixel[1] = mix(pixel[1], colors[index][1], covered);
        pixel[2] = mix(pixel[2], colors[index][2], covered);
      }
      frame[at] = pixel[0];
      if (x % 2 === 0 && y % 2 === 0) {
        const chroma = (y / 2) * (WIDTH / 2) + x / 2;
        frame[planeU + chroma] = pixel[1];
        frame[planeV + chroma] = pixel[2];
      }
    }
  }
}

/** Where a hill begins, in pixels from the top. The nearer, the lower, the steeper and the faster. */
function edgeOf(index, x, time, seed) {
  const phase =
    2 * Math.PI * (x * (1 + index * 0.5) + (index + 1) * time) + index * 2 + seed * (1 + index * 0.7);
  return (
    190 + index * 55 + (22 + index * 4) * Math.sin(phase) + (9 + index * 2) * Math.sin(2 * phase + 1 + seed)
  );
}

/** BT.601, limited range: what Chromium expects of a camera. */
function yuvOf(color) {
  const [r, g, b] = [0, 2, 4].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);
  const luma = 0.299 * r + 0.587 * g + 0.114 * b;
  return [16 + 219 * luma, 128 + (224 * (b - luma)) / 1.772, 128 + (224 * (r - luma)) / 1.402];
}

function mix(a, b, share) {
  return a + (b - a) * share;
}

function clamp(value) {
  return Math.min(1, Math.max(0, value));
}
