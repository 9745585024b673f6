import { useEffect, useState } from 'react';

const SETTLED_MS = 180;

/** The value, once it has stayed the same for a moment: what is typed is not sent letter by letter. Empty comes at once. */
export function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(setSettled, value === '' ? 0 : SETTLED_MS, value);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  return value === '' ? '' : settled;
}
