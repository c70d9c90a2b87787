import { RoomClient } from 'sluss/client';

const people = document.getElementById('people')!;
const button = document.getElementById('join') as HTMLButtonElement;
const client = new RoomClient({
  url: `ws://${location.host}/signalling`,
  room: 'minimal',
  displayName: 'Somebody',
});

client.on('trackadded', (_peer, { id, kind, track }) => {
  const element = document.createElement(kind);
  element.id = id;
  element.autoplay = true;
  element.srcObject = new MediaStream([track]);
  people.append(element);
});
client.on('trackremoved', (_peer, { id }) => document.getElementById(id)?.remove());

async function join(): Promise<void> {
  button.disabled = true;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  await client.join();
  await client.publish(stream.getAudioTracks()[0], { source: 'microphone' });
  await client.publish(stream.getVideoTracks()[0], { source: 'camera' });
}

button.addEventListener('click', () => void join());
