import { useEffect, useEffectEvent } from 'react';

interface Shortcuts {
  onSlash: () => void;
  /** Called for Escape that nothing nearer (a menu, a sheet) has taken. */
  onEscape: () => void;
}

const OVERLAYS = '[role="menu"], [role="listbox"], [role="dialog"]';

/** The page's keys: `/` and Escape, from wherever the focus is. */
export function useShortcuts({ onSlash, onEscape }: Shortcuts): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector(OVERLAYS) !== null) return;
    if (event.key === 'Escape') onEscape();
    if (event.key === '/' && !isTyping(event.target)) {
      event.preventDefault();
      onSlash();
    }
  });

  useEffect(() => {
    // Capture: asked before a menu that Escape closes has gone from the page.
    addEventListener('keydown', onKeyDown, { capture: true });
    return () => {
      removeEventListener('keydown', onKeyDown, { capture: true });
    };
  }, []);
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:input|textarea|select)$/i.test(target.tagName));
