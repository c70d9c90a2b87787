/** Runs in the page of e2ee-page.ts: one client in one encrypted room, without a user interface. */
import { RoomClient } from '../../../src/client/index.js';
import { EncryptedRoom } from '../../../src/client/e2ee/index.js';
import { openFrame, splitFrame } from '../../../src/client/e2ee/frame-crypto.js';
import { senderKey } from '../../../src/client/e2ee/room-secret.js';
import type { EpochKeys, PageMessage } from '../../../src/client/e2ee/worker-messages.js';
import type { E2eeWindow, JoinOptions, Received } from './e2ee-page.js';

const page = window as unknown as E2eeWindow;
let client: RoomClient;
let room: EncryptedRoom | undefined;
const chat: string[] = [];
const frames: Record<string, number[][]> = { microphone: [], camera: [] };
const sealed: { source: string; peerId: string; frame: number[] }[] = [];
/** All keys that this page ever had, by key id. */
const keys = new Map<number, EpochKeys>();
let sendingKey: number | undefined;
const sockets: WebSocket[] = [];
const plain = { negotiations: 0, senders: 0 };
/** Encoded frames kept of each source, the newest: more than ten seconds. */
const KEPT = 600;

new BroadcastChannel('frames').onmessage = ({ data }: MessageEvent<[string, string | null, Uint8Array]>) => {
  const [source, peerId, bytes] = data;
  if (peerId !== null) {
    if (sealed.push({ source, peerId, frame: [...bytes] }) > KEPT) sealed.shift();
  } else if (frames[source].push([...bytes]) > KEPT) frames[source].shift();
};

// Whatever is negotiated to be sent has its transform by then.
class SeenPeerConnection extends RTCPeerConnection {
  override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    plain.negotiations++;
    plain.senders += this.getSenders().filter(({ track, transform }) => track && !transform).length;
    return super.setRemoteDescription(description);
  }
}
window.RTCPeerConnection = SeenPeerConnection;

class SeenWebSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols);
    sockets.push(this);
  }
}

function seenWorker(): Worker {
  const worker = new Worker('/e2ee-worker.js', { type: 'module' });
  const post = worker.postMessage.bind(worker) as (message: PageMessage) => void;
  worker.postMessage = (message: PageMessage) => {
    if (message.type === 'keys') {
      for (const epoch of message.epochs) keys.set(epoch.keyId, epoch);
      sendingKey = message.sending?.keyId;
    }
    post(message);
  };
  return worker;
}

page.e2eeJoin = async ({ name, encrypted, host }: JoinOptions) => {
  client = new RoomClient({
    url: `ws://${location.host}/signalling`,
    room: 'secret',
    displayName: name,
    requireEncryption: encrypted,
    WebSocket: SeenWebSocket,
  });
  client.on('trackadded', (peer, { kind, track }) => {
    const element = document.createElement(kind);
    element.autoplay = true;
    element.id = `${peer.displayName}-${kind}`;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
  });
  if (encrypted) {
    room = await EncryptedRoom.create(client, { room: 'secret', worker: seenWorker(), host });
    room.on('chat', (peer, text) => chat.push(`${peer.displayName}: ${text}`));
  }
  await client.join();
};

page.e2eePublish = async ({ codec, width = 640, height = 360 }) => {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    video: { width: { ideal: width }, height: { ideal: height } },
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
  client: client.state,
  sockets: sockets.length,
  sendingKey,
  plain,
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

page.e2eeSealed = (name) => {
  const peer = [...client.peers.values()].find(({ displayName }) => displayName === name)!;
  return sealed
    .filter(({ peerId }) => peerId === peer.id)
    .map(({ source, frame }) => ({ source, peerId: peer.id, frame }));
};

page.e2eeTry = async (recorded) => {
  const opened = { microphone: 0, camera: 0 };
  for (const { peerId, source, frame } of recorded) {
    const split = splitFrame(new Uint8Array(frame))!;
    for (const { roomKey, members } of keys.values()) {
      const sender = members.find((member) => member.peerId === peerId);
      // Whoever has the room key can make any sender's key.
      const member = sender ?? { peerId, publicKey: members[0].publicKey };
      const key = await senderKey(roomKey, 'frame', member);
      const isOpen = await openFrame(key, split).then(
        () => true,
        () => false,
      );
      if (isOpen) opened[source as keyof typeof opened]++;
    }
  }
  return opened;
};

page.e2eePublishPlain = async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 160, height: 90 } });
  const codes: string[] = [];
  for (const onSender of [undefined, () => {}]) {
    await client.publish(stream.getVideoTracks()[0], { source: 'screen', onSender }).then(
      () => codes.push('published'),
      (error: { code: string }) => codes.push(error.code),
    );
  }
  return codes;
};

page.e2eeCut = () => sockets.at(-1)!.close(4999);

page.e2eeLeave = () => client.leave();
