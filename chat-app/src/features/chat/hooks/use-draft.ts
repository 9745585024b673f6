import { useCallback, useState } from 'react';

const KEY = 'docent.draft';

/**
 * What the person is typing. It outlives a reload and a new sign-in in the same tab, and goes with the tab.
 * Where storage is refused (some private windows), it lives as long as the page.
 */
export function useDraft(): [string, (text: string) => void] {
  const [draft, setDraft] = useState(read);
  const keep = useCallback((text: string) => {
    setDraft(text);
    write(text);
  }, []);
  return [draft, keep];
}

function read(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

function write(text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, text);
  } catch {
    // Refused storage costs only the draft's survival of a reload.
  }
}
