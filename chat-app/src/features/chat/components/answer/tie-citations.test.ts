import { expect, it } from 'vitest';

import { tieCitations } from '@/features/chat/components/answer/tie-citations';
import { parseInline } from '@/lib/markdown/inline';

const tie = (text: string) => tieCitations(parseInline(text), (n) => n <= 3);

it('ties a number to its word and to the punctuation after it', () => {
  expect(tie('It is 27 days [1]. Next')).toEqual([
    { kind: 'text', text: 'It is 27 ' },
    { kind: 'tied', word: 'days', numbers: [1], tail: '.' },
    { kind: 'text', text: ' Next' },
  ]);
});

it('puts neighbouring numbers in one row', () => {
  expect(tie('so [1] [2][3], yes')).toEqual([
    { kind: 'tied', word: 'so', numbers: [1, 2, 3], tail: ',' },
    { kind: 'text', text: ' yes' },
  ]);
});

it('keeps the space after a number that a word follows', () => {
  expect(tie('a [1] b')).toEqual([
    { kind: 'tied', word: 'a', numbers: [1], tail: '' },
    { kind: 'text', text: ' b' },
  ]);
});

it('leaves numbers without a source as text', () => {
  expect(tie('a [9] b [1, 9]')).toEqual([
    { kind: 'text', text: 'a [9] ' },
    { kind: 'tied', word: 'b', numbers: [1], tail: '' },
    { kind: 'text', text: '[9]' },
  ]);
});

it('does not tie a word too long for a narrow line', () => {
  const word = 'x'.repeat(60);
  expect(tie(`${word} [1]`)).toEqual([
    { kind: 'text', text: word },
    { kind: 'tied', word: '', numbers: [1], tail: '' },
  ]);
});
