/** The product's worker, and a look at what the encoder made before it is sealed. */
import '../../../src/client/e2ee/e2ee-worker.js';

interface Frame {
  data: ArrayBuffer;
}

interface Transformer {
  readable: ReadableStream<Frame>;
  writable: WritableStream<Frame>;
  options: { side: string; source: string };
  sendKeyFrameRequest(): Promise<void>;
}

const scope = self as unknown as {
  onrtctransform: (event: { transformer: Transformer }) => void;
};
const product = scope.onrtctransform;
const seen = new BroadcastChannel('encoder');

scope.onrtctransform = ({ transformer }) => {
  const { options, writable } = transformer;
  const tap = new TransformStream<Frame, Frame>({
    transform(frame, controller) {
      if (options.side === 'send') seen.postMessage([options.source, new Uint8Array(frame.data.slice(0))]);
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
