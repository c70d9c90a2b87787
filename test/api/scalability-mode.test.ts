import t from 'tap';
import fc from 'fast-check';
import { parseScalabilityMode as parseByClient } from 'mediasoup-client';
import { parseScalabilityMode } from '#src/api/scalability-mode.js';

const cases: [
  mode: string | undefined | null,
  spatialLayers: number,
  temporalLayers: number,
  ksvc: boolean,
][] = [
  ['L1T3', 1, 3, false],
  ['L3T2_KEY', 3, 2, true],
  ['S2T3', 2, 3, false],
  ['L2T2h', 2, 2, false],
  ['L3T3_KEY_SHIFT', 3, 3, true],
  ['L20T3', 20, 3, false],
  // Three digits, zero layers and other text are no scalability mode.
  ['S200T3', 1, 1, false],
  ['L0T3', 1, 1, false],
  ['l3t3', 1, 1, false],
  ['xL3T3', 1, 1, false],
  ['foo', 1, 1, false],
  ['', 1, 1, false],
  [null, 1, 1, false],
  [undefined, 1, 1, false],
];

for (const [mode, spatialLayers, temporalLayers, ksvc] of cases) {
  t.same(parseScalabilityMode(mode), { spatialLayers, temporalLayers, ksvc }, `${mode}`);
}

t.test('every mode of W3C webrtc-svc is read as mediasoup-client reads it', (t) => {
  const layers = fc.integer({ min: 1, max: 99 });
  const mode = fc
    .tuple(fc.constantFrom('L', 'S'), layers, layers, fc.constantFrom('', 'h', '_KEY', '_KEY_SHIFT'))
    .map(([type, spatial, temporal, suffix]) => `${type}${spatial}T${temporal}${suffix}`);
  fc.assert(
    fc.property(mode, (text) => {
      const { spatialLayers, temporalLayers } = parseByClient(text);
      const parsed = parseScalabilityMode(text);
      return parsed.spatialLayers === spatialLayers && parsed.temporalLayers === temporalLayers;
    }),
  );
  t.pass('all agree');
  t.end();
});
