import type { KeyboardEvent } from 'react';

/** Arrows walk over the rows as they stand, and open and close folders. */
export function moveAmongRows(event: KeyboardEvent<HTMLElement>) {
  const row = event.currentTarget;
  const rows = [...(row.closest('[data-tree]')?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
  const at = rows.indexOf(row);
  const rtl = getComputedStyle(row).direction === 'rtl';
  const opens = event.key === (rtl ? 'ArrowLeft' : 'ArrowRight');
  const closes = event.key === (rtl ? 'ArrowRight' : 'ArrowLeft');
  if (event.key === 'ArrowDown') rows[at + 1]?.focus();
  else if (event.key === 'ArrowUp') rows[at - 1]?.focus();
  else if (opens && row.getAttribute('aria-expanded') === 'false') row.click();
  else if (closes && row.getAttribute('aria-expanded') === 'true') row.click();
  else if (closes) row.closest('ul')?.closest('li')?.querySelector<HTMLElement>('[data-row]')?.focus();
  else return;
  event.preventDefault();
}
