import { expect, it } from 'vitest';

import { safeLink } from '@/lib/safe-link';

it.each([['https://drive.google.com/file/d/1/view#page=3'], ['http://127.0.0.1:8080/drive/1']])(
  'lets the web address %s through',
  (link) => {
    expect(safeLink(link)).toBe(link);
  },
);

it.each([['javascript:alert(1)'], [' JaVaScRiPt:alert(1)'], ['data:text/html,x'], ['/relative'], ['']])(
  'refuses %j',
  (link) => {
    expect(safeLink(link)).toBeUndefined();
  },
);
