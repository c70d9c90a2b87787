/** Sounds made by the page itself: nothing is fetched. Each resolves when it has sounded; false: the browser held it back. */

/** Two soft tones: something has happened. */
export function chime(): Promise<boolean> {
  return play([
    { frequency: 660, start: 0, seconds: 0.18 },
    { frequency: 880, start: 0.16, seconds: 0.32 },
  ]);
}

/** A long tone for trying the loudspeaker, on the chosen output where the browser lets one choose. */
export function testTone(outputId: string): Promise<boolean> {
  return play([{ frequency: 440, start: 0, seconds: 1.2 }], outputId);
}

interface Tone {
  frequency: number;
  start: number;
  seconds: number;
}

async function play(tones: readonly Tone[], outputId = ''): Promise<boolean> {
  const context = new AudioContext();
  try {
    const choosing = context as AudioContext & { setSinkId?: (id: string) => Promise<void> };
    if (outputId !== '') await choosing.setSinkId?.(outputId);
    // Pending for ever while the browser waits for a click: that is not waited for.
    void context.resume().catch(() => undefined);
    if (context.state !== 'running') await changed(context);
    if (context.state !== 'running') return false;
    await Promise.all(tones.map((tone) => sound(context, tone)));
    return true;
  } catch {
    return false;
  } finally {
    void context.close();
  }
}

const RESUME_LIMIT_MS = 500;

function changed(context: AudioContext): Promise<void> {
  return new Promise((resolve) => {
    context.addEventListener('statechange', () => resolve(), { once: true });
    setTimeout(resolve, RESUME_LIMIT_MS);
  });
}

function sound(context: AudioContext, { frequency, start, seconds }: Tone): Promise<void> {
  const oscillator = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  oscillator.connect(gain).connect(context.destination);
  const from = context.currentTime + start;
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(0.2, from + 0.02);
  gain.gain.setValueAtTime(0.2, from + seconds - 0.1);
  gain.gain.linearRampToValueAtTime(0, from + seconds);
  return new Promise((resolve) => {
    oscillator.addEventListener('ended', () => resolve());
    oscillator.start(from);
    oscillator.stop(from + seconds);
  });
}
