/** What the browser remembers between visits. A private window may refuse storage; then nothing is remembered. */
export interface Remembered {
  name: string;
  cameraId: string;
  microphoneId: string;
  cameraOn: boolean;
  microphoneOn: boolean;
}

const KEY = 'meeting.choices';
const DEFAULTS: Remembered = { name: '', cameraId: '', microphoneId: '', cameraOn: true, microphoneOn: true };

export function recall(): Remembered {
  const found = { ...DEFAULTS };
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>;
    if (typeof stored.name === 'string') found.name = stored.name;
    if (typeof stored.cameraId === 'string') found.cameraId = stored.cameraId;
    if (typeof stored.microphoneId === 'string') found.microphoneId = stored.microphoneId;
    if (typeof stored.cameraOn === 'boolean') found.cameraOn = stored.cameraOn;
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
