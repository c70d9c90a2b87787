import { useEffect, useRef } from 'preact/hooks';

/** Plays one person's voice. `onBlocked` is called when the browser wants a click first. */
export function AudioView({ track, onBlocked }: { track: MediaStreamTrack; onBlocked: () => void }) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.srcObject = new MediaStream([track]);
    audio.play().catch((error: unknown) => {
      // A stream taken away before it plays ends in AbortError, which means nothing.
      if (error instanceof Error && error.name === 'NotAllowedError') onBlocked();
    });
    return () => {
      audio.srcObject = null;
    };
  }, [track]);
  return <audio ref={element} class="voice" />;
}
