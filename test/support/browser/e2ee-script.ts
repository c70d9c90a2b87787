/** Runs in the page of e2ee-page.ts: one client in one encrypted room, without a user interface. */
import { RoomClient } from '../../../src/client/index.js';
import { EncryptedRoom } from '../../../src/client/e2ee/index.js';
import type { E2eeWindow, JoinOptions, Received } from './e2ee-page.js';

const page = window as unknown as E2eeWindow;
let client: RoomClient;
let room: EncryptedRoom | undefined;
const chat: string[] = [];
const frames: Record<string, number[][]> = { microphone: [], camera: [] };
/** Encoded frames kept of each source, the newest: more than ten seconds. */
const KEPT = 600;

new BroadcastChannel('encoder').onmessage = ({ data }: MessageEvent<[string, Uint8Array]>) => {
  const [source, bytes] = data;
  if (frames[source].push([...bytes]) > KEPT) frames[source].shift();
};

page.e2eeJoin = async ({ name, encrypted, host }: JoinOptions) => {
  client = new RoomClient({
    url: `ws://${location.host}/signalling`,
    room: 'secret',
    displayName: name,
  });
  client.on('trackadded', (peer, { kind, track }) => {
    const element = document.createElement(kind);
    element.autoplay = true;
    element.id = `${peer.displayName}-${kind}`;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
  });
  if (encrypted) {
    const worker = new Worker('/e2ee-worker.js', { type: 'module' });
    room = await EncryptedRoom.create(client, { room: 'secret', worker, host });
    room.on('chat', (peer, text) => chat.push(`${peer.displayName}: ${text}`));
  }
  await client.join();
};

page.e2eePublish = async ({ codec }) => {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    video: { width: { ideal: 640 }, height: { ideal: 360 } },
  });
  const local = document.createElement('video');
  local.id = 'local';
  local.muted = local.autoplay = true;
  local.srcObject = stream;
  document.body.append(local);
  await room!.publish(stream.getAudioTracks()[0], { source: 'microphone' });
  await room!.publish(stream.getVideoTracks()[0], { source: 'camera', codec });
};

page.e2eeState = () => ({
  state: room?.state ?? 'none',
  code: room?.code?.join(' ') ?? '',
  counters: room?.counters ?? null,
  chat: [...chat],
  peers: [...client.peers.values()].map(({ displayName }) => displayName),
});

page.e2eeChat = async (text) => void (await room!.sendChat(text));

page.e2eeReceived = async (name) => {
  const received: Received = { framesDecoded: 0, frameWidth: 0, audioEnergy: 0, samples: 0, concealed: 0 };
  const peer = [...client.peers.values()].find(({ displayName }) => displayName === name);
  for (const { consumer } of peer?.tracks.values() ?? []) {
    for (const entry of (await consumer.getStats()).values() as Iterable<Record<string, number | string>>) {
      if (entry.type !== 'inbound-rtp') continue;
      received.framesDecoded += Number(entry.framesDecoded ?? 0);
      received.frameWidth = Math.max(received.frameWidth, Number(entry.frameWidth ?? 0));
      received.audioEnergy += Number(entry.totalAudioEnergy ?? 0);
      received.samples += Number(entry.totalSamplesReceived ?? 0);
      received.concealed += Number(entry.concealedSamples ?? 0);
    }
  }
  return received;
};

page.e2eeEncoded = (source) => frames[source];

/** The mean colours of 16 by 9 fields; empty: no picture. */
page.e2eePicture = (id) => {
  const video = document.getElementById(id) as HTMLVideoElement | null;
  if (!video || video.videoWidth === 0) return [];
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [16, 9];
  const context = canvas.getContext('2d')!;
  context.drawImage(video, 0, 0, 16, 9);
  return [...context.getImageData(0, 0, 16, 9).data];
};

page.e2eeLeave = () => client.leave();
