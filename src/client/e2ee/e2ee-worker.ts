/**
 * The worker of encrypted media: an entry of its own for the bundler, with nothing imported at run time. One worker
 * serves all transforms of a page, so that one book of counters covers all that is sent.
 */
import { type EncodedFrame, Transformers } from './transformers.js';
import type { KeysMessage, TransformOptions, WorkerMessage } from './worker-messages.js';

/** https://www.w3.org/TR/webrtc-encoded-transform/#RTCRtpScriptTransformer-interface */
interface ScriptTransformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: TransformOptions;
  sendKeyFrameRequest(): Promise<void>;
}

interface WorkerScope {
  onmessage: ((event: MessageEvent<KeysMessage>) => void) | null;
  onrtctransform: ((event: { transformer: ScriptTransformer }) => void) | null;
  postMessage(message: WorkerMessage): void;
}

const scope = self as unknown as WorkerScope;

const transformers = new Transformers({
  tell: (message) => scope.postMessage(message),
  now: () => performance.now(),
});

scope.onmessage = ({ data }) => transformers.update(data);

scope.onrtctransform = ({ transformer }) => {
  const pass = transformers.create(transformer.options, () => {
    // Refused for sound, and when the stream has just ended.
    transformer.sendKeyFrameRequest().catch(() => {});
  });
  const through = new TransformStream<EncodedFrame, EncodedFrame>({
    async transform(frame, controller) {
      if (await pass(frame)) controller.enqueue(frame);
    },
  });
  // It ends with the track.
  transformer.readable
    .pipeThrough(through)
    .pipeTo(transformer.writable)
    .catch(() => {});
};
