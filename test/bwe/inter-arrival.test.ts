import t from 'tap';
import { InterArrival } from '#src/bwe/inter-arrival.js';

t.test('groups of packets sent within 5 ms, and the distance of their ends', (t) => {
  const groups = new InterArrival();
  t.equal(groups.add(0, 0, 100), false);
  t.equal(groups.add(0, 4, 104), false, 'the same group');
  t.equal(groups.add(0, 20, 130), false, 'a second group: there is only one complete one');
  t.equal(groups.add(0, 24, 140), false);
  t.equal(groups.add(0, 40, 160), true, 'a third group completes the second');
  t.equal(groups.sendDelta, 20);
  t.equal(groups.arrivalDelta, 36);
  t.end();
});

t.test('packets sent apart that arrive at once belong together', (t) => {
  const groups = new InterArrival();
  groups.add(0, 0, 100);
  groups.add(0, 20, 120);
  t.equal(groups.add(0, 40, 121), false, 'a burst');
  t.equal(groups.add(0, 60, 122), false);
  t.equal(groups.add(0, 80, 180), true);
  t.equal(groups.sendDelta, 60);
  t.equal(groups.arrivalDelta, 22);
  t.end();
});

t.test('a packet of an older group is left out', (t) => {
  const groups = new InterArrival();
  groups.add(0, 0, 100);
  groups.add(0, 20, 120);
  t.equal(groups.add(0, 1, 200), false);
  t.equal(groups.add(0, 40, 140), true);
  t.equal(groups.arrivalDelta, 20);
  t.end();
});

t.test('a clock that jumps makes it begin anew', (t) => {
  const groups = new InterArrival();
  groups.add(0, 0, 100);
  groups.add(20, 20, 9000);
  t.equal(groups.add(40, 40, 9020), false, 'the jump is no delay');
  groups.add(60, 60, 9040);
  groups.add(80, 80, 9060);
  t.equal(groups.add(100, 100, 9080), true);
  t.equal(groups.arrivalDelta, 20);
  t.end();
});
