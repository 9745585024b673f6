/** What jsdom lacks of a browser, as little of it as the app touches. */
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';

import { switchLanguage } from '@/lib/messages';

// Parts of the page are fetched when first needed, which takes its time on a busy machine.
configure({ asyncUtilTimeout: 30_000 });

/** The widths a media query in this app asks for; tests set it through `setWindowWidth`. */
let windowWidth = 1280;

export function setWindowWidth(width: number): void {
  windowWidth = width;
}

function matches(query: string): boolean {
  const least = /min-width: (\d+)rem/.exec(query)?.[1];
  return least !== undefined && windowWidth >= Number(least) * 16;
}

await switchLanguage('en');

beforeEach(() => {
  history.replaceState(null, '', '/');
  windowWidth = 1280;
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: matches(query),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  Element.prototype.scrollIntoView = () => undefined;
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  sessionStorage.clear();
  localStorage.clear();
});
