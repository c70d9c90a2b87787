/** What the service hands out, shown to a real coturn that docs/deploy/coturn.conf configures. */
import t from 'tap';
import { iceServersFor, type TurnSettings } from '../../../examples/meeting/server/config-turn.js';
import { startTurnServer } from '../../support/browser/turn-server.js';
import { TurnClient } from '../../support/turn-client.js';

const HOUR_MS = 3_600_000;

t.test('coturn takes what the service hands out, and relays to the media of the service alone', async (t) => {
  const turn = await startTurnServer(t, 'tcp');
  const settings: TurnSettings = { urls: [turn.url], secret: turn.secret, lifetimeHours: 1 };
  const allocated = async (change: Partial<TurnSettings>, now: number): Promise<[TurnClient, number]> => {
    const [given] = iceServersFor({ ...settings, ...change }, 'anna', now);
    const client = await TurnClient.connect(t, turn.port, given);
    return [client, await client.allocate()];
  };

  const [client, answer] = await allocated({}, Date.now());
  t.equal(answer, 200);
  t.equal(await client.createPermission('127.0.0.1'), 200, 'where the media is');
  for (const other of ['127.0.0.2', '10.0.0.1', '169.254.169.254', '192.168.1.1', '8.8.8.8', '224.0.0.1']) {
    t.equal(await client.createPermission(other), 403, other);
  }
  t.equal((await allocated({}, Date.now() - 2 * HOUR_MS))[1], 401, 'when its time is over');
  t.equal((await allocated({ secret: 'x'.repeat(64) }, Date.now()))[1], 401, 'made with another secret');
});
