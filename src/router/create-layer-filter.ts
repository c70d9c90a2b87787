import { DependencyFilter } from './dependency-filter.js';
import { type LayerFilter } from './layer-filter.js';
import { PassThroughFilter } from './pass-through-filter.js';
import { TemporalFilter } from './temporal-filter.js';
import { Vp9Filter } from './vp9-filter.js';

/**
 * The filter for one receiver of a stream.
 * @param mimeType such as `video/VP9` (case-insensitive)
 * @param hasDependencyDescriptor its sender negotiated the header extension; whether it sends it shows with its packets
 */
export function createLayerFilter(mimeType: string, hasDependencyDescriptor: boolean): LayerFilter {
  const filter = createCodecFilter(mimeType);
  return hasDependencyDescriptor ? new DependencyFilter(filter) : filter;
}

function createCodecFilter(mimeType: string): LayerFilter {
  switch (mimeType.toLowerCase()) {
    case 'video/vp8':
    case 'video/h264':
    case 'video/av1':
      return new TemporalFilter();
    case 'video/vp9':
      return new Vp9Filter();
    default:
      return new PassThroughFilter();
  }
}
