/** Light, dark, or as the system says. public/early.js sets it before the first paint, from the same place. */
import { readPreference, writePreference } from '@/lib/preferences';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (value: string): value is Theme => THEMES.some((theme) => theme === value);

/** The theme that was chosen. */
export function readTheme(): Theme {
  const chosen = readPreference('theme');
  return isTheme(chosen) ? chosen : 'system';
}

/** Shows and keeps a theme. */
export function writeTheme(theme: Theme): void {
  writePreference('theme', theme === 'system' ? '' : theme);
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
