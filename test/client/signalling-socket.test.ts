/** What the socket does between the other end's goodbye and the browser's close event. */
import { mock } from 'node:test';
import t from 'tap';
import { SignallingSocket } from '#src/client/signalling-socket.js';
import { CloseCode, SUBPROTOCOL_JSON } from '#src/signalling/protocol.js';

/** Says what it was made to send; closes only when the test says so. */
class SlowSocket {
  static last: SlowSocket;
  readonly OPEN = 1;
  readyState = 1;
  readonly sent: string[] = [];
  readonly closedWith: (number | undefined)[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor() {
    SlowSocket.last = this;
  }

  send(frame: string): void {
    this.sent.push(frame);
  }

  close(code?: number): void {
    this.closedWith.push(code);
  }
}

async function open(): Promise<{ socket: SignallingSocket; slow: SlowSocket; closed: [number, string][] }> {
  const closed: [number, string][] = [];
  const socket = new SignallingSocket({
    ...{ url: 'wss://service.example/signalling', subprotocol: SUBPROTOCOL_JSON },
    WebSocket: SlowSocket as unknown as typeof WebSocket,
    onClosed: (code, reason) => closed.push([code, reason]),
  });
  const opening = socket.open();
  const slow = SlowSocket.last;
  slow.onmessage!({
    data: JSON.stringify({ notification: 'welcome', data: { routerRtpCapabilities: {} } }),
  });
  await opening;
  return { socket, slow, closed };
}

t.test('while it closes nothing is sent, and the close code of the server is what counts', async (t) => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const { socket, slow, closed } = await open();
  mock.timers.tick(4_000);
  t.equal(slow.sent.length, 1, 'a ping');
  slow.onmessage!({ data: JSON.stringify({ id: 1, ok: true, data: {} }) });
  slow.readyState = 2;
  await t.rejects(socket.request('leave', {}), { code: 'connection-lost' });
  mock.timers.tick(4_000);
  await Promise.resolve();
  t.equal(slow.sent.length, 1, 'not a ping either');
  t.strictSame(slow.closedWith, [], 'which is no reason to give it up');
  t.strictSame(closed, []);
  slow.onclose!({ code: CloseCode.Ended, reason: 'over' });
  t.strictSame(closed, [[CloseCode.Ended, 'over']]);
  t.equal(socket.closed, true);
});

t.test('a server that says nothing any more is given up', async (t) => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const { socket, slow, closed } = await open();
  mock.timers.tick(4_000);
  mock.timers.tick(6_000);
  await Promise.resolve();
  await Promise.resolve();
  t.strictSame(closed, [[1006, 'no sign of life']]);
  t.strictSame(slow.closedWith, [4999]);
  t.equal(socket.closed, true);
});
