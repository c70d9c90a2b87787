/** The product's worker, and a look at what the encoder made before it is sealed, and at what came before it is opened. */
import '../../../src/client/e2ee/e2ee-worker.js';

interface Frame {
  data: ArrayBuffer;
}

interface Transformer {
  readable: ReadableStream<Frame>;
  writable: WritableStream<Frame>;
  options: { side: string; source: string; peerId?: string };
  sendKeyFrameRequest(): Promise<void>;
}

const scope = self as unknown as {
  onrtctransform: (event: { transformer: Transformer }) => void;
};
const product = scope.onrtctransform;
const seen = new BroadcastChannel('frames');

scope.onrtctransform = ({ transformer }) => {
  const { options, writable } = transformer;
  const tap = new TransformStream<Frame, Frame>({
    transform(frame, controller) {
      seen.postMessage([options.source, options.peerId ?? null, new Uint8Array(frame.data.slice(0))]);
      controller.enqueue(frame);
    },
  });
  product({
    transformer: {
      options,
      writable,
      readable: transformer.readable.pipeThrough(tap),
      sendKeyFrameRequest: () => transformer.sendKeyFrameRequest(),
    },
  });
};
