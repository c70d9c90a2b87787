import { texts } from '../../service/texts/texts.js';

/** `Anna, Bo och Cilla`; `someone` for whoever has left. */
export function namesOf(
  ids: readonly string[],
  people: readonly { id: string; name: string }[],
  someone: string,
): string {
  const names = ids.map((id) => people.find((person) => person.id === id)?.name ?? someone);
  const last = names.at(-1) ?? someone;
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} ${texts.value.common.and} ${last}`;
}
