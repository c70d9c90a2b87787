import { useRef } from 'preact/hooks';

/** Made at the first rendering, kept as long as the component lives. */
export function useConst<T>(make: () => T): T {
  const kept = useRef<{ value: T } | null>(null);
  kept.current ??= { value: make() };
  return kept.current.value;
}
