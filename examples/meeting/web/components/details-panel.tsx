import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
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

/**
 * What is known of one connection, own or another's, or the list of those who are not shown. Takes the focus while it is
 * open and gives it back.
 */
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
  if (id === 'people') {
    return (
      <Panel key={id} title={texts.meeting.notShownTitle} meeting={meeting}>
        <HiddenPeople meeting={meeting} />
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
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    const section = panel.current;
    return () => {
      // Whoever went on to another place with keys or mouse stays there.
      const now = document.activeElement;
      if (now !== null && now !== document.body && !section?.contains(now)) return;
      const back = before instanceof HTMLElement && before !== document.body && before.isConnected;
      (back ? before : document.querySelector('h1'))?.focus();
    };
  }, []);
  const close = (): void => void (meeting.details.value = null);
  return (
    <section
      ref={panel}
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

/** Of many only some have tiles; who is pinned here gets one, and stays in the list so that its button keeps the focus. */
function HiddenPeople({ meeting }: { meeting: Meeting }) {
  const shown = new Set(meeting.shown.value);
  const listed = useRef(new Set<string>());
  for (const person of meeting.participants.value) if (!shown.has(person)) listed.current.add(person.id);
  return (
    <ul class="people" aria-label={texts.meeting.notShownTitle}>
      {meeting.participants.value
        .filter(({ id }) => listed.current.has(id))
        .map(({ id, name }) => (
          <li key={id}>
            <span>{name}</span>
            <button
              type="button"
              class="button button-small"
              aria-label={texts.meeting.showAlways(name)}
              aria-pressed={meeting.pinned.value.includes(id)}
              onClick={() => meeting.togglePin(id)}
            >
              {texts.meeting.pin}
            </button>
          </li>
        ))}
    </ul>
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
