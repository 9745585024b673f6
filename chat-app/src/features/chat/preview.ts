/** Which source's quote floats at its number. One for the page; its popup's code is fetched when it is first wanted. */
import type { Source } from '@/lib/wire';

export interface Previewed {
  source: Source;
  /** The number it floats at. */
  anchor: HTMLElement;
}

const SHOW_AFTER_MS = 250;
const HIDE_AFTER_MS = 150;

let shown: Previewed | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function set(next: Previewed | undefined): void {
  clearTimeout(timer);
  if (next === shown) return;
  shown = next;
  for (const notify of listeners) notify();
}

/** Shows a preview: at once for the keyboard, after a moment for a pointer that may only pass by. */
export function showPreview(previewed: Previewed, by: 'focus' | 'pointer'): void {
  clearTimeout(timer);
  if (by === 'focus') set(previewed);
  else timer = setTimeout(set, SHOW_AFTER_MS, previewed);
}

/** Hides the preview; after a moment, so that a pointer can move onto it. */
export function hidePreview(when: 'now' | 'soon' = 'soon'): void {
  clearTimeout(timer);
  if (when === 'now') set(undefined);
  else timer = setTimeout(set, HIDE_AFTER_MS, undefined);
}

/** The pointer is on the preview itself: it stays. */
export function holdPreview(): void {
  clearTimeout(timer);
}

export const currentPreview = (): Previewed | undefined => shown;

export function onPreview(notify: () => void): () => void {
  listeners.add(notify);
  return () => {
    listeners.delete(notify);
  };
}
