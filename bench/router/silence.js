/**
 * Sound in a large room, where everybody hears everybody: what do those cost who are silent?
 *   node bench/router/silence.js
 * Nanoseconds of processor time for each forwarded packet. Were silent people free, it would not matter how many there
 * are: the last lines compare 100 people with one speaker, who has 99 listeners, to that speaker and those listeners alone.
 */
import { microBench } from '../support/micro-bench.js';
import { audioRoom } from './rooms.js';

const room = (options) => () => audioRoom(options);

microBench({
  title: 'Sound of 100 people, one of whom speaks',
  unit: 'forwarded packet',
  cases: {
    'speaker and 99 listeners': room({ people: 100, producing: 1, speaking: 1, silence: 'nothing' }),
    '99 others silent (send nothing)': room({ people: 100, speaking: 1, silence: 'nothing' }),
    '99 others silent (DTX, 2.5 packets/s)': room({ people: 100, speaking: 1, silence: 'dtx' }),
    '3 of 100 speak': room({ people: 100, speaking: 3, silence: 'nothing' }),
  },
});
