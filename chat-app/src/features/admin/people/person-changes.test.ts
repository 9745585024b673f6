import { describe, expect, it } from 'vitest';

import type { Someone } from '@/features/admin/people/get-people';
import { changesOf, formOf, isChanged, wrongLimits } from '@/features/admin/people/person-changes';

const BOB: Someone = {
  subject: '2',
  email: 'bob@example.com',
  name: 'Bob',
  role: 'user',
  tier: 'standard',
  signed_in_at: '2026-11-30T08:00:00Z',
  erasing: false,
  spending: {
    subject: '2',
    questions: 3,
    today_dollars: 0,
    month_dollars: 0.1,
    limits: { minute: 3, hour: null, day: null, budget_dollars: 1.5 },
  },
};

describe('the form about a person', () => {
  it('sends nothing when nothing was changed', () => {
    expect(isChanged(changesOf(BOB, formOf(BOB)))).toBe(false);
  });

  it('sends what is another, and takes an emptied limit back', () => {
    const form = formOf(BOB);
    const changed = { ...form, role: 'admin' as const, limits: { ...form.limits, minute: '', day: '40' } };
    expect(changesOf(BOB, changed)).toEqual({ standing: { role: 'admin' }, limits: { minute: 0, day: 40 } });
  });

  it.each(['0', '-1', '1.5', 'many', '1000001'])('refuses %s questions', (text) => {
    const form = formOf(BOB);
    expect(wrongLimits({ ...form, limits: { ...form.limits, hour: text } })).toEqual(['hour']);
  });

  it('takes part of a dollar', () => {
    const form = formOf(BOB);
    expect(wrongLimits({ ...form, limits: { ...form.limits, budget_dollars: '0.25' } })).toEqual([]);
  });
});
