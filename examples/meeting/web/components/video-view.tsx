import { useEffect, useRef } from 'preact/hooks';

interface Props {
  track: MediaStreamTrack;
  mirrored?: boolean;
  /** Called once per track, when its first picture is on the screen. */
  onFirstFrame?: () => void;
}

/** Shows one video track, without sound. */
export function VideoView({ track, mirrored = false, onFirstFrame }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = new MediaStream([track]);
    const handle = video.requestVideoFrameCallback(() => onFirstFrame?.());
    return () => {
      video.cancelVideoFrameCallback(handle);
      video.srcObject = null;
    };
  }, [track]);
  return <video ref={element} class={mirrored ? 'mirrored' : undefined} autoplay playsInline muted />;
}
