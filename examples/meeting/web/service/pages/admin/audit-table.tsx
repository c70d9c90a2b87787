import type { Assurance, AuditEntryView, MeetingRole } from '../../../../shared/api.js';
import { actorParts, shortId } from '../../model/audit-log.js';
import { momentText } from '../../model/dates.js';
import { texts } from '../../texts/texts.js';

interface Props {
  entries: readonly AuditEntryView[];
  /** Asks for the entries of one meeting alone. */
  onMeeting: (meetingId: string) => void;
}

/** The log's entries in the reader's words; codes that have none are shown as they are. */
export function AuditTable({ entries, onMeeting }: Props) {
  const { audit: words } = texts.value.admin;
  return (
    <table class="table">
      <caption>{words.caption(entries.length)}</caption>
      <thead>
        <tr>
          <th scope="col">{words.sequence}</th>
          <th scope="col">{words.at}</th>
          <th scope="col">{words.action}</th>
          <th scope="col">{words.actor}</th>
          <th scope="col">{words.ofMeeting}</th>
          <th scope="col">{words.details}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.sequence}>
            <td data-label={words.sequence}>{entry.sequence}</td>
            <td data-label={words.at} class="moment">
              {momentText(entry.at)}
            </td>
            <th scope="row">{words.actions[entry.action] ?? entry.action}</th>
            <td data-label={words.actor}>{actorText(entry)}</td>
            <td data-label={words.ofMeeting}>
              {entry.meetingId !== null && <MeetingButton id={entry.meetingId} onPress={onMeeting} />}
            </td>
            <td data-label={words.details}>{detailsText(entry)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function MeetingButton({ id, onPress }: { id: string; onPress: (id: string) => void }) {
  const { audit: words } = texts.value.admin;
  return (
    <button
      type="button"
      class="button button-small button-quiet"
      aria-label={words.onlyMeeting(shortId(id))}
      onClick={() => onPress(id)}
    >
      {shortId(id)}
    </button>
  );
}

function actorText(entry: AuditEntryView): string {
  const { kind, id } = actorParts(entry);
  return `${texts.value.admin.audit.actors[kind] ?? kind} ${shortId(id)}`.trim();
}

function detailsText({ details }: AuditEntryView): string {
  const { fields } = texts.value.admin.audit;
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${fields[name] ?? name}: ${valueText(name, value)}`)
    .join(', ');
}

function valueText(name: string, value: string | number | boolean | null): string {
  const { common } = texts.value;
  if (typeof value === 'boolean') return value ? common.yes.toLowerCase() : common.no.toLowerCase();
  if (typeof value !== 'string') return String(value);
  if (name === 'assurance') return (common.assuranceShort[value as Assurance] ?? value).toLowerCase();
  if (name === 'role') return (common.role[value as MeetingRole] ?? value).toLowerCase();
  if (name === 'purpose') return texts.value.admin.audit.values[value] ?? value;
  return shortId(value);
}
