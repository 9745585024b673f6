import { useCallback, useLayoutEffect, useRef } from 'react';

/** A function that stays the same between renders and does what the newest one does, for what is drawn again only when its properties change. To be called from events. */
export function useStable<Given extends unknown[], Result>(
  newest: (...given: Given) => Result,
): (...given: Given) => Result {
  const current = useRef(newest);
  useLayoutEffect(() => {
    current.current = newest;
  });
  return useCallback((...given: Given) => current.current(...given), []);
}
