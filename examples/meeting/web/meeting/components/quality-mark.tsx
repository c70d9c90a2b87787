import type { ConnectionQuality } from 'sluss/client';
import { qualityText } from '../model/connection-words.js';
import { texts } from '../../service/texts/texts.js';

/** 'unknown': measured, but nothing is received of the person. */
export type MarkedQuality = ConnectionQuality | 'unknown';

const BARS = { good: 3, fair: 2, poor: 1, lost: 0, unknown: 0 };

/** Three bars for a connection; the words are the button's name. Opens the details. */
export function QualityMark({
  name,
  quality,
  onOpen,
}: {
  name: string;
  quality: MarkedQuality;
  onOpen: () => void;
}) {
  const level = quality === 'unknown' ? quality : quality.level;
  const words = quality === 'unknown' ? texts.value.meeting.connection.unknown : qualityText(quality);
  const label = texts.value.meeting.connection.mark(name, words);
  const filled = BARS[level];
  return (
    <button type="button" class={`mark mark-${level}`} aria-label={label} title={label} onClick={onOpen}>
      <svg viewBox="0 0 16 14" width="16" height="14" aria-hidden="true" focusable="false">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            class={bar < filled ? 'bar' : 'bar bar-empty'}
            x={1 + bar * 5}
            y={9 - bar * 4}
            width="4"
            height={4 + bar * 4}
            rx="1"
          />
        ))}
        {level === 'lost' && <path class="bar-cross" d="M2 1l12 12M14 1L2 13" />}
      </svg>
    </button>
  );
}
