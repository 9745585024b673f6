import { expect, it } from 'vitest';

import { findQuote } from '@/features/sources/find-quote';

const TEXT = 'Hotels (Porto):\n140 EUR per\nnight. More $ at 9.50?';

const cut = (quote: string) => {
  const found = findQuote(TEXT, quote);
  return found && TEXT.slice(...found);
};

it('finds a quote as it stands, signs and all', () => {
  expect(cut('More $ at 9.50?')).toBe('More $ at 9.50?');
});

it('finds a quote whose white space differs', () => {
  expect(cut('(Porto): 140  EUR per night.')).toBe('(Porto):\n140 EUR per\nnight.');
});

it('finds a quote that was cut with an ellipsis', () => {
  expect(cut('… 140 EUR per night...')).toBe('140 EUR per\nnight');
});

it('says so when the quote is not there', () => {
  expect(cut('London')).toBeUndefined();
  expect(cut(' … ')).toBeUndefined();
});
