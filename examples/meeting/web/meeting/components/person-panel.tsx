import { texts } from '../../service/texts/texts.js';
import {
  type Fact,
  qualityText,
  receivedFacts,
  roundTripFacts,
  sentFacts,
  wayFacts,
} from '../model/connection-words.js';
import type { Meeting } from '../model/meeting.js';
import type { Participant } from '../model/participant.js';
import { PinIcon } from './icons.js';
import { Panel } from './panel.js';
import { ToggleButton } from './toggle-button.js';

/** What is known of one connection, own or another's. */
export function PersonPanel({ meeting, name }: { meeting: Meeting; name: string }) {
  const { connection, stage } = texts.value.meeting;
  const id = meeting.details.value;
  const person = meeting.participants.value.find((one) => one.id === id);
  if (id !== 'self' && person === undefined) return null;
  return (
    <Panel
      key={id}
      name="person"
      title={connection.detailsOf(person?.name ?? stage.you(name))}
      meeting={meeting}
    >
      {person === undefined ? (
        <OwnConnection meeting={meeting} />
      ) : (
        <PersonConnection meeting={meeting} person={person} />
      )}
    </Panel>
  );
}

function OwnConnection({ meeting }: { meeting: Meeting }) {
  const { connection } = texts.value.meeting;
  const stats = meeting.stats.value;
  if (stats === null) return <p>{connection.measuring}</p>;
  return (
    <>
      <p>{qualityText(stats.quality)}</p>
      <FactList facts={roundTripFacts(stats.roundTripMs)} />
      <FactList title={connection.up} facts={wayFacts(stats.uplink)} />
      <FactList title={connection.down} facts={wayFacts(stats.downlink)} />
      {stats.sent.map((track) => (
        <FactList key={track.source} title={connection.sent[track.source]} facts={sentFacts(track)} />
      ))}
    </>
  );
}

function PersonConnection({ meeting, person }: { meeting: Meeting; person: Participant }) {
  const { connection, stage } = texts.value.meeting;
  const stats = meeting.stats.value;
  const tracks = [...(stats?.received.values() ?? [])].filter(({ peerId }) => peerId === person.id);
  const quality = stats?.peers.get(person.id);
  return (
    <>
      <p>{quality === undefined ? connection.nothingReceived : qualityText(quality)}</p>
      {tracks.map((track) => (
        <FactList key={track.source} title={connection.received[track.source]} facts={receivedFacts(track)} />
      ))}
      <ToggleButton
        label={stage.pin}
        pressed={meeting.stage.pinned.value.includes(person.key)}
        tone="extra"
        icon={<PinIcon />}
        onToggle={() => meeting.togglePin(person)}
      />
    </>
  );
}

function FactList({ title, facts }: { title?: string; facts: readonly Fact[] }) {
  if (facts.length === 0) return null;
  return (
    <>
      {title !== undefined && <h3>{title}</h3>}
      <dl class="measured">
        {facts.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
