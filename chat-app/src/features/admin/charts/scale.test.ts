import { describe, expect, it } from 'vitest';

import { points, roundUp, sums } from '@/features/admin/charts/scale';

describe('the scale of a chart', () => {
  it('ends at a round number that holds the highest value', () => {
    expect([0, 0.0023, 0.42, 1, 9.6, 26, 1000].map(roundUp)).toEqual([1, 0.0025, 0.5, 1, 10, 50, 1000]);
  });

  it('adds up from what was before', () => {
    expect(sums([1, 2, 3], 4)).toEqual([5, 7, 10]);
  });

  it('writes points as SVG reads them', () => {
    expect(
      points([
        [0, 100],
        [3.14159, 2],
      ]),
    ).toBe('0.00,100.00 3.14,2.00');
  });
});
