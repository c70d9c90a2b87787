import t from 'tap';
import { ForwardedPacket } from '#src/router/forwarded-packet.js';
import { LOG_SIZE, LoggedPacket, StreamLog } from '#src/router/stream-log.js';

type Fields = Record<string, unknown>;

/** A packet of which no field is as in a new one. */
function unlikeNew(): ForwardedPacket {
  const packet = new ForwardedPacket();
  const fields = packet as unknown as Fields;
  let number = 100;
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'boolean') fields[name] = !value;
    if (typeof value === 'number') fields[name] = number++;
  }
  return packet;
}

t.test('every field of what is left of a packet is filled from it', (t) => {
  const log = new StreamLog('video/H264');
  const packet = unlikeNew();
  log.add(12_345, packet, new Uint8Array(0));
  const initial = new LoggedPacket() as unknown as Fields;
  const { now, ...left } = log.at(0) as unknown as Fields;
  t.equal(now, 12_345);
  t.ok(Object.keys(left).length > 0);
  for (const [name, value] of Object.entries(left)) {
    t.not(value, initial[name], `${name} was filled`);
    t.equal(value, (packet as unknown as Fields)[name], `${name} is the packet's`);
  }
  t.end();
});

t.test('an entry is filled anew by a later packet', (t) => {
  const log = new StreamLog('audio/opus');
  log.add(1, unlikeNew(), new Uint8Array(0));
  const packet = new ForwardedPacket();
  for (let index = 1; index <= LOG_SIZE; index++) log.add(1 + index, packet, new Uint8Array(0));
  const { now, ...left } = log.at(LOG_SIZE) as unknown as Fields;
  t.equal(now, 1 + LOG_SIZE);
  for (const [name, value] of Object.entries(left)) {
    t.equal(value, (packet as unknown as Fields)[name], `${name} is the later packet's`);
  }
  t.end();
});
