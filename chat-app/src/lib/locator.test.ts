import { describe, expect, it } from 'vitest';

import { describeLocator, samePlace } from '@/lib/locator';
import type { Locator } from '@/lib/wire';

const nowhere: Locator = { page: null, slide: null, sheet: null, range: null, heading: null, part: null };

describe('describeLocator', () => {
  it.each<[Partial<Locator>, string]>([
    [{ page: 3 }, 'Page 3'],
    [{ slide: 4 }, 'Slide 4'],
    [{ sheet: 'Kettles', range: 'B2:D9' }, 'Sheet “Kettles”, B2:D9'],
    [{ range: 'A1:C3' }, 'Cells A1:C3'],
    [{ page: 3, heading: 'Travel > Hotels' }, 'Page 3 · “Travel › Hotels”'],
    [{ part: 'body' }, 'Part “body”'],
    [{}, ''],
  ])('says %j in words', (locator, words) => {
    expect(describeLocator({ ...nowhere, ...locator })).toBe(words);
  });
});

describe('samePlace', () => {
  it('holds for two ranges of one sheet and not for two pages', () => {
    expect(samePlace({ ...nowhere, sheet: 'A', range: 'A1' }, { ...nowhere, sheet: 'A', range: 'B1' })).toBe(
      true,
    );
    expect(samePlace({ ...nowhere, page: 1 }, { ...nowhere, page: 2 })).toBe(false);
  });
});
