import { describe, expect, it } from 'vitest';

import { idFor } from '@/features/admin/collections/add-collection';

describe('the id of a new collection', () => {
  it('is the name in letters an id may have', () => {
    expect(idFor('Café & Sales 2025', [])).toBe('cafe-sales-2025');
    expect(idFor('営業', [])).toBe('collection');
  });

  it('is never one that is taken', () => {
    expect(idFor('Sales', ['sales', 'sales-2'])).toBe('sales-3');
    expect(idFor('!!', ['collection'])).toBe('collection-2');
  });
});
