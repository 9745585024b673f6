/** What the page says, in the person's language. Catalogues are compiled by build/messages-plugin.js. */
import { setupI18n, type Messages } from '@lingui/core';

import { LANGUAGES, PSEUDO, type Language } from '@/config/languages';
import { readPreference } from '@/lib/preferences';
import type mainMessages from '@/messages/main/en.json';
import type adminMessages from '@/messages/admin/en.json';

export type MessageKey = keyof typeof mainMessages | keyof typeof adminMessages;
/** `main` is fetched with the first page; `admin` with the administrators' pages. */
export type Area = 'main' | 'admin';
type Values = Record<string, string | number>;

const catalogues = import.meta.glob<{ default: Messages }>('@/messages/*/*.json');
const i18n = setupI18n();
const areas = new Set<Area>(['main']);

/** The message of a key in the current language. A key that is missing is a defect that a test finds. */
export function t(key: MessageKey, values?: Values): string {
  return i18n._(key, values);
}

/** The current language, as Intl takes it. */
export const language = (): string => (i18n.locale === PSEUDO ? 'en' : i18n.locale || 'en');

/** The language to begin with: the chosen one, else the first of the browser's that there is, else English. */
export function preferredLanguage(): Language {
  const chosen = readPreference('language');
  if (chosen === PSEUDO) return PSEUDO;
  const wanted = [chosen, ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.flatMap((tag) => LANGUAGES.filter(({ id }) => id === tag))[0]?.id ?? 'en';
}

/** Fetches a language's catalogues and makes it the current one. Rejects if they cannot be fetched. */
export async function loadMessages(id: Language): Promise<void> {
  const found = await Promise.all([...areas].map((area) => fetchCatalogue(area, id)));
  const messages = Object.assign({}, ...found) as Messages;
  i18n.loadAndActivate({ locale: id, locales: id === PSEUDO ? 'en' : id, messages });
}

/** The same, and tells the document. */
export async function switchLanguage(id: Language): Promise<void> {
  await loadMessages(id);
  document.documentElement.lang = language();
  document.documentElement.dir = id === PSEUDO ? 'rtl' : 'ltr';
}

/** Adds an area's messages in the current language. Call it beside the import of the area's code. */
export async function loadArea(area: Area): Promise<void> {
  if (areas.has(area)) return;
  i18n.load(i18n.locale, await fetchCatalogue(area, i18n.locale as Language));
  areas.add(area);
}

async function fetchCatalogue(area: Area, id: Language): Promise<Messages> {
  const load = catalogues[`/src/messages/${area}/${id === PSEUDO ? 'en' : id}.json`];
  if (load === undefined) throw new Error(`no messages of ${area} in ${id}`);
  const { default: messages } = await load();
  return id === PSEUDO ? (await import('@/lib/pseudo-language')).pseudo(messages) : messages;
}

/** The language's id, for what must be told when it changes. */
export const currentLanguage = (): string => i18n.locale;

/** Calls back when the language has changed; returns what ends that. */
export const onLanguage = (notify: () => void): (() => void) => i18n.on('change', notify);
