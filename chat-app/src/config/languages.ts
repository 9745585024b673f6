/** The languages the page speaks, by their own names. A language is a file in every folder of src/messages. */
export const LANGUAGES = [
  { id: 'en', name: 'English' },
  { id: 'de', name: 'Deutsch' },
  { id: 'es', name: 'Español' },
  { id: 'ja', name: '日本語' },
] as const;

/** English marked and written from right to left: offered by no menu, set by tests and translators. */
export const PSEUDO = 'xb';

export type Language = (typeof LANGUAGES)[number]['id'] | typeof PSEUDO;
