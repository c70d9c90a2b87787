import { createSocket, type Socket } from 'node:dgram';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import t from 'tap';
import { findDirectSending, udpHandleOf } from '#src/transport/udp-handle.js';

t.test('this Node sends directly; it is found out once', async (t) => {
  t.match(await findDirectSending(), { Request: Function, connected: true });
  t.equal(findDirectSending(), findDirectSending());
});

t.test('the handle of a socket, while it has one', async (t) => {
  for (const type of ['udp4', 'udp6'] as const) {
    const socket = createSocket(type);
    socket.bind(0);
    await once(socket, 'listening');
    t.ok(udpHandleOf(socket));
    socket.close();
    t.equal(udpHandleOf(socket), null);
  }
  t.equal(udpHandleOf({} as Socket), null);
});

/** Runs with one thing about dgram changed, as a future Node may have it. */
async function sendPathWith(change: string): Promise<string> {
  const script = `
import dgram from 'node:dgram';
const { UdpPort } = await import('#src/transport/udp-port.js');
const handleOf = (socket) => Object.getOwnPropertySymbols(socket).map((key) => socket[key]).find((state) => state?.handle)?.handle;
const probe = dgram.createSocket('udp4');
const Handle = Object.getPrototypeOf(handleOf(probe));
probe.close();
const real = Handle.send;
${change}
const a = await UdpPort.bind({ ip: '127.0.0.1' });
const b = await UdpPort.bind({ ip: '127.0.0.1' });
const arrived = new Promise((resolve) => { b.onDatagram = (bytes, length) => resolve(length); });
a.send(new Uint8Array(3), 0, 3, a.intern('127.0.0.1', b.port));
if (await arrived === 3) console.log(a.getStats().sendPath);
await Promise.all([a.close(), b.close()]);
`;
  const env = { PATH: process.env.PATH };
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout.trim();
}

t.test('whatever is not as it is known leads to dgram, which works', async (t) => {
  t.equal(await sendPathWith(''), 'handle');
  const changes = {
    'no send6': 'delete Handle.send6;',
    'another argument list': `
      const { send } = dgram.Socket.prototype;
      dgram.Socket.prototype.send = function (...args) {
        const handle = handleOf(this);
        const outer = handle.send;
        handle.send = (...inner) => outer.call(handle, ...inner, 'new');
        send.apply(this, args);
        delete handle.send;
      };
      Handle.send = function (...args) { return real.apply(this, args.slice(0, 6)); };`,
    'a request that cannot be constructed':
      'Handle.send = function (request, ...args) { if (request.callback === undefined) throw new Error("new"); return real.call(this, request, ...args); };',
    'another return value':
      'Handle.send = function (...args) { const result = real.apply(this, args); return result > 0 ? result - 1 : result; };',
    'nothing arrives':
      'Handle.send = function (request, list, ...args) { return request.callback === undefined ? list[0].length + 1 : real.call(this, request, list, ...args); };',
  };
  for (const [name, change] of Object.entries(changes)) t.equal(await sendPathWith(change), 'dgram', name);
});
