import { instant } from '../http/shape.js';
import type { Period } from '../store/store.js';

/** `?from=&to=`, ISO 8601; either may be left out. */
export function periodOf(query: URLSearchParams): Period {
  const period: Period = {};
  const from = query.get('from');
  const to = query.get('to');
  if (from !== null && from !== '') period.from = instant(from, 'from');
  if (to !== null && to !== '') period.to = instant(to, 'to');
  return period;
}
