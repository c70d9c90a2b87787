import type { ComponentChild } from 'preact';
import type { LocalMedia } from '../model/local-media.js';
import type { Participant } from '../model/participant.js';
import { measureFirstFrame } from '../model/timing.js';
import { texts } from '../texts.js';
import { CameraOffIcon, MicrophoneOffIcon } from './icons.js';
import { VideoView } from './video-view.js';

interface Props {
  peerId: string;
  name: string;
  /** The camera's track while it sends, else null. */
  camera: { id: string; track: MediaStreamTrack; consumedAt?: number } | null;
  muted: boolean;
  mirrored?: boolean;
}

export function SelfTile({ name, media }: { name: string; media: LocalMedia }) {
  const track = media.camera.track.value;
  return (
    <Tile
      peerId="self"
      name={texts.meeting.you(name)}
      camera={track === null ? null : { id: 'self', track }}
      muted={!media.microphoneLive}
      mirrored
    />
  );
}

export function ParticipantTile({ person }: { person: Participant }) {
  const camera = person.camera.value;
  const microphone = person.microphone.value;
  return (
    <Tile
      peerId={person.id}
      name={person.name}
      camera={camera === null || camera.paused ? null : camera}
      muted={microphone === null || microphone.paused}
    />
  );
}

function Tile({ peerId, name, camera, muted, mirrored = false }: Props) {
  return (
    <li class="tile" data-peer={peerId}>
      {camera === null ? (
        <Initials name={name} />
      ) : (
        <VideoView
          track={camera.track}
          mirrored={mirrored}
          onFirstFrame={() => {
            if (camera.consumedAt !== undefined)
              measureFirstFrame({ ...camera, consumedAt: camera.consumedAt });
          }}
        />
      )}
      <p class="tile-label">
        <span class="tile-name">{name}</span>
        {muted && <Sign text={texts.meeting.muted} icon={<MicrophoneOffIcon />} />}
        {camera === null && <Sign text={texts.meeting.cameraOff} icon={<CameraOffIcon />} />}
      </p>
    </li>
  );
}

function Sign({ text, icon }: { text: string; icon: ComponentChild }) {
  return (
    <span class="sign" title={text}>
      {icon}
      <span class="unseen">, {text}</span>
    </span>
  );
}

/** Stands in for the picture; the name itself is in the label. */
function Initials({ name }: { name: string }) {
  const letters = name
    .split(/\s+/)
    .filter((word) => /^\p{L}/u.test(word))
    .slice(0, 2)
    .map((word) => Array.from(word)[0].toUpperCase());
  return (
    <span class="initials" aria-hidden="true">
      {letters.join('')}
    </span>
  );
}
