import type { DeviceChoice } from '../model/local-media.js';
import { texts } from '../texts.js';

interface Props {
  label: string;
  choices: readonly DeviceChoice[];
  /** '' is the system's default. */
  chosen: string;
  onChoose: (id: string) => void;
}

export function DeviceSelect({ label, choices, chosen, onChoose }: Props) {
  // Chromium lists the default as a device of its own, with the id 'default'.
  const named = choices.filter((choice) => choice.id !== 'default');
  return (
    <select aria-label={label} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">{texts.devices.defaultDevice}</option>
      {named.map((choice, index) => (
        <option key={choice.id} value={choice.id}>
          {choice.label === '' ? texts.devices.unnamed(label, index + 1) : choice.label}
        </option>
      ))}
    </select>
  );
}
