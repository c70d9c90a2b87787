/**
 * The worker of encrypted media: an entry of its own for the bundler, with nothing imported at run time. One worker
 * serves all transforms of a page, so that one book of counters covers all that is sent.
 */
import { type EncodedFrame, Transformers } from './transformers.js';
import type { PageMessage, TransformOptions, WorkerMessage } from './worker-messages.js';

/** https://www.w3.org/TR/webrtc-encoded-transform/#RTCRtpScriptTransformer-interface */
interface ScriptTransformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: TransformOptions;
  sendKeyFrameRequest(): Promise<void>;
}

interface WorkerScope {
  onmessage: ((event: MessageEvent<PageMessage>) => void) | null;
  onrtctransform: ((event: { transformer: ScriptTransformer }) => void) | null;
  postMessage(message: WorkerMessage): void;
}

const scope = self as unknown as WorkerScope;

const transformers = new Transformers({
  tell: (message) => scope.postMessage(message),
  now: () => performance.now(),
});

scope.onmessage = ({ data }) => {
  if (data.type === 'keys') void transformers.update(data);
  else scope.postMessage({ type: 'alive' });
};

scope.onrtctransform = ({ transformer }) => {
  let transform: (frame: EncodedFrame) => Promise<void>;
  const through = new TransformStream<EncodedFrame, EncodedFrame>({
    start(controller) {
      transform = transformers.create(transformer.options, {
        pass(frame) {
          try {
            controller.enqueue(frame);
          } catch {
            // The stream ended while the frame was on its way.
          }
        },
        // Refused for sound, and when the stream has just ended.
        askForKeyFrame: () => void transformer.sendKeyFrameRequest().catch(() => {}),
      });
    },
    transform: (frame) => transform(frame),
  });
  // It ends with the track.
  transformer.readable
    .pipeThrough(through)
    .pipeTo(transformer.writable)
    .catch(() => {});
};
