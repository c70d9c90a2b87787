import { type Signal, useSignal } from '@preact/signals';
import type { LobbyPerson } from '../../../shared/api.js';
import { Alert, Tag } from '../../service/components/alert.js';
import { verifiedText } from '../../service/components/bits.js';
import { Confirm } from '../../service/components/confirm.js';
import { type LobbyControl, nameOf } from '../../service/model/lobby-control.js';
import { isTestProof } from '../../service/model/test-proof.js';
import { texts } from '../../service/texts/texts.js';
import type { Meeting } from '../model/meeting.js';
import type { Participant } from '../model/participant.js';
import { CameraOffIcon, HandIcon, MicrophoneOffIcon } from './icons.js';
import type { MeetingHost } from './meeting-screen.js';
import { Panel } from './panel.js';
import { RemoveDialog } from './remove-dialog.js';

type Asked = { about: 'end' } | { about: 'remove'; person: LobbyPerson };

/** Everybody in the meeting: who they are, proven how, what they have on; for hosts what can be done about it. */
export function PeoplePanel({ meeting, host }: { meeting: Meeting; host: MeetingHost }) {
  const { people: words } = texts.value.meeting;
  const asked = useSignal<Asked | null>(null);
  const { lobby } = host;
  return (
    <Panel name="people" title={words.heading} meeting={meeting}>
      {lobby !== null && <HostTools meeting={meeting} lobby={lobby} asked={asked} />}
      <HandQueue meeting={meeting} />
      <section class="stack stack-small" aria-labelledby="people-count">
        <h3 id="people-count">{texts.value.meeting.count(meeting.count.value)}</h3>
        <ul class="people">
          <OwnLine meeting={meeting} host={host} />
          {meeting.participants.value.map((person) => (
            <PersonLine key={person.id} meeting={meeting} person={person} lobby={lobby} asked={asked} />
          ))}
        </ul>
      </section>
      {lobby !== null && <Question host={host} lobby={lobby} asked={asked} />}
    </Panel>
  );
}

/** Two things that concern everybody, and the way to those who wait. */
function HostTools({
  meeting,
  lobby,
  asked,
}: {
  meeting: Meeting;
  lobby: LobbyControl;
  asked: Signal<Asked | null>;
}) {
  const { people: words } = texts.value.meeting;
  const locked = lobby.view.value?.locked === true;
  const problem = lobby.problem.value;
  return (
    <section class="stack stack-small host-tools" aria-label={words.hostTools}>
      {problem !== null && (
        <Alert tone="problem" role="alert">
          <p>{problem()}</p>
        </Alert>
      )}
      {locked && (
        <Alert tone="warning">
          <p>{words.locked}</p>
        </Alert>
      )}
      <div class="row">
        <button type="button" class="button button-small" onClick={() => (meeting.panel.value = 'lobby')}>
          {words.lobby} ({lobby.waiting.value.length})
        </button>
        <button
          type="button"
          class="button button-small"
          aria-busy={lobby.busy.value === 'lock'}
          onClick={() => void lobby.lock(!locked)}
        >
          {locked ? words.unlock : words.lock}
        </button>
        <button
          type="button"
          class="button button-small button-danger"
          onClick={() => (asked.value = { about: 'end' })}
        >
          {words.end}
        </button>
      </div>
    </section>
  );
}

function HandQueue({ meeting }: { meeting: Meeting }) {
  const { hand, stage } = texts.value.meeting;
  const hands = meeting.hands.value;
  if (hands.length === 0) return null;
  return (
    <section class="stack stack-small" aria-labelledby="hand-queue">
      <h3 id="hand-queue">{hand.queue}</h3>
      <p class="hint">{hand.queueHint}</p>
      <ol class="hand-queue">
        {hands.map(({ id, name }) => (
          <li key={id}>{id === 'self' ? stage.you(name) : name}</li>
        ))}
      </ol>
    </section>
  );
}

function OwnLine({ meeting, host }: { meeting: Meeting; host: MeetingHost }) {
  const { stage } = texts.value.meeting;
  return (
    <li data-person="self">
      <div class="row">
        <span class="strong">{stage.you(host.name)}</span>
        <Tag>{texts.value.common.role[host.role]}</Tag>
        <Signs
          muted={!host.media.microphoneLive}
          cameraOff={host.media.camera.track.value === null}
          hand={meeting.handRaisedAt.value !== null}
        />
      </div>
    </li>
  );
}

interface PersonProps {
  meeting: Meeting;
  person: Participant;
  lobby: LobbyControl | null;
  asked: Signal<Asked | null>;
}

function PersonLine({ meeting, person, lobby, asked }: PersonProps) {
  const { people: words, stage } = texts.value.meeting;
  const { common, lobby: lobbyWords } = texts.value;
  const known = lobby?.inside.value.find(({ participantId }) => participantId === person.participantId);
  const verified = known?.verified ?? null;
  const { cameraLive, microphoneLive } = person.live.value;
  const silent = meeting.encryption.silent.value.includes(person.id);
  return (
    <li data-person={person.participantId ?? person.id}>
      <div class="row">
        <span class="strong">{person.name}</span>
        <Tag tone={person.role === 'interpreter' ? 'good' : undefined}>{common.role[person.role]}</Tag>
        <Signs muted={!microphoneLive} cameraOff={!cameraLive} hand={person.handRaisedAt.value !== null} />
      </div>
      {verified !== null && verified.name !== person.name && <p class="hint">{verified.name}</p>}
      <p class="hint">
        {verified !== null
          ? verifiedText(verified)
          : person.assurance === null
            ? words.notProven
            : words.proven(common.assuranceShort[person.assurance])}
      </p>
      {verified !== null && isTestProof(verified) && <Tag tone="warning">{common.testProof}</Tag>}
      {known?.matchesInvitation === true && <p class="hint">{lobbyWords.matches}</p>}
      {silent && <Tag tone="warning">{stage.cannotEncrypt}</Tag>}
      <div class="row" role="group" aria-label={words.actions(person.name)}>
        <button
          type="button"
          class="button button-small"
          aria-pressed={meeting.stage.pinned.value.includes(person.key)}
          aria-label={stage.pinName(person.name)}
          onClick={() => meeting.togglePin(person)}
        >
          {stage.pin}
        </button>
        <button
          type="button"
          class="button button-small"
          aria-label={words.connectionOf(person.name)}
          onClick={() => meeting.showDetails(person.id)}
        >
          {words.connection}
        </button>
        {lobby !== null && known !== undefined && known.role !== 'host' && (
          <>
            <button
              type="button"
              class="button button-small"
              aria-label={words.muteName(person.name)}
              aria-busy={lobby.busy.value === `mute ${known.participantId}`}
              aria-disabled={!microphoneLive}
              onClick={() => {
                if (microphoneLive) void mute(meeting, lobby, known, person.name);
              }}
            >
              {words.mute}
            </button>
            <button
              type="button"
              class="button button-small button-danger"
              aria-label={words.removeName(person.name)}
              onClick={() => (asked.value = { about: 'remove', person: known })}
            >
              {words.remove}
            </button>
          </>
        )}
      </div>
    </li>
  );
}

async function mute(meeting: Meeting, lobby: LobbyControl, person: LobbyPerson, name: string): Promise<void> {
  if (await lobby.mute(person)) meeting.setup.notices.news(texts.peek().meeting.people.muted(name));
}

function Signs({ muted, cameraOff, hand }: { muted: boolean; cameraOff: boolean; hand: boolean }) {
  const { stage, hand: hands } = texts.value.meeting;
  return (
    <span class="signs">
      {hand && (
        <span class="sign sign-hand" title={hands.raised}>
          <HandIcon />
          <span class="unseen">{hands.raised}</span>
        </span>
      )}
      {muted && (
        <span class="sign" title={stage.muted}>
          <MicrophoneOffIcon />
          <span class="unseen">{stage.muted}</span>
        </span>
      )}
      {cameraOff && (
        <span class="sign" title={stage.cameraOff}>
          <CameraOffIcon />
          <span class="unseen">{stage.cameraOff}</span>
        </span>
      )}
    </span>
  );
}

function Question({
  host,
  lobby,
  asked,
}: {
  host: MeetingHost;
  lobby: LobbyControl;
  asked: Signal<Asked | null>;
}) {
  const { lobby: lobbyWords, meeting } = texts.value;
  const close = (): void => void (asked.value = null);
  if (asked.value === null) return null;
  if (asked.value.about === 'end') {
    return (
      <Confirm
        heading={lobbyWords.endQuestion}
        action={lobbyWords.end}
        onConfirm={() => lobby.end()}
        onClose={close}
      >
        <p>{lobbyWords.endLead}</p>
      </Confirm>
    );
  }
  const { person } = asked.value;
  return (
    <RemoveDialog
      name={nameOf(person)}
      onRemove={async (reason) => {
        const done = await lobby.remove(person, reason);
        if (done) host.notices.news(meeting.people.removed(nameOf(person)));
      }}
      onClose={close}
    />
  );
}
