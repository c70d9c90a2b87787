/** What the query part of the link may set; meant for tests, for comparing codecs and for trying the relay. */
export interface PageOptions {
  /** `?codec=`: VP8 is sent as simulcast, the others as a single stream. Default VP8. */
  codec: VideoCodec;
  /** `?video=WIDTHxHEIGHT`: size asked of the camera, pixels. Default 1280x720. */
  width: number;
  height: number;
  /** `?fps=`: pictures per second asked of the camera. Default 30. */
  frameRate: number;
  /** `?relay`: media goes by a TURN server or not at all, which shows whether there is one that works. */
  iceTransportPolicy?: 'relay';
}

export type VideoCodec = 'VP8' | 'VP9' | 'H264' | 'AV1';

const CODECS: readonly VideoCodec[] = ['VP8', 'VP9', 'H264', 'AV1'];

export function parseOptions(search: string): PageOptions {
  const query = new URLSearchParams(search);
  const asked = query.get('codec')?.toUpperCase();
  const size = /^(\d{2,4})x(\d{2,4})$/.exec(query.get('video') ?? '');
  const fps = Number(query.get('fps'));
  return {
    codec: CODECS.find((codec) => codec === asked) ?? 'VP8',
    width: size === null ? 1280 : Number(size[1]),
    height: size === null ? 720 : Number(size[2]),
    frameRate: fps >= 1 && fps <= 60 ? fps : 30,
    ...(query.has('relay') ? { iceTransportPolicy: 'relay' } : {}),
  };
}
