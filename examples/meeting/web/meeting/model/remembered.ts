/** What the browser remembers between visits. A private window may refuse storage; then nothing is remembered. */
export interface Remembered {
  cameraId: string;
  microphoneId: string;
  cameraOn: boolean;
  microphoneOn: boolean;
  /** How the meeting shows the people. */
  view: 'grid' | 'speaker';
}

const KEY = 'meeting.choices';
const DEFAULTS: Remembered = {
  cameraId: '',
  microphoneId: '',
  cameraOn: true,
  microphoneOn: true,
  view: 'grid',
};

export function recall(): Remembered {
  const found = { ...DEFAULTS };
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>;
    if (typeof stored.cameraId === 'string') found.cameraId = stored.cameraId;
    if (typeof stored.microphoneId === 'string') found.microphoneId = stored.microphoneId;
    if (typeof stored.cameraOn === 'boolean') found.cameraOn = stored.cameraOn;
    if (stored.view === 'speaker') found.view = stored.view;
    if (typeof stored.microphoneOn === 'boolean') found.microphoneOn = stored.microphoneOn;
  } catch {
    // Storage is refused or holds something else: the defaults do.
  }
  return found;
}

export function remember(choices: Partial<Remembered>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...recall(), ...choices }));
  } catch {
    // Storage is refused: nothing to do, the page works without.
  }
}
