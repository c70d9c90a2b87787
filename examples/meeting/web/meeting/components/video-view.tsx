import { useEffect, useRef } from 'preact/hooks';

interface Props {
  track: MediaStreamTrack;
  mirrored?: boolean;
  /** Not seen, but with its place and size kept. */
  covered?: boolean;
  /** Called once per track, when its first picture is on the screen. */
  onFirstFrame?: () => void;
  /** Called with the size on the screen, in its own pixels, whenever it changes; 0 while out of sight. */
  onSize?: (width: number, height: number) => void;
}

/** Shows one video track, without sound. */
export function VideoView({ track, mirrored = false, covered = false, onFirstFrame, onSize }: Props) {
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
  useEffect(() => {
    const video = element.current;
    return video === null || onSize === undefined ? undefined : watchSize(video, onSize);
  }, [track]);
  const classes = [mirrored && 'mirrored', covered && 'covered'].filter(Boolean).join(' ');
  return <video ref={element} class={classes || undefined} autoplay playsInline muted />;
}

function watchSize(video: HTMLVideoElement, onSize: (width: number, height: number) => void): () => void {
  let visible = true;
  const tell = (): void => {
    const scale = visible ? devicePixelRatio : 0;
    onSize(Math.round(video.clientWidth * scale), Math.round(video.clientHeight * scale));
  };
  const resized = new ResizeObserver(tell);
  const scrolled = new IntersectionObserver((entries) => {
    visible = entries[entries.length - 1].isIntersecting;
    tell();
  });
  resized.observe(video);
  scrolled.observe(video);
  return () => {
    resized.disconnect();
    scrolled.disconnect();
    onSize(0, 0);
  };
}
