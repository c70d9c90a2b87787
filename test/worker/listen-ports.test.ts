import t from 'tap';
import { resolveListenInfo } from '#src/worker/listen-ports.js';

const range = { rtcMinPort: 20000, rtcMaxPort: 20010 };
const base = { protocol: 'udp' as const, ip: '127.0.0.1' };

void t.test("ports: a range of its own, else a fixed port, else the worker's range", async (t) => {
  t.match(resolveListenInfo(base, range), { portRange: { min: 20000, max: 20010 } });
  t.match(resolveListenInfo({ ...base, port: 0 }, range), { portRange: { min: 20000, max: 20010 } });
  t.match(resolveListenInfo({ ...base, port: 5000 }, range), { port: 5000, portRange: undefined });
  t.match(resolveListenInfo({ ...base, port: 5000, portRange: { min: 1, max: 2 } }, range), {
    portRange: { min: 1, max: 2 },
  });
  t.match(resolveListenInfo({ ...base, port: 5000, portRange: { min: 0, max: 0 } }, range), { port: 5000 });
});
