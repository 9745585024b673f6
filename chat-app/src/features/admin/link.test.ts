import { describe, expect, it } from 'vitest';

import { idInLink } from '@/features/admin/link';

const ID = '1-uGqJAzPO-kK-YbxlFz1X4MSfKLC64s3';

describe('an address of Drive', () => {
  it.each([
    `https://drive.google.com/drive/folders/${ID}`,
    `https://drive.google.com/drive/u/1/folders/${ID}?usp=sharing`,
    `https://docs.google.com/document/d/${ID}/edit#heading=h.1`,
    `https://drive.google.com/open?id=${ID}`,
    ` ${ID} `,
  ])('holds its id: %s', (text) => {
    expect(idInLink(text)).toBe(ID);
  });

  it.each(['', 'a handbook', 'https://example.com/', 'https://drive.google.com/drive/my-drive'])(
    'holds none: %s',
    (text) => {
      expect(idInLink(text)).toBe('');
    },
  );
});
