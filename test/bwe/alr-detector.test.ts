import t from 'tap';
import { AlrDetector } from '#src/bwe/alr-detector.js';

function send(alr: AlrDetector, from: number, ms: number, bitrate: number, target: number): void {
  for (let now = from; now < from + ms; now += 10) alr.packetSent(now, (bitrate * 10) / 8000, target);
}

t.test('sending as much as the estimate allows is not limited, sending half of it is', (t) => {
  const alr = new AlrDetector();
  send(alr, 0, 3000, 1_000_000, 1_000_000);
  t.equal(alr.limited, false);
  send(alr, 3000, 3000, 400_000, 1_000_000);
  t.equal(alr.limited, true);
  t.ok(alr.changed >= 3000);
  send(alr, 6000, 3000, 900_000, 1_000_000);
  t.equal(alr.limited, false);
  t.end();
});

t.test('sending nothing is limited too', (t) => {
  const alr = new AlrDetector();
  send(alr, 0, 1000, 1_000_000, 1_000_000);
  alr.update(3000, 1_000_000);
  t.equal(alr.limited, true);
  t.end();
});
