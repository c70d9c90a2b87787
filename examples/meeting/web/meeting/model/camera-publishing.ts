import { type RoomClient, simulcastEncodings } from 'sluss/client';
import { ENCRYPTED_CODECS } from 'sluss/client/e2ee';
import { singleEncoding } from './camera-encodings.js';
import type { Notices } from './notices.js';
import type { PageOptions, VideoCodec } from './options.js';
import { texts } from '../../service/texts/texts.js';

type PublishOptions = Parameters<RoomClient['publish']>[1];

/** How a camera track is sent: VP8 as simulcast, every other codec as one stream. */
export function publishOptions(
  track: MediaStreamTrack,
  page: PageOptions,
  notices: Notices,
  encrypted: boolean,
): PublishOptions {
  const { width = page.width, height = page.height } = track.getSettings();
  if (!canSend(page.codec) || (encrypted && !canEncrypt(page.codec))) {
    notices.problem(texts.peek().meeting.errors.codecMissing(page.codec));
    return { source: 'camera', encodings: singleEncoding(width, height) };
  }
  const encodings = page.codec === 'VP8' ? simulcastEncodings(width, height) : singleEncoding(width, height);
  return { source: 'camera', encodings, codec: `video/${page.codec}` };
}

function canSend(codec: VideoCodec): boolean {
  const { codecs } = RTCRtpSender.getCapabilities('video') ?? { codecs: [] };
  return codecs.some(({ mimeType }) => mimeType.toLowerCase() === `video/${codec.toLowerCase()}`);
}

function canEncrypt(codec: VideoCodec): boolean {
  return ENCRYPTED_CODECS.some((mimeType) => mimeType.toLowerCase() === `video/${codec.toLowerCase()}`);
}
