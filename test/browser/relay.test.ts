/** Where no UDP gets out: a TURN server carries the media, over TLS or TCP, for those whom the service let in. */
import t, { type Test } from 'tap';
import { launchChromium } from '../support/browser/browsers.js';
import { ExampleServer } from '../support/browser/example-server.js';
import { MeetingPage } from '../support/browser/meeting-page.js';
import { startTurnServer } from '../support/browser/turn-server.js';
import { until } from '../support/browser/until.js';

/** What a browser says of the way that a transport's media takes. */
interface Way {
  direction: string;
  candidateType: string;
  relayProtocol: string;
  url: string;
  bytesSent: number;
  bytesReceived: number;
}

for (const transport of ['tls', 'tcp'] as const) {
  t.test(`one by the relay over ${transport}, the other directly: both see and hear`, (t) =>
    meet(t, transport),
  );
}

async function meet(t: Test, transport: 'tls' | 'tcp'): Promise<void> {
  const turn = await startTurnServer(t, transport);
  const server = await ExampleServer.start(t, 'meeting', {
    TURN_URLS: turn.url,
    TURN_SECRET: turn.secret,
  });
  const browser = await launchChromium(t, [`--ignore-certificate-errors-spki-list=${turn.certificateHash}`]);
  const anna = await MeetingPage.inChromium(browser, { server, name: 'Anna', query: 'relay=1' });
  const bo = await MeetingPage.inChromium(browser, { server, name: 'Bo' });
  await Promise.all([anna.waitForPictures(['Bo']), bo.waitForPictures(['Anna'])]);

  // What is only received is answered by the first report, up to a second after its first picture.
  let relayed: Way[] = [];
  await until('bytes both ways on both transports', async () => {
    relayed = await anna.driver.evaluate(ways, null);
    return relayed.every(({ bytesSent, bytesReceived }) => bytesSent > 0 && bytesReceived > 0);
  });
  t.strictSame(relayed.map(({ direction }) => direction).sort(), ['recv', 'send']);
  for (const way of relayed) {
    t.match(way, { candidateType: 'relay', relayProtocol: transport, url: turn.url }, way.direction);
    t.ok(way.bytesSent > 0 && way.bytesReceived > 0, `${way.direction}: there and back`);
  }
  const direct = await bo.driver.evaluate(ways, null);
  t.equal(direct.length, 2);
  for (const way of direct)
    t.not(way.candidateType, 'relay', 'the direct way is preferred where there is one');
}

/** In the page: of both transports. */
async function ways(): Promise<Way[]> {
  interface Sending {
    localTracks: ReadonlyMap<string, { producer: { getStats(): Promise<RTCStatsReport> } }>;
    peers: ReadonlyMap<
      string,
      { tracks: ReadonlyMap<string, { consumer: { getStats(): Promise<RTCStatsReport> } }> }
    >;
  }
  const { client } = (window as unknown as { sluss: { client: Sending } }).sluss;
  const [sent] = client.localTracks.values();
  const [peer] = client.peers.values();
  const [received] = peer.tracks.values();
  const found: Way[] = [];
  for (const [direction, one] of [
    ['send', sent.producer],
    ['recv', received.consumer],
  ] as const) {
    const report = await one.getStats();
    report.forEach((entry: Record<string, unknown> & { type: string }) => {
      if (entry.type !== 'transport') return;
      const pair = report.get(entry.selectedCandidatePairId as string) as Record<string, unknown>;
      const local = report.get(pair.localCandidateId as string) as Record<string, unknown>;
      found.push({
        direction,
        candidateType: String(local.candidateType),
        relayProtocol: String(local.relayProtocol),
        url: String(local.url),
        bytesSent: Number(pair.bytesSent),
        bytesReceived: Number(pair.bytesReceived),
      });
    });
  }
  return found;
}
