import { afterEach, describe, expect, it, vi } from 'vitest';

import { send } from '@/lib/api-client';
import { ApiError } from '@/lib/problem';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A service whose session has run out; a renewal works if `renewable`. */
function serviceWithExpiredSession({ renewable }: { renewable: boolean }) {
  const paths: string[] = [];
  let signedIn = false;
  vi.stubGlobal('fetch', (path: string) => {
    paths.push(path);
    if (path === '/auth/refresh') {
      signedIn = renewable;
      return Promise.resolve(new Response(null, { status: renewable ? 204 : 401 }));
    }
    return Promise.resolve(new Response('{}', { status: signedIn ? 200 : 401 }));
  });
  return paths;
}

describe('send', () => {
  it('renews a session that has run out, and sends again', async () => {
    const paths = serviceWithExpiredSession({ renewable: true });
    const response = await send('/collections');
    expect(response.status).toBe(200);
    expect(paths).toEqual(['/collections', '/auth/refresh', '/collections']);
  });

  it('renews once for requests that run out together', async () => {
    const paths = serviceWithExpiredSession({ renewable: true });
    await Promise.all([send('/collections'), send('/auth/user'), send('/files/a/passages')]);
    expect(paths.filter((path) => path === '/auth/refresh')).toHaveLength(1);
  });

  it('gives up after one renewal that is refused', async () => {
    const paths = serviceWithExpiredSession({ renewable: false });
    await expect(send('/collections')).rejects.toBeInstanceOf(ApiError);
    expect(paths).toEqual(['/collections', '/auth/refresh']);
  });
});
