/** `SEED=<number>` repeats a run. */
import { randomInt } from 'node:crypto';
import t from 'tap';
import { crashRounds } from './crash.js';
import { temporaryFolder } from './temporary-folder.js';

t.test('SQLite: SIGKILL at any moment loses nothing acknowledged', (t) =>
  crashRounds(t, { dataDir: temporaryFolder(t) }, 10, Number(process.env.SEED ?? randomInt(2 ** 31))),
);
