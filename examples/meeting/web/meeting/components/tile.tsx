import type { ComponentChild } from 'preact';
import type { MeetingRole } from '../../../shared/api.js';
import { texts } from '../../service/texts/texts.js';
import type { Meeting } from '../model/meeting.js';
import type { Participant, ShownTrack } from '../model/participant.js';
import { type Place, styleOf } from '../model/room-layout.js';
import { measureFirstFrame } from '../model/timing.js';
import { CameraOffIcon, HandIcon, MicrophoneOffIcon, OpenLockIcon, PinIcon, SpeakingIcon } from './icons.js';
import type { MeetingHost } from './meeting-screen.js';
import { type MarkedQuality, QualityMark } from './quality-mark.js';
import { VideoView } from './video-view.js';

interface Props {
  peerId: string;
  name: string;
  place: Place | undefined;
  role: MeetingRole;
  /** The camera's track while its owner has it on, else null. */
  camera: (Pick<ShownTrack, 'id' | 'track'> & Partial<ShownTrack>) | null;
  cameraOff: boolean;
  muted: boolean;
  speaking: boolean;
  /** Place in the speakers' list, from 1; 0: the hand is down. */
  hand: number;
  cannotEncrypt?: boolean;
  /** Null: nothing has been measured yet. */
  quality: MarkedQuality | null;
  onDetails: () => void;
  /** Left out: cannot be pinned. */
  pin?: { pinned: boolean; toggle: () => void };
  mirrored?: boolean;
}

export function SelfTile({
  host,
  meeting,
  place,
}: {
  host: MeetingHost;
  meeting: Meeting;
  place: Place | undefined;
}) {
  const { media } = host;
  const track = media.camera.track.value;
  return (
    <Tile
      peerId="self"
      name={texts.value.meeting.stage.you(host.name)}
      place={place}
      role={host.role}
      camera={track === null ? null : { id: 'self', track }}
      cameraOff={track === null}
      muted={!media.microphoneLive}
      speaking={media.microphoneLive && meeting.isSpeaking(meeting.client.peerId)}
      hand={placeInQueue(meeting, 'self')}
      quality={meeting.stats.value?.quality ?? null}
      onDetails={() => meeting.showDetails('self')}
      mirrored
    />
  );
}

export function ParticipantTile({
  person,
  meeting,
  place,
}: {
  person: Participant;
  meeting: Meeting;
  place: Place;
}) {
  const camera = person.camera.value;
  const { cameraLive, microphoneLive } = person.live.value;
  const stats = meeting.stats.value;
  return (
    <Tile
      peerId={person.id}
      name={person.name}
      place={place}
      role={person.role}
      camera={camera === null || camera.paused ? null : camera}
      cameraOff={!cameraLive}
      muted={!microphoneLive}
      speaking={microphoneLive && meeting.isSpeaking(person.id)}
      hand={placeInQueue(meeting, person.id)}
      cannotEncrypt={meeting.encryption.silent.value.includes(person.id)}
      quality={stats === null ? null : (stats.peers.get(person.id) ?? 'unknown')}
      onDetails={() => meeting.showDetails(person.id)}
      pin={{
        pinned: meeting.stage.pinned.value.includes(person.key),
        toggle: () => meeting.togglePin(person),
      }}
    />
  );
}

function placeInQueue(meeting: Meeting, id: string): number {
  return meeting.hands.value.findIndex((hand) => hand.id === id) + 1;
}

function Tile(props: Props) {
  const { peerId, name, place, role, camera, speaking, pin } = props;
  const { common, meeting } = texts.value;
  // Nothing of it comes just now. Its view must stay: the server sends only what has a size on the screen.
  const covered = camera?.forwarded === false;
  return (
    <li
      class={speaking ? 'tile tile-speaking' : 'tile'}
      data-peer={peerId}
      style={place === undefined ? { display: 'none' } : { display: '', ...styleOf(place) }}
    >
      {(camera === null || covered) && <Initials name={name} />}
      {camera !== null && (
        <VideoView
          track={camera.track}
          mirrored={props.mirrored}
          covered={covered}
          onFirstFrame={() => {
            if (camera.consumedAt !== undefined)
              measureFirstFrame({ ...camera, consumedAt: camera.consumedAt });
          }}
          onSize={camera.setDisplaySize}
        />
      )}
      <div class="tile-marks">
        {role !== 'participant' && <span class={`role-mark role-${role}`}>{common.role[role]}</span>}
        {props.hand > 0 && (
          <span class="hand-mark" title={meeting.hand.place(props.hand)}>
            <HandIcon />
            <span aria-hidden="true">{props.hand}</span>
            <span class="unseen">
              {meeting.hand.raised}. {meeting.hand.place(props.hand)}
            </span>
          </span>
        )}
      </div>
      {pin !== undefined && (
        <button
          type="button"
          class="pin"
          aria-pressed={pin.pinned}
          aria-label={meeting.stage.pinName(name)}
          title={meeting.stage.pinName(name)}
          onClick={pin.toggle}
        >
          <PinIcon />
        </button>
      )}
      <p class="tile-label">
        <span class="tile-name">{name}</span>
        {speaking && <Sign text={meeting.stage.speaking} icon={<SpeakingIcon />} />}
        {props.muted && <Sign text={meeting.stage.muted} icon={<MicrophoneOffIcon />} />}
        {props.cameraOff && <Sign text={meeting.stage.cameraOff} icon={<CameraOffIcon />} />}
        {props.cannotEncrypt === true && <Sign text={meeting.stage.cannotEncrypt} icon={<OpenLockIcon />} />}
        {props.quality !== null && (
          <QualityMark name={name} quality={props.quality} onOpen={props.onDetails} />
        )}
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
