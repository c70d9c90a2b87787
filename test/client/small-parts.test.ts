import t from 'tap';
import { Backoff } from '#src/client/backoff.js';
import { LocalTrack } from '#src/client/local-track.js';
import { RemotePeers } from '#src/client/remote-peers.js';
import { TypedEmitter } from '#src/client/typed-emitter.js';

t.test('delays double up to the greatest and are spread over their upper half', (t) => {
  const low = new Backoff(100, 1_000, () => 0);
  t.strictSame(
    [1, 2, 3, 4, 5, 6].map(() => low.next()),
    [50, 100, 200, 400, 500, 500],
  );
  const high = new Backoff(100, 1_000, () => 1);
  t.strictSame(
    [1, 2, 3].map(() => high.next()),
    [100, 200, 400],
  );
  high.reset();
  t.equal(high.next(), 100);
  t.end();
});

t.test('listeners may leave while they are called', (t) => {
  class Bell extends TypedEmitter<{ ring: [times: number] }> {
    ring(times: number): void {
      this.emit('ring', times);
    }
  }
  const bell = new Bell();
  const heard: string[] = [];
  const always = (times: number): void => void heard.push(`always ${times}`);
  bell.once('ring', (times) => heard.push(`once ${times}`)).on('ring', always);
  bell.ring(1);
  bell.ring(2);
  bell.off('ring', always);
  bell.ring(3);
  t.strictSame(heard, ['once 1', 'always 1', 'always 2']);
  t.end();
});

t.test('a track that is replaced while it is being produced is the one that is sent', async (t) => {
  const track = (id: string, width?: number): MediaStreamTrack =>
    ({
      ...{ id, kind: 'video', enabled: true },
      getSettings: () => ({ width, height: width }),
    }) as MediaStreamTrack;
  const sizes: unknown[] = [];
  const control = {
    setPaused: async () => {},
    setVideoLayers: async (_id: string, layers: unknown) => void sizes.push(layers),
    closed: () => {},
  };
  const first = track('first');
  const second = track('second', 320);
  const local = new LocalTrack(first, { source: 'camera' }, control);
  await local.replaceTrack(second);
  const replaced: unknown[] = [];
  const producer = {
    track: first,
    pause() {},
    on() {},
    replaceTrack: async ({ track }: { track: unknown }) => void replaced.push(track),
  };
  local.attach(producer as never, undefined, [{ width: 640, height: 640 }]);
  t.strictSame(replaced, [second]);
  t.strictSame(sizes, [[{ width: 320, height: 320 }]], 'its size is told');
  await local.replaceTrack(track('third', 320));
  t.equal(sizes.length, 1, 'only what changes');
  local.repeat();
  t.equal(sizes.length, 2, 'and again after a resume');
});

t.test('a stream that was closed while the socket was away does not come back', (t) => {
  const added: string[] = [];
  const remote = new RemotePeers(((event: string) => added.push(event)) as never, {} as never);
  remote.addPeer({ peerId: 'p', displayName: 'Anna' });
  t.ok(remote.reserve('consumer'));
  remote.keepTracks(new Set());
  let closed = false;
  const info = { consumerId: 'consumer', peerId: 'p', producerPaused: false } as never;
  t.equal(remote.addTrack(info, { close: () => (closed = true) } as never, 0), false);
  t.equal(closed, true);
  t.strictSame(added, ['peerjoined']);
  t.end();
});
