import { DevicePanel } from '../../service/components/device-panel.js';
import { texts } from '../../service/texts/texts.js';
import type { LocalMedia } from '../model/local-media.js';
import type { Meeting } from '../model/meeting.js';
import type { View } from '../model/stage.js';
import { Panel } from './panel.js';

const VIEWS: readonly View[] = ['grid', 'speaker'];

export function SettingsPanel({ meeting, media }: { meeting: Meeting; media: LocalMedia }) {
  const { settings } = texts.value.meeting;
  return (
    <Panel name="settings" title={settings.heading} meeting={meeting}>
      <fieldset class="field choices">
        <legend>{settings.view}</legend>
        {VIEWS.map((view) => (
          <label key={view} class="choice">
            <input
              type="radio"
              name="view"
              checked={meeting.stage.view.value === view}
              onChange={() => meeting.stage.setView(view)}
            />
            <span class="choice-label">{settings[view]}</span>
          </label>
        ))}
      </fieldset>
      <DevicePanel media={media} />
    </Panel>
  );
}
