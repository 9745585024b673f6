import { describe, expect, it } from 'vitest';

import { adviceFor, ApiError, asProblem, problemOf } from '@/lib/problem';

describe('problemOf', () => {
  it('takes what the service says and trusts the status of the response', async () => {
    const body = JSON.stringify({ title: 'Too many', status: 200, detail: 'Wait.', request_id: 'r1' });
    expect(await problemOf(new Response(body, { status: 429 }))).toEqual({
      type: 'about:blank',
      title: 'Too many',
      status: 429,
      detail: 'Wait.',
      request_id: 'r1',
    });
  });

  it('makes something honest of a page of HTML', async () => {
    const problem = await problemOf(
      new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'x-request-id': 'r2' } }),
    );
    expect(problem).toMatchObject({ status: 502, title: 'The service had a problem', request_id: 'r2' });
  });
});

describe('asProblem', () => {
  it('unpacks a refusal and names a lost connection', () => {
    const problem = { type: 'about:blank', title: 'No', status: 403, detail: '', request_id: '' };
    expect(asProblem(new ApiError(problem))).toBe(problem);
    expect(asProblem(new TypeError('Failed to fetch')).status).toBe(0);
  });
});

describe('adviceFor', () => {
  it('has a sentence for every status', () => {
    for (const status of [400, 401, 403, 404, 409, 413, 422, 429, 500, 503]) {
      expect(adviceFor({ type: '', title: '', status, detail: '', request_id: '' })).toMatch(/\.$/);
    }
  });
});
