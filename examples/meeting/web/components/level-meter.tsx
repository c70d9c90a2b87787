import { useEffect, useRef } from 'preact/hooks';
import { watchLevel } from '../model/level.js';
import { texts } from '../texts.js';

/** Shows that the microphone hears something. Written to the element directly: fifteen times a second is no render. */
export function LevelMeter({ track }: { track: MediaStreamTrack | null }) {
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    const element = meter.current;
    if (element === null || track === null) return;
    const stop = watchLevel(track, (level) => (element.value = level));
    return () => {
      stop();
      element.value = 0;
    };
  }, [track]);
  return <meter ref={meter} class="level" min={0} max={1} aria-label={texts.join.levelLabel} />;
}
