import { describe, expect, it } from 'vitest';

import { parseInline, type Inline } from '@/lib/markdown/inline';

const text = (value: string): Inline => ({ kind: 'text', text: value });

describe('parseInline', () => {
  it('reads strong, emphasis and code, one in the other', () => {
    expect(parseInline('a **b *c*** `d*`')).toEqual([
      text('a '),
      { kind: 'strong', children: [text('b '), { kind: 'emphasis', children: [text('c')] }] },
      text(' '),
      { kind: 'code', text: 'd*' },
    ]);
  });

  it.each([['2 * 3 * 4'], ['snake_case_name'], ['**open'], ['`open'], ['a*'], ['* a*'], ['__']])(
    'leaves %j as it is',
    (typed) => {
      expect(parseInline(typed)).toEqual([text(typed)]);
    },
  );

  it('takes a backslash off the sign it protects', () => {
    expect(parseInline('\\*a\\* \\[1\\] c:\\dir')).toEqual([text('*a* [1] c:\\dir')]);
  });

  it('reads citations alone, in a row and in one pair of brackets', () => {
    expect(parseInline('a [1][2], [3, 4;5]')).toEqual([
      text('a '),
      { kind: 'citation', numbers: [1] },
      { kind: 'citation', numbers: [2] },
      text(', '),
      { kind: 'citation', numbers: [3, 4, 5] },
    ]);
  });

  it.each([['[1234]'], ['[]'], ['[a1]'], ['[1'], ['[^1]'], ['[1,]']])(
    'does not take %j for a citation',
    (typed) => {
      expect(parseInline(typed)).toEqual([text(typed)]);
    },
  );

  it('keeps links, images and HTML as the text they are', () => {
    const typed = '<b>x</b> ![p](https://evil.example/p.png) [go](javascript:alert)';
    expect(parseInline(typed)).toEqual([text(typed)]);
  });

  it('holds back half a citation and closes what is open while text streams in', () => {
    expect(parseInline('due **30 da', true)).toEqual([
      text('due '),
      { kind: 'strong', children: [text('30 da')] },
    ]);
    expect(parseInline('due [1, ', true)).toEqual([text('due ')]);
  });

  it.each([['*a '], ['**a'], ['_a_b'], ['`'], ['[1,'], ['**_'], ['*a **b ']])(
    'takes 40,000 repetitions of %j without giving up',
    (piece) => {
      expect(parseInline(piece.repeat(40_000)).length).toBeGreaterThan(0);
    },
    5000,
  );
});
