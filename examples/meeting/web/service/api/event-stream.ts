/** How a stream of events stands: `refused` is final, the server does not want to send any. */
export type StreamState = 'connecting' | 'live' | 'lost' | 'refused';

export interface StreamHandlers {
  /** By the event's name; the data is parsed JSON. */
  onEvent: (name: string, data: unknown) => void;
  onState: (state: StreamState) => void;
}

/**
 * Events from the server (text/event-stream). The browser itself connects again after a break; a refusal (an answer other
 * than 200) ends it. Returns the function that ends it.
 */
export function openEventStream(
  path: string,
  names: readonly string[],
  { onEvent, onState }: StreamHandlers,
): () => void {
  const source = new EventSource(path);
  onState('connecting');
  source.addEventListener('open', () => onState('live'));
  source.addEventListener('error', () =>
    onState(source.readyState === EventSource.CLOSED ? 'refused' : 'lost'),
  );
  for (const name of names) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      const parsed = parse(data);
      if (parsed !== undefined) onEvent(name, parsed);
    });
  }
  return () => source.close();
}

/** Something that is no JSON is not ours: a proxy's page, say. */
function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}
