/** Which frozen pictures are put down to the machine or the sending browser, and which to the server. */
import t from 'tap';
import type { MediaRecord } from '../support/browser/media-record.js';
import { reasonFor } from '../support/browser/undisturbed.js';

const freeze = { peer: 'Anna', from: 10_000, to: 10_300 };
const nothing: MediaRecord = { freezes: [], cameraGaps: [], heldBack: [] };

function reason(seen: Partial<MediaRecord>, { of = 'Anna', stalls = [] as MediaRecord['heldBack'] } = {}) {
  const records = new Map([
    ['Anna', nothing],
    ['Björn', nothing],
  ]);
  return reasonFor(freeze, { stalls, records: records.set(of, { ...nothing, ...seen }) });
}

t.test('a freeze without anything measured is the server’s', async (t) => {
  t.equal(reason({}), null);
});

t.test('a machine that stood still meanwhile explains a freeze, at another time it does not', async (t) => {
  t.match(reason({}, { stalls: [{ from: 9_900, to: 10_050 }] }), /machine stood still for 150 ms/);
  t.equal(reason({}, { stalls: [{ from: 9_400, to: 9_600 }] }), null);
  t.equal(reason({}, { stalls: [{ from: 10_400, to: 10_600 }] }), null);
});

t.test('so does the camera of the one who is seen, but nobody else’s', async (t) => {
  const cameraGaps = [{ from: 9_950, to: 10_200 }];
  t.match(reason({ cameraGaps }), /camera gave no picture for 250 ms/);
  t.equal(reason({ cameraGaps }, { of: 'Björn' }), null);
});

t.test('a sender that held back before explains it, if the machine was late before that', async (t) => {
  const stalls = [{ from: 9_600, to: 9_650 }];
  const heldBack = [
    { from: 9_800, to: 9_900 },
    { from: 9_900, to: 12_000 },
  ];
  t.match(reason({ heldBack }, { stalls }), /held back its camera after the machine was 50 ms late/);
  t.equal(reason({}, { stalls: [{ from: 10_050, to: 10_100 }] }), null, 'which alone is too short');
  t.equal(reason({ heldBack }), null, 'a server may be the cause');
  t.equal(reason({ heldBack }, { stalls: [{ from: 9_850, to: 9_900 }] }), null, 'the cause comes first');
  t.equal(reason({ heldBack }, { stalls, of: 'Björn' }), null);
  t.equal(reason({ heldBack: [{ from: 10_250, to: 12_000 }] }, { stalls }), null, 'too late to be the cause');
});
