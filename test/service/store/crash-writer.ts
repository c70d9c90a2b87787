/**
 * Writes to a store as fast as it can until it is killed, and prints the id of each thing once it is acknowledged:
 * `session <id>`, `lobby <version>`, `audit <sequence>`. Arguments: data folder; database URL or nothing; and, for SQLite, the
 * number of the write to a file at which it kills itself.
 */
import fs from 'node:fs';
import { openStore } from '../../../examples/meeting/server/store/store.js';
import { largeState } from './crash-state.js';
import { aMeeting, aSession, NOW, prepareGround } from './fixtures.js';

const [dataDir, databaseUrl, fatalWrite] = process.argv.slice(2);
const { writeSync } = fs;
if (fatalWrite !== '') killAtWrite(Number(fatalWrite));
const store = await openStore({ dataDir, databaseUrl: databaseUrl === '' ? undefined : databaseUrl });
const ground = await prepareGround(store);
const meeting = await store.meetings.insert(aMeeting(ground, { status: 'open' }));
acknowledge('meeting', meeting.id);

for (let version = 0; ; version++) {
  const session = aSession();
  await store.sessions.insert(session);
  acknowledge('session', session.idHash);

  const entry = await store.transaction(async (tx) => {
    await tx.participants.saveLobby(meeting.id, version, largeState(version + 1), NOW);
    return tx.audit.append({
      organisationId: null,
      at: NOW,
      action: 'lobby.saved',
      actor: 'system',
      meetingId: meeting.id,
      details: { version: version + 1 },
    });
  });
  acknowledge('lobby', version + 1);
  acknowledge('audit', entry.sequence);
}

/** At once, past every buffer: what is printed was acknowledged, whatever comes then. */
function acknowledge(what: string, id: string | number): void {
  writeSync(1, `${what} ${id}\n`);
}

/** Between two pages of a commit, more precisely than any clock could aim. */
function killAtWrite(number: number): void {
  let writes = 0;
  fs.writeSync = ((...parameters: Parameters<typeof fs.writeSync>) => {
    writes += 1;
    if (writes === number) process.kill(process.pid, 'SIGKILL');
    return writeSync(...parameters);
  }) as typeof fs.writeSync;
}
