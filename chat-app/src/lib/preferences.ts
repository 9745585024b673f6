/** What a person chose for this browser. Nothing about them and nothing they ask is ever kept here. */

const NAMES = { theme: 'docent.theme', language: 'docent.language' } as const;

type Preference = keyof typeof NAMES;

/** The choice, or an empty text. Where storage is refused (some private windows) nothing was ever chosen. */
export function readPreference(name: Preference): string {
  try {
    return localStorage.getItem(NAMES[name]) ?? '';
  } catch {
    return '';
  }
}

/** Keeps a choice; an empty text takes it back. */
export function writePreference(name: Preference, value: string): void {
  try {
    if (value === '') localStorage.removeItem(NAMES[name]);
    else localStorage.setItem(NAMES[name], value);
  } catch {
    // Refused storage costs only that the choice is made again after a reload.
  }
}
