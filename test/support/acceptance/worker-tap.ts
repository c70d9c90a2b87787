/**
 * The product's worker, and two things besides: what the encoder made before it is sealed is shown to the page, and so is every
 * key, as somebody would do who keeps all they were ever given.
 */
import '../../../src/client/e2ee/e2ee-worker.js';
import type { EpochKeys, PageMessage } from '../../../src/client/e2ee/worker-messages.js';

interface Frame {
  data: ArrayBuffer;
}

interface Transformer {
  readable: ReadableStream<Frame>;
  writable: WritableStream<Frame>;
  options: { side: string; source: string };
  sendKeyFrameRequest(): Promise<void>;
}

export type Shown = { frame: Uint8Array; source: string } | { epochs: EpochKeys[] };

const scope = self as unknown as {
  onmessage: (event: MessageEvent<PageMessage>) => void;
  onrtctransform: (event: { transformer: Transformer }) => void;
};
const { onmessage, onrtctransform } = scope;
const channel = new BroadcastChannel('shown');
const show = (shown: Shown): void => channel.postMessage(shown);

scope.onmessage = (event) => {
  if (event.data.type === 'keys') show({ epochs: event.data.epochs });
  onmessage(event);
};

scope.onrtctransform = ({ transformer }) => {
  const { options, readable, writable } = transformer;
  const tap = new TransformStream<Frame, Frame>({
    transform(frame, controller) {
      if (options.side === 'send')
        show({ frame: new Uint8Array(frame.data.slice(0)), source: options.source });
      controller.enqueue(frame);
    },
  });
  onrtctransform({
    transformer: {
      options,
      writable,
      readable: readable.pipeThrough(tap),
      sendKeyFrameRequest: () => transformer.sendKeyFrameRequest(),
    },
  });
};
