/** Limits of the waiting room, and that each limit has an end. The others: rate-limits.test.ts, session-security.test.ts. */
import t from 'tap';
import { LIMITS, type LimitName, RateLimits } from '../../../examples/meeting/server/http/rate-limits.js';
import { BO, book, invitationTo, organiser, startTestService } from '../meetings/test-service.js';

const GUEST = 'Gäst';

/** Asks until it is refused for asking too often; how often it was not. */
async function allowed(ask: () => Promise<string>, atMost: number): Promise<number> {
  for (let count = 0; count <= atMost; count++) if ((await ask()) === '429 rate-limited') return count;
  throw new Error(`asked ${atMost} times without a limit`);
}

t.test('the waiting room and the tickets of one session', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: GUEST }]);
  const bo = service.browser();
  await bo.arrive(invitationTo(meeting, GUEST), BO);
  const leave = (): Promise<string> => bo.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {});
  const most = Math.max(LIMITS.ticket.burst, LIMITS['lobby-session'].burst);
  const tickets = await allowed(leave, most + 5);
  t.ok(tickets <= most, `${tickets} tickets`);
  const other = service.browser();
  await other.signIn({ name: 'Cecilia Ek', personalNumber: '190001019876' });
  t.equal(await other.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '403 forbidden');
});

t.test('every limit has an end and lets people go on', async (t) => {
  for (const name of Object.keys(LIMITS) as LimitName[]) {
    let now = 0;
    const limits = new RateLimits(() => now);
    const { burst, perMinute } = LIMITS[name];
    for (let count = 0; count < burst; count++) limits.take(name, 'x');
    t.throws(() => limits.take(name, 'x'), { code: 'rate-limited' }, name);
    now += 60_000 / perMinute + 1;
    t.doesNotThrow(() => limits.take(name, 'x'), name);
  }
});
