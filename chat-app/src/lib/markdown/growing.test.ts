import { describe, expect, it } from 'vitest';

import { parseBlocks } from '@/lib/markdown/blocks';
import { createBlockParser } from '@/lib/markdown/growing';

/** Pieces of which every kind of block, and every change of mind about one, can come. */
const PIECES = [
  'word',
  ' and',
  '\n',
  '\n\n',
  '\r\n',
  '- ',
  '-',
  '1. ',
  '7',
  '.',
  ' ',
  '    ',
  '\t',
  '> ',
  '```',
  '\n```\n',
  '| a | b |',
  '\n|---|--:|\n',
  '|',
  '# ',
  '***',
  ' [1]',
  '\uE000',
  '\uE001',
];

/** Numbers that look random and are the same every time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state >>> 8;
  }
}

const text = (from: Generator<number, never>, pieces: number) =>
  Array.from({ length: pieces }, () => PIECES[from.next().value % PIECES.length] ?? '').join('');

describe('createBlockParser', () => {
  it('reads a text that grows by single characters as it reads the whole', () => {
    const from = numbers(1);
    for (let round = 0; round < 30; round += 1) {
      const whole = text(from, 40);
      const parse = createBlockParser();
      for (let length = 1; length <= whole.length; length += 1) {
        const begun = whole.slice(0, length);
        expect(parse(begun), JSON.stringify(begun)).toEqual(parseBlocks(begun));
      }
    }
  });

  it('reads a text that is changed anywhere as it reads a new one', () => {
    const from = numbers(2);
    const parse = createBlockParser();
    let whole = '';
    for (let round = 0; round < 1500; round += 1) {
      const cut = from.next().value % (whole.length + 1);
      const end = cut + (from.next().value % 9);
      whole = (whole.slice(0, cut) + text(from, 4) + whole.slice(end)).slice(-300);
      expect(parse(whole), JSON.stringify(whole)).toEqual(parseBlocks(whole));
    }
  });

  it('gives back the very blocks, items and rows that a longer text leaves as they were', () => {
    const parse = createBlockParser();
    const before = parse('One.\n\nTwo.\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n| 3');
    const after = parse('One.\n\nTwo.\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nEnd');
    for (const at of [0, 1, 2]) expect(after[at]).toBe(before[at]);
    const [table, longer] = [before[3], after[3]];
    if (table?.kind !== 'table' || longer?.kind !== 'table') throw new Error('no table');
    expect(longer.rows[0]).toBe(table.rows[0]);
    expect(longer.header).toBe(table.header);
    expect(longer.rows[1]).toEqual(['3', '4']);
  });
});
