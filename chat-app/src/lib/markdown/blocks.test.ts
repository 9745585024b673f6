import { describe, expect, it } from 'vitest';

import { parseBlocks } from '@/lib/markdown/blocks';

const paragraph = (text: string) => ({ kind: 'paragraph', text });

describe('parseBlocks', () => {
  it('cuts paragraphs at blank lines and keeps their line breaks', () => {
    expect(parseBlocks('one\ntwo\r\n\r\n\n three ')).toEqual([paragraph('one\ntwo'), paragraph('three')]);
  });

  it('reads headings of any level as one kind, without closing signs', () => {
    expect(parseBlocks('# A\n### B ##\n#no')).toEqual([
      { kind: 'heading', text: 'A' },
      { kind: 'heading', text: 'B' },
      paragraph('#no'),
    ]);
  });

  it('reads nested and loose lists, with the number a list starts at', () => {
    expect(parseBlocks('3. one\n   - a\n   - b\n\n4. two\n\n   more\nend')).toEqual([
      {
        kind: 'list',
        ordered: true,
        start: 3,
        items: [
          [
            paragraph('one'),
            { kind: 'list', ordered: false, start: 1, items: [[paragraph('a')], [paragraph('b')]] },
          ],
          [paragraph('two'), paragraph('more')],
        ],
      },
      paragraph('end'),
    ]);
  });

  it('does not take a year that begins a line of a paragraph for a list', () => {
    expect(parseBlocks('It was sold in\n2019. Nobody knows why.')).toEqual([
      paragraph('It was sold in\n2019. Nobody knows why.'),
    ]);
  });

  it('keeps code as it stands, also when its fence has not closed yet', () => {
    expect(parseBlocks('```sh\n- not a list\n\n**x**')).toEqual([
      { kind: 'code', text: '- not a list\n\n**x**' },
    ]);
  });

  it('reads tables, evens their rows and keeps escaped bars', () => {
    expect(parseBlocks('| a | b |\n|---|--:|\n| 1 \\| 2 |\n| 3 | 4 | 5 |')).toEqual([
      {
        kind: 'table',
        header: ['a', 'b'],
        align: ['start', 'end'],
        rows: [
          ['1 | 2', ''],
          ['3', '4'],
        ],
      },
    ]);
  });

  it('leaves bars without a delimiter line alone', () => {
    expect(parseBlocks('a | b\nc | d')).toEqual([paragraph('a | b\nc | d')]);
  });

  it('reads quotes and rules', () => {
    expect(parseBlocks('> a\n> - b\n\n---\n* * *')).toEqual([
      {
        kind: 'quote',
        blocks: [paragraph('a'), { kind: 'list', ordered: false, start: 1, items: [[paragraph('b')]] }],
      },
      { kind: 'rule' },
      { kind: 'rule' },
    ]);
  });

  it.each([['> '], ['- '], ['1. '], ['  - '], ['| '], ['`'], ['# '], ['* *'], ['\n- a\n\n']])(
    'takes 40,000 repetitions of %j without giving up',
    (piece) => {
      expect(parseBlocks(piece.repeat(40_000)).length).toBeGreaterThan(0);
    },
    5000,
  );
});
