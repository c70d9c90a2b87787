import { isRed } from '../../rtp/codecs/red.js';

/** RED behind all others, which keep their order: endpoints prefer what comes first. */
export function redLast<Codec extends { mimeType: string }>(codecs: Codec[]): Codec[] {
  return [...codecs.filter((codec) => !isRed(codec)), ...codecs.filter(isRed)];
}

/**
 * What RED repeats has a payload type of its own, under which receivers without RED get it (RFC 2198 section 4).
 *
 * @throws {TypeError} RED without Opus.
 */
export function checkRedHasContent(codecs: { mimeType: string; payloadType: number }[]): void {
  const red = codecs.find(isRed);
  if (red && !codecs.some(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus')) {
    throw new TypeError(
      `missing media codec for RED payload type ${red.payloadType}: expected audio/opus in params.codecs beside it`,
    );
  }
}
