/** Functions that run inside a meeting page and tell what really arrives. They may use nothing from outside. */

/** What one remote track's receiver counts, from its RTCInboundRtpStreamStats. */
export interface Reception {
  peer: string;
  source: 'microphone' | 'camera' | 'screen';
  /** `video/VP8` and so on; '' before the first packet. */
  codec: string;
  framesDecoded: number;
  freezeCount: number;
  frameWidth: number;
  /** Energy of all sound so far; grows only while something is heard. */
  totalAudioEnergy: number;
}

/** The page's room client, as far as the tests look into it. */
interface PublishedClient {
  peers: ReadonlyMap<
    string,
    {
      displayName: string;
      tracks: ReadonlyMap<
        string,
        { source: Reception['source']; consumer: { getStats(): Promise<RTCStatsReport> } }
      >;
    }
  >;
  localTracks: ReadonlyMap<string, { producer: { getStats(): Promise<RTCStatsReport> } }>;
}

export async function receptions(): Promise<Reception[]> {
  const { client } = (window as unknown as { sluss: { client: PublishedClient } }).sluss;
  const found: Reception[] = [];
  for (const peer of client.peers.values()) {
    for (const track of peer.tracks.values()) {
      const report = await track.consumer.getStats();
      report.forEach((entry: Record<string, unknown> & { type: string }) => {
        if (entry.type !== 'inbound-rtp') return;
        const codec =
          entry.codecId === undefined
            ? undefined
            : (report.get(entry.codecId as string) as { mimeType: string });
        found.push({
          peer: peer.displayName,
          source: track.source,
          codec: codec?.mimeType ?? '',
          framesDecoded: Number(entry.framesDecoded ?? 0),
          freezeCount: Number(entry.freezeCount ?? 0),
          frameWidth: Number(entry.frameWidth ?? 0),
          totalAudioEnergy: Number(entry.totalAudioEnergy ?? 0),
        });
      });
    }
  }
  return found;
}

/** Are so many encodings of the camera being sent, all of them within the bandwidth that the browser estimates? */
export async function sendsEncodings(count: number): Promise<boolean> {
  const { client } = (window as unknown as { sluss: { client: PublishedClient } }).sluss;
  const report = await client.localTracks.get('camera')?.producer.getStats();
  let sending = 0;
  report?.forEach((entry: { type: string; framesPerSecond?: number; qualityLimitationReason?: string }) => {
    if (
      entry.type === 'outbound-rtp' &&
      (entry.framesPerSecond ?? 0) > 0 &&
      entry.qualityLimitationReason === 'none'
    ) {
      sending++;
    }
  });
  return sending === count;
}

/** The picture in a tile as numbers: mean brightness 0..255, and a sum over it that changes when it moves. */
export interface Picture {
  brightness: number;
  fingerprint: number;
}

/** Null while the person has no tile, or no picture in it. */
export function pictureOf(name: string): Picture | null {
  const tile = [...document.querySelectorAll('.tile')].find(
    (one) => one.querySelector('.tile-name')?.textContent === name,
  );
  const video = tile?.querySelector('video');
  if (!video || video.videoWidth === 0) return null;
  const canvas = document.createElement('canvas');
  canvas.width = 64;
  canvas.height = 36;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.drawImage(video, 0, 0, 64, 36);
  const { data } = context.getImageData(0, 0, 64, 36);
  let sum = 0;
  let fingerprint = 0;
  for (let at = 0; at < data.length; at += 4) {
    const brightness = 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];
    sum += brightness;
    fingerprint = (fingerprint * 31 + Math.round(brightness)) % 1_000_003;
  }
  return { brightness: sum / (data.length / 4), fingerprint };
}
