import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
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
import { texts } from '../texts.js';
import { ToggleButton } from './toggle-button.js';
import { PinIcon } from './icons.js';

/** What is known of one connection, own or another's. Takes the focus while it is open and gives it back. */
export function DetailsPanel({ meeting, name }: { meeting: Meeting; name: string }) {
  const id = meeting.details.value;
  if (id === null) return null;
  if (id === 'self') {
    return (
      <Panel key={id} title={texts.connection.detailsOf(texts.meeting.you(name))} meeting={meeting}>
        <OwnConnection meeting={meeting} />
      </Panel>
    );
  }
  const person = meeting.participants.value.find((one) => one.id === id);
  if (person === undefined) return null;
  return (
    <Panel key={id} title={texts.connection.detailsOf(person.name)} meeting={meeting}>
      <PersonConnection meeting={meeting} person={person} />
    </Panel>
  );
}

function Panel({
  title,
  meeting,
  children,
}: {
  title: string;
  meeting: Meeting;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const close = (): void => void (meeting.details.value = null);
  return (
    <section
      class="details"
      role="dialog"
      aria-labelledby="details-title"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        close();
      }}
    >
      <header class="details-head">
        <h2 id="details-title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button type="button" class="button button-small" onClick={close}>
          {texts.connection.close}
        </button>
      </header>
      {children}
    </section>
  );
}

function OwnConnection({ meeting }: { meeting: Meeting }) {
  const stats = meeting.stats.value;
  if (stats === null) return <p>{texts.connection.measuring}</p>;
  return (
    <>
      <p>{qualityText(stats.quality)}</p>
      <Facts facts={roundTripFacts(stats.roundTripMs)} />
      <Facts title={texts.connection.up} facts={wayFacts(stats.uplink)} />
      <Facts title={texts.connection.down} facts={wayFacts(stats.downlink)} />
      {stats.sent.map((track) => (
        <Facts key={track.source} title={texts.connection.sent[track.source]} facts={sentFacts(track)} />
      ))}
    </>
  );
}

function PersonConnection({ meeting, person }: { meeting: Meeting; person: Participant }) {
  const stats = meeting.stats.value;
  const tracks = [...(stats?.received.values() ?? [])].filter(({ peerId }) => peerId === person.id);
  const quality = stats?.peers.get(person.id);
  return (
    <>
      <p>{quality === undefined ? texts.connection.nothingReceived : qualityText(quality)}</p>
      {tracks.map((track) => (
        <Facts
          key={track.source}
          title={texts.connection.received[track.source]}
          facts={receivedFacts(track)}
        />
      ))}
      <ToggleButton
        label={texts.meeting.pin}
        pressed={meeting.pinned.value.includes(person.id)}
        tone="extra"
        icon={<PinIcon />}
        onToggle={() => meeting.togglePin(person.id)}
      />
    </>
  );
}

function Facts({ title, facts }: { title?: string; facts: readonly Fact[] }) {
  if (facts.length === 0) return null;
  return (
    <>
      {title !== undefined && <h3>{title}</h3>}
      <dl>
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
