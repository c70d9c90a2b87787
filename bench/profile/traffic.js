// @ts-check
/** The other side of profile/server.js: sinks first, then the stream to the port that it is told. */
import { once } from 'node:events';
import { videoLayer } from '../load/traffic/media-shapes.js';
import { MediaSource } from '../load/traffic/media-source.js';
import { PlainPublisher } from '../load/traffic/plain-publisher.js';
import { UnreadSockets } from '../load/traffic/unread-sockets.js';

const [receivers, pps] = process.argv.slice(2).map(Number);
const sinks = await UnreadSockets.open(receivers);
process.on('disconnect', () => process.exit());
process.send?.(sinks.ports);
const [port] = await once(process, 'message');
await PlainPublisher.start(
  new MediaSource({ ...videoLayer(pps), kind: 'video', mid: '0', ssrc: 1111 }),
  port,
);
