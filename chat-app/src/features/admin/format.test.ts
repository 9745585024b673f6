import { describe, expect, it } from 'vitest';

import { duration, fileType, money, percent } from '@/features/admin/format';

describe('what administrators read', () => {
  it('shows small sums with the digits that matter', () => {
    expect([0, 0.0023, 9.6, 1234.5].map(money)).toEqual(['$0.00', '$0.0023', '$9.60', '$1,234.50']);
  });

  it('rounds a duration to what one can picture', () => {
    expect([1.5, 40, 185, 9000, 200_000].map(duration)).toEqual([
      '1.5 seconds',
      '40 seconds',
      '3 minutes',
      '2.5 hours',
      '2 days',
    ]);
  });

  it('keeps a digit of a small share', () => {
    expect([0, 0.014, 0.84].map(percent)).toEqual(['0%', '1.4%', '84%']);
  });

  it('calls types of files by their names', () => {
    expect(['application/pdf', 'text/csv', 'odd'].map(fileType)).toEqual(['PDF', 'CSV', 'odd']);
  });
});
