import type { CaptureDevice } from '../model/capture-device.js';
import { texts } from '../texts.js';
import { CameraOffIcon } from './icons.js';
import { VideoView } from './video-view.js';

/** What the others will see, as in a mirror. */
export function Preview({ camera }: { camera: CaptureDevice }) {
  const track = camera.track.value;
  return (
    <section class="preview" aria-label={texts.join.previewLabel}>
      {track === null ? (
        <p class="preview-off">
          <CameraOffIcon />
          {camera.state.value === 'starting' ? texts.join.previewStarting : texts.join.previewOff}
        </p>
      ) : (
        <VideoView track={track} mirrored />
      )}
    </section>
  );
}
