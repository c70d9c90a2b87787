import type { ComponentChild } from 'preact';
import type { LocalMedia } from '../model/local-media.js';
import type { Meeting } from '../model/meeting.js';
import type { Participant, ShownTrack } from '../model/participant.js';
import { measureFirstFrame } from '../model/timing.js';
import { texts } from '../texts.js';
import { CameraOffIcon, MicrophoneOffIcon, SpeakingIcon } from './icons.js';
import { type MarkedQuality, QualityMark } from './quality-mark.js';
import { VideoView } from './video-view.js';

interface Props {
  peerId: string;
  name: string;
  /** The camera's track while its owner has it on, else null. */
  camera: (Pick<ShownTrack, 'id' | 'track'> & Partial<ShownTrack>) | null;
  cameraOff: boolean;
  muted: boolean;
  speaking: boolean;
  /** Null: nothing has been measured yet. */
  quality: MarkedQuality | null;
  onDetails: () => void;
  mirrored?: boolean;
}

export function SelfTile({ name, media, meeting }: { name: string; media: LocalMedia; meeting: Meeting }) {
  const track = media.camera.track.value;
  return (
    <Tile
      peerId="self"
      name={texts.meeting.you(name)}
      camera={track === null ? null : { id: 'self', track }}
      cameraOff={track === null}
      muted={!media.microphoneLive}
      speaking={media.microphoneLive && meeting.isSpeaking(meeting.client.peerId)}
      quality={meeting.stats.value?.quality ?? null}
      onDetails={() => (meeting.details.value = 'self')}
      mirrored
    />
  );
}

export function ParticipantTile({ person, meeting }: { person: Participant; meeting: Meeting }) {
  const camera = person.camera.value;
  const { cameraLive, microphoneLive } = person.live.value;
  const stats = meeting.stats.value;
  return (
    <Tile
      peerId={person.id}
      name={person.name}
      camera={camera === null || camera.paused ? null : camera}
      cameraOff={!cameraLive}
      muted={!microphoneLive}
      speaking={microphoneLive && meeting.isSpeaking(person.id)}
      quality={stats === null ? null : (stats.peers.get(person.id) ?? 'unknown')}
      onDetails={() => (meeting.details.value = person.id)}
    />
  );
}

function Tile({
  peerId,
  name,
  camera,
  cameraOff,
  muted,
  speaking,
  quality,
  onDetails,
  mirrored = false,
}: Props) {
  // Nothing of it comes just now. Its view must stay: the server sends only what has a size on the screen.
  const covered = camera?.forwarded === false;
  return (
    <li class={speaking ? 'tile tile-speaking' : 'tile'} data-peer={peerId}>
      {(camera === null || covered) && <Initials name={name} />}
      {camera !== null && (
        <VideoView
          track={camera.track}
          mirrored={mirrored}
          covered={covered}
          onFirstFrame={() => {
            if (camera.consumedAt !== undefined)
              measureFirstFrame({ ...camera, consumedAt: camera.consumedAt });
          }}
          onSize={camera.setDisplaySize}
        />
      )}
      <p class="tile-label">
        <span class="tile-name">{name}</span>
        {speaking && <Sign text={texts.meeting.speaking} icon={<SpeakingIcon />} />}
        {muted && <Sign text={texts.meeting.muted} icon={<MicrophoneOffIcon />} />}
        {cameraOff && <Sign text={texts.meeting.cameraOff} icon={<CameraOffIcon />} />}
        {quality !== null && <QualityMark name={name} quality={quality} onOpen={onDetails} />}
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
